import { once } from 'node:events';
import { createServer } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import type { Registry } from 'prom-client';
import { type ReadinessChecks, readinessOf } from './readiness.ts';

export type OperationsParts = {
  host: string;
  /** 0 takes a free one. */
  port: number;
  registry: Registry;
  checks: ReadinessChecks;
  /** Told of a request that failed; the caller is told nothing of it. */
  onFault: (fault: unknown) => void;
};

export type OperationsDoor = { port: number; close: () => Promise<void> };

/**
 * Opens the door of Prometheus and the orchestrator, in plain HTTP: it is bound to loopback or an inner network, and
 * nothing behind it names a mandate, a debit or a person. It is closed last, so that a stop can be watched.
 */
export async function openOperationsDoor(parts: OperationsParts): Promise<OperationsDoor> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 }, pages(parts));
  server.maxConnections = 50;
  server.listen(parts.port, parts.host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the operations door has no port');
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function pages({ registry, checks, onFault }: OperationsParts): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.get('/metrics', async (_request, response) => {
    const text = await registry.metrics();
    response.type(registry.contentType).send(text);
  });
  // That it answers is the answer: the event loop turns. A database that is away is no reason for a restart.
  app.get('/livez', (_request, response) => response.json({ alive: true }));
  app.get('/readyz', async (_request, response) => {
    const readiness = await readinessOf(checks);
    response.status(readiness.ready ? 200 : 503).json(readiness);
  });
  app.use((_request, response) => response.status(404).json({ title: 'There is /metrics, /livez and /readyz' }));
  app.use(answerFaults(onFault));
  return app;
}

/** Express tells a handler of errors by its four parameters. */
function answerFaults(onFault: OperationsParts['onFault']): ErrorRequestHandler {
  return (fault, _request, response, _next) => {
    onFault(fault);
    // Too late for an answer: the broken connection says so. Express would print the stack.
    if (response.headersSent) return void response.destroy();
    response.status(500).json({ title: 'The log has it' });
  };
}
