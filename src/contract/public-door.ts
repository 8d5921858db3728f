import { readFileSync } from 'node:fs';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Clock } from '../database/clock.ts';
import { withoutValues } from '../operations/fault.ts';
import { uuidV7 } from '../values/ids.ts';
import type { Contract } from './contract-document.ts';
import { type Door, type DoorParts, openDoor } from './door.ts';
import { answerFailure, type Failure } from './failure.ts';
import { Problem, problem } from './problem.ts';
import { problemKinds } from './problems.ts';
import { documentationPage, typesPage } from './public/documentation-page.ts';
import { problemIndex, problemPage } from './public/problem-pages.ts';
import type { Html } from './public/text.ts';
import { checkHead, readTarget } from './request-head.ts';
import { rawAnswer, writeAnswer } from './write-answer.ts';

export type PublicDoorParts = Pick<
  DoorParts,
  'host' | 'port' | 'sharePort' | 'limits' | 'onTlsRefusal' | 'onReload'
> & {
  /** No client authorities: anyone may come in. */
  tls: { certificate: string; key: string };
  contract: Contract;
  clock: Clock;
  publicOrigin: () => string;
  apiOrigin: () => string;
  /** RFC 7517: every key that a token of the bank was ever signed with. */
  keySet: () => object;
  log: (failure: Failure) => void;
};

/** Opens the door to anyone: the key set, the contract, its documentation and the pages of the problems. No mandate, ever. */
export function openPublicDoor(parts: PublicDoorParts): Promise<Door> {
  const { clock, publicOrigin } = parts;
  return openDoor({
    ...parts,
    handle: pages(parts),
    refuse: (kind, detail) =>
      rawAnswer(problem(kind, detail), { requestId: uuidV7(clock.now()), publicOrigin: publicOrigin() }),
  });
}

type Resource = { type: string; content: () => string | Buffer | Promise<string> };

function pages(parts: PublicDoorParts): Express {
  const resources = resourcesOf(parts);
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet(headers));
  app.use(async (request, response) => {
    checkHead(request, parts.limits);
    const resource = resources.get(readTarget(request.originalUrl).path);
    if (resource === undefined) throw new Problem('not-found', 'There is no such page');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new Problem('method-not-allowed', 'Pages are only read', {}, { Allow: 'GET, HEAD' });
    const content = await resource.content();
    response.set('Cache-Control', 'public, max-age=300').set('Access-Control-Allow-Origin', '*').type(resource.type);
    response.send(Buffer.from(content));
  });
  app.use(answerFailures(parts));
  return app;
}

const headers: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'style-src': ["'self'"],
      'img-src': ["'self'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    },
  },
  // Keys and contract are for programs anywhere, those in a judge's browser too.
  crossOriginResourcePolicy: { policy: 'cross-origin' },
};

/** Everything that there is, by its path. Pages are made when they are first asked for, since the origins are known late. */
function resourcesOf({ contract, publicOrigin, apiOrigin, keySet }: PublicDoorParts): ReadonlyMap<string, Resource> {
  const page = (make: () => Html): Resource => ({ type: 'html', content: once(async () => String(await make())) });
  const asset = (type: string, name: string): Resource => {
    const bytes = readFileSync(new URL(`public/${name}`, import.meta.url));
    return { type, content: () => bytes };
  };
  const documentation = page(() => documentationPage(contract, { api: apiOrigin(), public: publicOrigin() }));
  return new Map([
    ['/', documentation],
    ['/docs', documentation],
    ['/types', page(() => typesPage(contract))],
    ['/problems', page(problemIndex)],
    ...problemKinds.map(
      (kind) => [`/problems/${kind}`, page(() => problemPage(contract, kind, publicOrigin()))] as const,
    ),
    ['/openapi.yaml', { type: 'application/yaml', content: () => contract.yaml }],
    ['/openapi.json', { type: 'application/json', content: once(async () => JSON.stringify(contract.document)) }],
    ['/.well-known/jwks.json', { type: 'application/jwk-set+json', content: () => JSON.stringify(keySet()) }],
    ['/assets/style.css', asset('css', 'style.css')],
    ['/assets/icon.svg', asset('svg', 'icon.svg')],
  ]);
}

function once(make: () => Promise<string>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function answerFailures({ clock, publicOrigin, log }: PublicDoorParts): ErrorRequestHandler {
  return (error: unknown, _request: Request, response: Response, _next) => {
    if (response.headersSent) return void response.destroy();
    const requestId = uuidV7(clock.now());
    const { answer, kind } = answerFailure(error, 'NOT_BEGUN');
    if (kind !== undefined) log({ requestId, operationId: 'none', kind, fault: withoutValues(error) });
    writeAnswer(response, answer, { requestId, publicOrigin: publicOrigin() });
  };
}
