import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureDevelopmentCertificates } from '../certs-dev/development-certificates.ts';
import {
  type DevelopmentIdentityProvider,
  openDevelopmentIdentityProvider,
} from '../src/commands/development-identity-provider.ts';
import type { DevelopmentSubject } from '../src/commands/development-staff.ts';
import { developmentCertificates } from '../src/config.ts';
import type { GatewayParts } from '../src/gateway.ts';
import { type Browser, openBrowser, type Seen } from './browser.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';

/** A whole gateway with its back office and the development identity provider beside it. */
export type TestBackOffice = AsyncDisposable &
  TestGateway & {
    origin: string;
    provider: DevelopmentIdentityProvider;
    /** A browser of its own, in which nobody is signed in. */
    visitor: () => Visitor;
    /** Signs in as one of development-staff.ts, through the provider's own page, in a browser of its own. */
    signIn: (subject: DevelopmentSubject) => Promise<Visitor>;
    /** The gateway's time from now on, in seconds from the real one. */
    moveTime: (seconds: number) => void;
  };

export type File = { name: string; type: string; bytes: Uint8Array<ArrayBuffer> };
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** Somebody at a browser. Paths are the back office's; answers come as they are, redirections are not followed. */
export type Visitor = {
  browser: Browser;
  get: (path: string, headers?: Record<string, string>) => Promise<Seen>;
  /** A GET, and on to wherever it leads. */
  open: (path: string) => Promise<Seen>;
  /** A form of the session: with its CSRF token, and the origin as a browser says it. With `files` it is multipart. */
  post: (
    path: string,
    fields?: Fields,
    more?: { files?: Readonly<Record<string, File>>; headers?: Record<string, string> },
  ) => Promise<Seen>;
  /** The same, and on to wherever it leads: the page that a person sees after it. */
  send: (path: string, fields?: Fields, more?: { files?: Readonly<Record<string, File>> }) => Promise<Seen>;
  /** On the provider's page that `seen` is: says who, and goes on to where that leads. */
  choose: (seen: Seen, subject: DevelopmentSubject) => Promise<Seen>;
  /** The session's CSRF token, from its overview. */
  csrf: () => Promise<string>;
};

export async function openTestBackOffice(
  settings: Record<string, string> = {},
  parts: Pick<GatewayParts, 'wrapSteps'> = {},
): Promise<TestBackOffice> {
  await using open = new AsyncDisposableStack();
  await ensureDevelopmentCertificates(developmentCertificates);
  const provider = open.use(await openDevelopmentIdentityProvider({ port: 0, certificates: developmentCertificates }));
  let offset = 0;
  const gateway = open.use(
    await openTestGateway(
      { ...provider.settings, ...settings },
      { ...parts, wrapClock: (clock) => ({ ...clock, now: () => new Date(clock.now().getTime() + offset * 1000) }) },
    ),
  );
  const origin = gateway.gateway.backOfficeOrigin;
  if (origin === undefined) throw new Error('there is no back office');
  await provider.serve(origin);
  const authority = await readFile(path.join(developmentCertificates, 'ca.pem'), 'utf8');
  const visitor = () => visitorOf(openBrowser(authority), origin);
  const closing = open.move();
  return {
    ...gateway,
    origin,
    provider,
    visitor,
    async signIn(subject) {
      const person = visitor();
      const arrived = await person.choose(await person.open('/'), subject);
      if (arrived.url.origin !== origin || arrived.status !== 200)
        throw new Error(`${subject} was not let in: ${arrived.status} ${arrived.url.pathname}`);
      return person;
    },
    moveTime(seconds) {
      offset = seconds;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

export function visitorOf(browser: Browser, origin: string): Visitor {
  let token: { session: string; csrf: string } | undefined;
  const session = () => [...browser.cookies.values()].find(({ name }) => name === '__Host-session')?.value ?? '';
  const address = (path: string) => {
    const url = new URL(path, origin);
    if (url.origin !== origin) throw new Error(`${path} is not the back office's`);
    return url;
  };
  const csrf = async () => {
    if (token?.session === session()) return token.csrf;
    const { body } = await browser.ask(origin);
    const [, found] = /name="csrf" value="([^"]+)"/.exec(body) ?? [];
    if (found === undefined) throw new Error('nobody is signed in');
    token = { session: session(), csrf: found };
    return found;
  };
  const formOf = async (fields: Fields, files: Readonly<Record<string, File>> | undefined) => {
    const all = Object.entries({ csrf: await csrf(), ...fields }).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    );
    if (files === undefined)
      return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(all).toString() };
    const form = new FormData();
    for (const [name, value] of all) form.append(name, value);
    for (const [name, { bytes, type, name: fileName }] of Object.entries(files))
      form.append(name, new Blob([bytes], { type }), fileName);
    const made = new Response(form);
    return { type: made.headers.get('content-type') ?? '', body: new Uint8Array(await made.arrayBuffer()) };
  };
  const post: Visitor['post'] = async (path, fields = {}, { files, headers = {} } = {}) => {
    const { type, body } = await formOf(fields, files);
    return browser.ask(address(path), {
      method: 'POST',
      headers: { 'content-type': type, origin, referer: address(path).href, ...headers },
      body,
    });
  };
  return {
    browser,
    get: (path, headers = {}) => browser.ask(address(path), { headers }),
    open: (path) => browser.follow(address(path)),
    post,
    async send(path, fields, more) {
      const seen = await post(path, fields, more);
      return seen.location === undefined ? seen : browser.follow(seen.location);
    },
    async choose(seen, subject) {
      const [, action] = /<form method="post" action="([^"]+)"/.exec(seen.body) ?? [];
      if (action === undefined || !action.startsWith('/interaction/'))
        throw new Error(`this is not the provider's page: ${seen.status} ${seen.url.pathname}`);
      return browser.follow(new URL(action, seen.url), {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: seen.url.origin },
        body: new URLSearchParams({ subject }).toString(),
      });
    },
    csrf,
  };
}
