import type { ConnectedClient, SignedRequest } from '../clients/client.ts';
import type { Contract, Operation } from './contract-document.ts';
import type { Answer } from './handler.ts';
import type { Upload } from './upload.ts';
import type { Parameters } from './validation.ts';

/** A call as the router makes it: what `Call` in handler.ts is for each operation, before its types are known. */
export type RoutedCall = {
  client: ConnectedClient;
  requestId: string;
  receivedAt: Date;
  path: Parameters;
  query: Parameters;
  body: unknown;
  rawBody: Buffer;
  upload: Upload | undefined;
  contentType: string | undefined;
  accepts: string;
  request?: SignedRequest;
};

/** A method's type, since those are compared loosely: that a validated call fits its handler is the contract's promise. */
type Handle = { handle(call: RoutedCall): Promise<Answer> }['handle'];
export type AnyHandlers = Readonly<Record<string, Handle>>;

export type Route = { operation: Operation; handle: Handle };
export type Match =
  | { outcome: 'FOUND'; route: Route; path: Readonly<Record<string, string>> }
  | { outcome: 'NO_METHOD'; allow: string[] }
  | { outcome: 'NO_PATH' };

/** Finds the operation of a method and a path that is still percent-encoded. */
export type FindRoute = (method: string, path: string) => Match;

/** Binds each operation to its handler. Throws where one lacks the other: a route outside the contract can't exist. */
export function bindHandlers({ operations }: Contract, handlers: AnyHandlers): FindRoute {
  const faults = [
    ...operations.filter(({ operationId }) => !Object.hasOwn(handlers, operationId)).map(missing),
    ...Object.keys(handlers)
      .filter((name) => !operations.some(({ operationId }) => operationId === name))
      .map(extra),
  ];
  const paths = new Map<string, { pattern: RegExp; routes: Map<string, Route> }>();
  for (const operation of operations) {
    const { operationId, method, template } = operation;
    const path = paths.get(template) ?? { pattern: patternOf(template), routes: new Map() };
    const handle = handlers[operationId];
    if (handle !== undefined) path.routes.set(method, { operation, handle });
    paths.set(template, path);
  }
  if (faults.length > 0) throw new Error(`the contract and its handlers differ: ${faults.join('; ')}`);
  // A template that has a word where another has a parameter comes first.
  const inOrder = [...paths.entries()].toSorted(([one], [other]) => names(one).length - names(other).length);
  return (method, path) => {
    for (const [template, { pattern, routes }] of inOrder) {
      const values = pattern.exec(path)?.slice(1);
      if (values === undefined) continue;
      const route = routes.get(method);
      if (route === undefined) return { outcome: 'NO_METHOD', allow: [...routes.keys()] };
      return {
        outcome: 'FOUND',
        route,
        path: Object.fromEntries(names(template).map((name, at) => [name, values[at] ?? ''])),
      };
    }
    return { outcome: 'NO_PATH' };
  };
}

const missing = ({ operationId }: Operation): string => `${operationId} has no handler`;
const extra = (name: string): string => `${name} is no operation`;

const names = (template: string): string[] => [...template.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);

const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '([^/]+)')}$`);
