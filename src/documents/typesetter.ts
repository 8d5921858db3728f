import { Worker } from 'node:worker_threads';

/** A template of `templates/`, the JSON data that it is filled with, and the token that the file carries. */
export type Sheet = { template: 'certificate' | 'receipt'; token: string; data: object };

/** What the thread is asked. */
export type TypesetRequest = { id: number; sheet: Sheet };

/** What the thread answers: `fault` tells what went wrong without any of the data. */
export type Typeset = { id: number; pdf: Uint8Array<ArrayBuffer> } | { id: number; fault: string };

/** More documents are waiting than the typesetter takes: try again later. */
export class TypesetterBusy extends Error {
  constructor() {
    super('too many documents are waiting to be typeset');
  }
}

export type Typesetter = AsyncDisposable & {
  /** Rejects with TypesetterBusy where too many wait, with another Error where the sheet can't be set. */
  typeset: (sheet: Sheet) => Promise<Uint8Array>;
  /** Finishes what was taken in, and ends the thread. */
  close: () => Promise<void>;
};

type Waiting = PromiseWithResolvers<Uint8Array>;

/**
 * Typesets in a thread of its own, one document after another: each holds its thread for 4 to 40 ms, in which the
 * gateway's event loop would answer nobody. A thread that dies fails what it had, and the next document starts another.
 */
export function openTypesetter({ waitingLimit = 64 } = {}): Typesetter {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let closed = false;
  let worker: Worker | undefined = start();

  function start(): Worker {
    // Without the options of this process: a test runner's or debugger's are not for the thread.
    const started = new Worker(new URL('./typesetter-thread.ts', import.meta.url), { execArgv: [] });
    started.on('message', settle);
    started.on('error', (error) => end(started, error));
    started.on('exit', () => end(started, new Error('the typesetting thread ended')));
    return started;
  }

  function settle(answer: Typeset): void {
    const { resolve, reject } = waiting.get(answer.id) ?? {};
    waiting.delete(answer.id);
    if ('pdf' in answer) resolve?.(answer.pdf);
    else reject?.(new Error(`the document could not be typeset: ${answer.fault}`));
  }

  function end(ended: Worker, error: Error): void {
    if (worker !== ended) return;
    worker = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  async function typeset(sheet: Sheet): Promise<Uint8Array> {
    if (closed) throw new Error('the typesetter is closed');
    if (waiting.size >= waitingLimit) throw new TypesetterBusy();
    worker ??= start();
    lastId += 1;
    // Before it is counted among those that wait: what can't be handed over throws here.
    worker.postMessage({ id: lastId, sheet } satisfies TypesetRequest);
    const document = Promise.withResolvers<Uint8Array>();
    waiting.set(lastId, document);
    return document.promise;
  }

  async function close(): Promise<void> {
    closed = true;
    await Promise.allSettled([...waiting.values()].map(({ promise }) => promise));
    await worker?.terminate();
  }

  return { typeset, close, [Symbol.asyncDispose]: close };
}
