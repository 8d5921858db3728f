import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Cut, cutText } from './points.ts';

/** One gateway process, as the test drives it. Disposing kills it, whatever state it is in. */
export type GatewayProcess = AsyncDisposable & {
  pid: number;
  /** Its API, its public door and its operations', once it answers; undefined where it ended before. */
  ready: Promise<{ api: string; public: string; operations: string } | undefined>;
  /** The first line that begins so, also one that came before; undefined where the process ends without it. */
  line: (beginning: string) => Promise<string | undefined>;
  lines: readonly string[];
  signal: (signal: NodeJS.Signals) => void;
  /** Says a line to it: "clock 90" puts its host's clock 90 seconds ahead, "measure" has it look at its clock at once. */
  tell: (line: string) => void;
  /** How it ended: "SIGKILL", or its exit code. */
  ended: Promise<string>;
};

/** What one process has compiled the next need not, of whichever test: each starts a second sooner. */
export const compiled = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));

export type StartSettings = { environment: NodeJS.ProcessEnv; logFile: string; cut?: Cut | undefined };

export function startGateway({ environment, logFile, cut }: StartSettings): GatewayProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [fileURLToPath(new URL('entry.ts', import.meta.url))], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: compiled,
      ...environment,
      ...(cut && { KILL_POINT: cutText(cut) }),
    },
    stdio: ['pipe', 'pipe', log],
  });
  closeSync(log);
  if (child.stdout === null || child.stdin === null) throw new Error('its pipes are missing');
  const { pid = 0 } = child;
  const { lines, line } = linesOf(child.stdout);
  const ended = once(child, 'exit').then(([code, signal]) => String(signal ?? code));
  const { stdin } = child;
  const signal = (name: NodeJS.Signals) => void child.kill(name);
  // A process that has died meanwhile hears nothing.
  stdin.on('error', () => undefined);
  const tell = (text: string) => void stdin.write(`${text}\n`);
  return {
    ready: line('ready ').then((text) => {
      const [, api, publicOrigin, operations] = text?.split(' ') ?? [];
      if (api === undefined || publicOrigin === undefined || operations === undefined) return undefined;
      return { api, public: publicOrigin, operations };
    }),
    ...{ pid, line, lines, signal, tell, ended },
    async [Symbol.asyncDispose]() {
      signal('SIGKILL');
      await ended;
    },
  };
}

function linesOf(output: Readable) {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const one of [...waiting]) one();
  };
  let open = true;
  const reader = createInterface({ input: output });
  reader.on('line', (text) => {
    lines.push(text);
    wake();
  });
  reader.on('close', () => {
    open = false;
    wake();
  });
  const line = (beginning: string): Promise<string | undefined> =>
    new Promise((resolve) => {
      const look = () => {
        const found = lines.find((text) => text.startsWith(beginning));
        if (found === undefined && open) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { lines, line };
}
