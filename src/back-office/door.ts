import { STATUS_CODES } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import helmet from 'helmet';
import type pg from 'pg';
import { type Door, type DoorParts, openDoor } from '../contract/door.ts';
import { checkHead } from '../contract/request-head.ts';
import type { Clock } from '../database/clock.ts';
import { type Fault, withoutValues } from '../operations/fault.ts';
import { uuidV7 } from '../values/ids.ts';
import { type FaultKind, faultOf, isOurs, PageFault } from './fault.ts';
import { type Frame, type FrameParts, openFrame } from './frame.ts';
import { languageSwitch } from './language.ts';
import { type Asset, assets } from './look/assets.ts';
import type { Section } from './page.ts';
import { pageRoutes } from './routing.ts';
import { openSessions, type SessionLimits } from './session.ts';
import type { IdentityProvider } from './sign-in/identity-provider.ts';
import { backChannelRoutes, type SignInOutcome, signInRoutes } from './sign-in/routes.ts';

export type BackOfficeDoorParts = FrameParts &
  Pick<DoorParts, 'host' | 'port' | 'sharePort' | 'limits' | 'onTlsRefusal' | 'onReload'> & {
    tls: { certificate: string; key: string };
    db: pg.Pool;
    clock: Clock;
    provider: IdentityProvider;
    /** Of the session cookie; shared by all replicas. */
    secret: string;
    sessions: SessionLimits;
    log: (failure: { requestId: string; kind: FaultKind; fault: Fault }) => void;
    onSessionFault: (fault: unknown) => void;
    onSignIn: (outcome: SignInOutcome) => void;
    observe: (answered: { section: Section | 'none'; status: number; seconds: number }) => void;
  };

/** What this door keeps of a request beside the request. */
type Kept = { requestId: string; section?: Section };

/** Opens the door of the bank's staff: sign-in at the bank's identity provider, then the pages. */
export async function openBackOfficeDoor(parts: BackOfficeDoorParts): Promise<Door> {
  const kept = new WeakMap<Response, Kept>();
  const sessions = openSessions({
    db: parts.db,
    now: parts.clock.now,
    secret: parts.secret,
    limits: parts.sessions,
    onFault: parts.onSessionFault,
  });
  const door = await openDoor({ ...parts, handle: handlers(parts, kept, sessions.handlers), refuse });
  return {
    ...door,
    async drain() {
      await door.drain();
      await sessions.close();
    },
  };
}

function handlers(
  parts: BackOfficeDoorParts,
  kept: WeakMap<Response, Kept>,
  sessions: readonly express.RequestHandler[],
): Express {
  const { clock, origin, provider } = parts;
  const frame = openFrame(parts);
  const requestIdOf = (response: Response) => kept.get(response)?.requestId ?? uuidV7(clock.now());
  let underWay = 0;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    const requestId = uuidV7(clock.now());
    const began = performance.now();
    kept.set(response, { requestId });
    response.set('Request-Id', requestId);
    response.once('finish', () =>
      parts.observe({
        section: kept.get(response)?.section ?? 'none',
        status: response.statusCode,
        seconds: (performance.now() - began) / 1000,
      }),
    );
    underWay += 1;
    response.once('close', () => {
      underWay -= 1;
    });
    next();
  });
  app.use(policy(provider));
  app.use((request, _response, next) => {
    if (underWay > parts.limits.requestsUnderWay)
      throw new PageFault('overloaded', { headers: { 'Retry-After': '1' } });
    checkHead(request, parts.limits);
    next();
  });
  app.use(serve(assets));
  app.use((_request, response, next) => {
    // Names and RIBs are on the pages: no browser keeps them, nor anything on the way.
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(languageSwitch());
  app.use(backChannelRoutes({ db: parts.db, provider }));
  app.use(...sessions);
  app.use(signInRoutes({ db: parts.db, clock, provider, origin, frame, onOutcome: parts.onSignIn }));
  app.use(
    pageRoutes({
      db: parts.db,
      clock,
      pages: parts.pages,
      origin,
      frame,
      freshSeconds: parts.sessions.freshSeconds,
      requestIdOf,
      onPage: (response, { section }) => kept.set(response, { requestId: requestIdOf(response), section }),
    }),
  );
  app.use(answerFaults(parts, frame, requestIdOf));
  return app;
}

/** SECURITY.md, 'Back office'. A form may lead to the identity provider, by its redirection. */
const policy = (provider: IdentityProvider) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'script-src': ["'self'"],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'form-action': ["'self'", () => provider.origins().join(' ')],
        'frame-ancestors': ["'none'"],
        'base-uri': ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // Without a referrer a browser tells no origin with a form either.
    referrerPolicy: { policy: 'same-origin' },
  });

function serve(files: ReadonlyMap<string, Asset>): express.RequestHandler {
  return (request, response, next) => {
    const file = files.get(request.path);
    if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return next();
    response.set('Cache-Control', file.cache).type(file.type).send(file.bytes);
  };
}

/** Where every fault ends. */
function answerFaults(
  { log }: BackOfficeDoorParts,
  frame: Frame,
  requestIdOf: (response: Response) => string,
): ErrorRequestHandler {
  return async (error: unknown, request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    const fault = faultOf(error);
    const requestId = requestIdOf(response);
    if (isOurs(fault.kind)) log({ requestId, kind: fault.kind, fault: withoutValues(fault.cause ?? fault) });
    try {
      await frame.sendFault(request, response, fault, requestId);
    } catch (second) {
      log({ requestId, kind: 'internal', fault: withoutValues(second) });
      response.status(500).type('text').send('500');
    }
  };
}

/** To a connection on which there is no request to answer: nobody reads it but a program. */
function refuse(kind: string): Buffer {
  const status = kind === 'request-timeout' ? 408 : kind === 'headers-too-large' ? 431 : 400;
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
