import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ProblemKind } from './problems.ts';

/** The requests that are being answered, each known by its connection, so that nothing is said out of turn on one. */
export type Conversations = {
  take: RequestListener;
  /** Answers what never became a request, after the answers that are still due on the connection, and closes it. */
  refuse: (socket: Socket, kind: ProblemKind, detail: string) => void;
  /** Whether a request that was taken in waits for its answer there. */
  isBusy: (socket: Socket) => boolean;
  /** From now on each answer is its connection's last. Resolves when every request that was taken in is answered. */
  end: () => Promise<void>;
  /** Ends the wait of `end`. */
  abandon: () => void;
};

type Exchange = { request: IncomingMessage; response: ServerResponse };

/** How long a refused caller may go on sending: closed at once, its own unread bytes would reset the connection before it reads. */
const lingerMilliseconds = 1_000;

export function openConversations(
  handle: RequestListener,
  answer: (kind: ProblemKind, detail: string) => Buffer,
): Conversations {
  const underWay = new Map<ServerResponse, Exchange>();
  const last = new WeakMap<Socket, Exchange>();
  const refused = new WeakSet<Socket>();
  let ending = false;
  let ended = () => {};

  const dueOn = (socket: Socket) => [...underWay.values()].filter(({ request }) => request.socket === socket);

  return {
    take(request, response) {
      const exchange = { request, response };
      underWay.set(response, exchange);
      last.set(request.socket, exchange);
      if (ending) response.setHeader('Connection', 'close');
      response.once('close', () => {
        underWay.delete(response);
        if (ending && underWay.size === 0) ended();
      });
      handle(request, response);
    },
    refuse(socket, kind, detail) {
      if (refused.has(socket)) return;
      refused.add(socket);
      // After CONNECT nobody else listens, and an error that nobody hears ends the process.
      socket.on('error', () => socket.destroy());
      const broken = last.get(socket);
      const inItsBody = broken !== undefined && !broken.request.complete;
      const due = dueOn(socket).filter((exchange) => !(inItsBody && exchange === broken));
      // A request whose body broke off may have its answer already: a second one would belong to nothing.
      const answered = inItsBody && broken.response.headersSent;
      void Promise.all(due.map(({ response }) => closed(response))).then(() => {
        if (answered || !socket.writable) socket.destroy();
        else sayLast(socket, answer(kind, detail));
      });
    },
    isBusy: (socket) => dueOn(socket).length > 0,
    end() {
      ending = true;
      for (const { response } of underWay.values())
        if (!response.headersSent) response.setHeader('Connection', 'close');
      if (underWay.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        ended = resolve;
      });
    },
    abandon: () => ended(),
  };
}

function sayLast(socket: Socket, bytes: Buffer): void {
  const patience = setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
  socket.once('close', () => clearTimeout(patience));
  socket.end(bytes);
}

const closed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.closed) resolve();
    else response.once('close', () => resolve());
  });
