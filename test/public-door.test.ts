import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultHttpLimits } from '../src/contract/http-limits.ts';
import { problemKinds, problems } from '../src/contract/problems.ts';
import { openPublicDoor } from '../src/contract/public-door.ts';
import { openTestAuthority } from './certificates.ts';
import { contract, publicOrigin } from './door.ts';
import { ask, connect, get, kindOf, type WireAnswer } from './wire.ts';

const policy =
  "default-src 'none';style-src 'self';img-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'";

test('the key set, the contract in both forms, and every page are there for anyone', async () => {
  await using door = await openDoor();
  expect(await door.read('/.well-known/jwks.json')).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/jwk-set+json', 'access-control-allow-origin': '*' },
    body: '{"keys":[{"kid":"k"}]}',
  });
  const yaml = await door.read('/openapi.yaml');
  const json = await door.read('/openapi.json');
  expect(yaml).toMatchObject({ headers: { 'content-type': 'application/yaml' } });
  expect(JSON.parse(json.body)).toEqual(parse(yaml.body));
  for (const path of ['/', '/docs', '/types', '/problems', ...problemKinds.map((kind) => `/problems/${kind}`)])
    expect(await door.read(path), path).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    });
});

test('the documentation names every operation, its answers and its problems, and every link on it leads somewhere', async () => {
  await using door = await openDoor();
  const pages = new Map<string, string>();
  const load = async (path: string) => {
    const known = pages.get(path) ?? (await door.read(path)).body;
    pages.set(path, known);
    return known;
  };
  const documentation = await load('/');
  for (const { operationId, summary, template } of contract.operations) {
    expect(documentation).toContain(`<article id="${operationId}"`);
    expect(documentation).toContain(template);
    expect(documentation).toContain(escaped(summary));
  }
  const start = ['/', '/types', '/problems', '/problems/debit-rejected'];
  for (const page of start)
    for (const [, link = ''] of (await load(page)).matchAll(/(?:href|src)="([^"]*)"/g)) {
      const { pathname, hash, origin } = new URL(link, `https://here${page}`);
      expect(origin, `${page} ${link}: nothing comes from elsewhere`).toBe('https://here');
      expect((await door.read(pathname)).status, `${page} ${link}`).toBe(200);
      if (hash !== '') expect(await load(pathname), `${page} ${link}`).toContain(`id="${hash.slice(1)}"`);
    }
});

test('no page needs a script, an inline style or a handler', async () => {
  await using door = await openDoor();
  for (const path of ['/', '/types', '/problems', '/problems/malformed'])
    expect((await door.read(path)).body).not.toMatch(/<script|<style| style=| on[a-z]+="/);
});

test("each problem's page tells its cause, who acts, and whether to try again", async () => {
  await using door = await openDoor();
  for (const kind of problemKinds) {
    const { body } = await door.read(`/problems/${kind}`);
    const { title, cause, whoActs, retry } = problems[kind];
    for (const text of [title, cause, whoActs]) expect(body).toContain(escaped(text.split('`')[0] ?? ''));
    expect(body).toContain(`${publicOrigin}/problems/${kind}`);
    expect(body).toContain(`"retry": "${retry}"`);
  }
});

test.each([
  ['another path', get('/secrets'), 'not-found 404'],
  ['a path out of the folder', get('/assets/../door.ts'), 'not-found 404'],
  ['a problem that there is not', get('/problems/toString'), 'not-found 404'],
  ['a write', get('/', {}, 'POST', '{}'), 'method-not-allowed 405'],
  ['no Host', get('/', { Host: undefined }), 'malformed 400'],
  ['an escape that is none', get('/%'), 'malformed 400'],
  ['something else than HTTP', 'SSH-2.0\r\n\r\n', 'malformed 400'],
])('%s is a problem document here too', async (_what, bytes, expected) => {
  await using door = await openDoor();
  const answer = await ask(door, bytes, { client: undefined });
  expect(kindOf(answer)).toBe(expected);
  expect(answer).toMatchObject({ headers: { 'cache-control': 'no-store' } });
});

test('a key set that can not be told is a 500 without a reason, and the log has it', async () => {
  const logged: object[] = [];
  await using door = await openDoor({
    keySet: () => {
      throw new Error('secret');
    },
    log: (failure) => logged.push(failure),
  });
  expect(kindOf(await ask(door, get('/.well-known/jwks.json'), { client: undefined }))).toBe('internal 500');
  expect(logged).toMatchObject([{ kind: 'internal', operationId: 'none' }]);
  expect(JSON.stringify(logged)).not.toContain('secret');
});

test('a client certificate is neither asked for nor looked at', async () => {
  await using door = await openDoor();
  using wire = await connect(door);
  wire.say(get('/'));
  expect(kindOf(await wire.answer())).toBe('200');
  expect(door.refusals).toEqual([]);
});

async function openDoor(wishes: Partial<Parameters<typeof openPublicDoor>[0]> = {}) {
  const authority = await openTestAuthority();
  const server = await authority.issue('server', { use: 'server' });
  const client = await authority.issue('client');
  const refusals: string[] = [];
  const door = await openPublicDoor({
    ...{
      host: '127.0.0.1',
      port: 0,
      limits: { ...defaultHttpLimits, lingerSeconds: 0.05 },
      contract,
      clock: { now: () => new Date() },
    },
    tls: { certificate: server.certFile, key: server.keyFile },
    publicOrigin: () => publicOrigin,
    apiOrigin: () => 'https://api.bank.example',
    keySet: () => ({ keys: [{ kid: 'k' }] }),
    log: () => expect.fail('nothing fails here'),
    onTlsRefusal: (reason) => refusals.push(reason),
    onReload: () => undefined,
    ...wishes,
  });
  return {
    ...{ port: door.port, authority, client, refusals },
    async read(path: string): Promise<WireAnswer> {
      const answer = await ask({ port: door.port, authority, client }, get(path), { client: undefined });
      return typeof answer === 'string' ? expect.fail(answer) : answer;
    },
    async [Symbol.asyncDispose]() {
      await door.drain();
      await authority[Symbol.asyncDispose]();
    },
  };
}

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
