import express, { type ErrorRequestHandler } from 'express';
import helmet from 'helmet';
import { uuidV7 } from '../values/ids.ts';
import { type Door, type DoorParts, openDoor } from './door.ts';
import { problem } from './problem.ts';
import { apiRouter, type RouterParts } from './router.ts';
import { rawAnswer } from './write-answer.ts';

export type ApiDoorParts = RouterParts &
  Pick<DoorParts, 'host' | 'port' | 'sharePort' | 'tls' | 'onTlsRefusal' | 'onReload'>;

/** Opens the creditors' door: mutual TLS, and nothing behind it but the contract's operations. */
export function openApiDoor(parts: ApiDoorParts): Promise<Door> {
  const { clock, publicOrigin } = parts;
  const app = express();
  app.disable('x-powered-by');
  // An answer of this API is never shown as a page.
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
    }),
  );
  // It answers everything and passes nothing on. Express's own error page, with its stack, is shut off all the same.
  app.use(apiRouter(parts), endConversation);
  return openDoor({
    ...parts,
    // The longest of them all; the router ends the others sooner.
    limits: { ...parts.limits, requestSeconds: parts.limits.listSeconds },
    handle: app,
    refuse: (kind, detail) =>
      rawAnswer(problem(kind, detail), { requestId: uuidV7(clock.now()), publicOrigin: publicOrigin() }),
  });
}

const endConversation: ErrorRequestHandler = (_error, _request, response, _next) => void response.destroy();
