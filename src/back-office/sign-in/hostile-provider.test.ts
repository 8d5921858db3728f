import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type HostileProvider, openHostileProvider } from '../../../test/hostile-provider.ts';
import { openTestStaffDoor, type TestStaffDoor } from '../../../test/staff-door.ts';

const clientId = 'cnas-debit-gateway';

test('a true answer of the provider signs in: the others of this file differ from it in one thing', async () => {
  await using hostile = await openScene();
  const { visitor, address, sessions } = hostile;
  const asked = await hostile.begin();
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    client_id: clientId,
    code_challenge_method: 'S256',
    scope: 'openid profile',
    max_age: '28800',
    redirect_uri: `${hostile.door.origin}/sign-in/return`,
  });
  hostile.provider.setToken(await hostile.good(asked));
  const seen = await visitor.get(address(asked));
  expect(seen).toMatchObject({ status: 303 });
  expect(seen.location?.pathname).toBe('/mandates');
  expect(await sessions()).toEqual(['officer']);
  const [form] = hostile.provider.asked;
  const verifier = form?.get('code_verifier') ?? '';
  expect(createHash('sha256').update(verifier).digest('base64url')).toBe(asked.get('code_challenge'));
});

type Lie = (scene: Scene, asked: URLSearchParams) => Promise<string> | string;

/** Each sets what the token endpoint answers, and gives the address at which the browser comes back. */
const lies: Readonly<Record<string, Lie>> = {
  'an ID token of another issuer': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { iss: 'https://elsewhere.example' }));
    return scene.address(asked);
  },
  'an ID token without issuer': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { iss: undefined }));
    return scene.address(asked);
  },
  'an ID token for another client': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { aud: 'another' }));
    return scene.address(asked);
  },
  'an ID token for several clients, given to another': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { aud: [clientId, 'another'], azp: 'another' }));
    return scene.address(asked);
  },
  'an ID token with the nonce of another sign-in': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { nonce: 'another' }));
    return scene.address(asked);
  },
  'an ID token without a nonce': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { nonce: undefined }));
    return scene.address(asked);
  },
  'an ID token that has ended': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { iat: seconds() - 7200, exp: seconds() - 3600 }));
    return scene.address(asked);
  },
  'an ID token that does not say when the person signed in': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { auth_time: undefined }));
    return scene.address(asked);
  },
  'an ID token of a sign-in that is older than a session may be': async (scene, asked) => {
    scene.provider.setToken(await scene.tokenOf(asked, { auth_time: seconds() - 40_000 }));
    return scene.address(asked);
  },
  'an ID token signed by nobody, alg none': (scene, asked) => {
    scene.provider.setToken({ body: answerWith(unsigned(scene.claimsOf(asked))) });
    return scene.address(asked);
  },
  'an ID token signed by another key': async (scene, asked) => {
    scene.provider.setToken({ body: answerWith(await scene.provider.signAsSomebody(scene.claimsOf(asked))) });
    return scene.address(asked);
  },
  'an ID token whose signature was cut off': async (scene, asked) => {
    const token = await scene.provider.sign(scene.claimsOf(asked));
    scene.provider.setToken({ body: answerWith(`${token.slice(0, token.lastIndexOf('.'))}.`) });
    return scene.address(asked);
  },
  'no ID token': async (scene, asked) => {
    scene.provider.setToken({ body: { access_token: 'a', token_type: 'bearer' } });
    return scene.address(asked);
  },
  'a code that the provider refuses': (scene, asked) => {
    scene.provider.setToken({ status: 400, body: { error: 'invalid_grant' } });
    return scene.address(asked);
  },
  'an answer that names another provider (mix-up)': async (scene, asked) => {
    scene.provider.setToken(await scene.good(asked));
    return scene.address(asked, { iss: 'https://elsewhere.example' });
  },
  'an answer that names no provider': async (scene, asked) => {
    scene.provider.setToken(await scene.good(asked));
    return scene.address(asked, { iss: undefined });
  },
  'an answer to another state': async (scene, asked) => {
    scene.provider.setToken(await scene.good(asked));
    return scene.address(asked, { state: 'another' });
  },
  'an answer without a state': async (scene, asked) => {
    scene.provider.setToken(await scene.good(asked));
    return scene.address(asked, { state: undefined });
  },
  'an answer without a code': async (scene, asked) => {
    scene.provider.setToken(await scene.good(asked));
    return scene.address(asked, { code: undefined });
  },
  'an answer that is an error': async (scene, asked) => {
    scene.provider.setToken(await scene.good(asked));
    return scene.address(asked, { code: undefined, error: 'access_denied' });
  },
  'an answer with two codes': async (scene, asked) => {
    scene.provider.setToken(await scene.good(asked));
    return `${scene.address(asked)}&code=second`;
  },
};

test.for(Object.entries(lies))('%s never gets anyone in', async ([, lie]) => {
  await using scene = await openScene();
  const asked = await scene.begin();
  const seen = await scene.visitor.get(await lie(scene, asked));
  expect(seen.status).toBeGreaterThanOrEqual(400);
  expect(seen.status).toBeLessThan(500);
  expect(await scene.sessions()).toEqual([]);
  expect((await scene.visitor.get('/')).location?.pathname, 'still outside').toBe('/sign-in');
});

test('a provider that says it takes alg none gets nobody in by it', async () => {
  await using scene = await openScene();
  scene.provider.setMetadata({ id_token_signing_alg_values_supported: ['none', 'RS256'] });
  const asked = await scene.begin();
  scene.provider.setToken({ body: answerWith(unsigned(scene.claimsOf(asked))) });
  expect((await scene.visitor.get(scene.address(asked))).status).toBe(400);
  expect(await scene.sessions()).toEqual([]);
});

test('what a provider says of itself under another name is not believed', async () => {
  await using scene = await openScene();
  scene.provider.setMetadata({ issuer: 'https://elsewhere.example' });
  const seen = await scene.visitor.get('/sign-in');
  expect(seen.status).toBeGreaterThanOrEqual(500);
  expect(seen.location).toBeUndefined();
});

test('a code and its state are good once: replayed, in this browser or another, they open nothing', async () => {
  await using scene = await openScene();
  const asked = await scene.begin();
  scene.provider.setToken(await scene.good(asked));
  expect((await scene.visitor.get(scene.address(asked))).status).toBe(303);
  expect(scene.provider.asked).toHaveLength(1);
  expect(await scene.visitor.get(scene.address(asked))).toMatchObject({ status: 400 });
  const other = scene.door.visitor();
  expect(await other.get(scene.address(asked))).toMatchObject({ status: 400 });
  // Not even asked for: the state was used up before.
  expect(scene.provider.asked).toHaveLength(1);
  expect(await scene.sessions()).toEqual(['officer']);
  expect((await other.get('/')).location?.pathname).toBe('/sign-in');
});

test('an answer that failed has used its state up: the true one that comes after it opens nothing', async () => {
  await using scene = await openScene();
  const asked = await scene.begin();
  scene.provider.setToken(await scene.tokenOf(asked, { nonce: 'another' }));
  expect((await scene.visitor.get(scene.address(asked))).status).toBe(400);
  scene.provider.setToken(await scene.good(asked));
  expect((await scene.visitor.get(scene.address(asked))).status).toBe(400);
  expect(await scene.sessions()).toEqual([]);
});

test('an answer to a sign-in that somebody else began is not theirs to give away (login CSRF)', async () => {
  await using scene = await openScene();
  const asked = await scene.begin();
  scene.provider.setToken(await scene.good(asked));
  const victim = scene.door.visitor();
  await victim.get('/sign-in');
  expect((await victim.get(scene.address(asked))).status).toBe(400);
  expect(await scene.sessions()).toEqual([]);
});

test('a sign-in is no fresher than the moment at which it came, whatever the provider says', async () => {
  await using scene = await openScene();
  const asked = await scene.begin();
  scene.provider.setToken(await scene.tokenOf(asked, { auth_time: seconds() + 100_000 }));
  expect((await scene.visitor.get(scene.address(asked))).status).toBe(303);
  const { rows } = await scene.door.db.owner.query<{ at: string }>(
    "select sess -> 'staff' ->> 'signedInAt' as at from staff_sessions",
  );
  expect(Date.parse(rows[0]?.at ?? '')).toBeLessThanOrEqual(Date.now());
});

test('an old sign-in does not do where a fresh one was asked for', async () => {
  await using scene = await openScene();
  const { location } = await scene.visitor.get('/sign-in?fresh=1');
  const asked = location?.searchParams ?? new URLSearchParams();
  scene.provider.setToken(await scene.tokenOf(asked, { auth_time: seconds() - 301 }));
  expect((await scene.visitor.get(scene.address(asked))).status).toBe(400);
  expect(await scene.sessions()).toEqual([]);
  expect(scene.door.signIns).toEqual(['stale']);
});

test('roles that the provider tells only of the person are read there, and of that person alone', async () => {
  await using scene = await openScene();
  const asked = await scene.begin();
  scene.provider.setUserInfo({ sub: 'somebody-else', roles: ['cnas-administrator'] });
  scene.provider.setToken(await scene.tokenOf(asked, { roles: undefined }));
  expect((await scene.visitor.get(scene.address(asked))).status).toBe(400);
  const again = await scene.begin();
  scene.provider.setUserInfo({ sub: 'officer', roles: ['cnas-officer'] });
  scene.provider.setToken(await scene.tokenOf(again, { roles: undefined }));
  expect((await scene.visitor.get(scene.address(again))).status).toBe(303);
  expect(await scene.sessions()).toEqual(['officer']);
});

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (claims: object) => `${part({ alg: 'none' })}.${part(claims)}.`;
const seconds = () => Math.floor(Date.now() / 1000);
const answerWith = (token: string) => ({ access_token: 'access', token_type: 'bearer', id_token: token });

type Scene = AsyncDisposable & {
  provider: HostileProvider;
  door: TestStaffDoor;
  visitor: ReturnType<TestStaffDoor['visitor']>;
  /** What the browser was sent to the provider with. */
  begin: () => Promise<URLSearchParams>;
  claimsOf: (asked: URLSearchParams, changed?: object) => Record<string, unknown>;
  tokenOf: (asked: URLSearchParams, changed: object) => Promise<{ body: unknown }>;
  good: (asked: URLSearchParams) => Promise<{ body: unknown }>;
  /** Where the provider sends the browser back to. */
  address: (asked: URLSearchParams, changed?: Readonly<Record<string, string | undefined>>) => string;
  /** Who is signed in, whatever the browser. */
  sessions: () => Promise<string[]>;
};

async function openScene(): Promise<Scene> {
  await using open = new AsyncDisposableStack();
  const provider = open.use(await openHostileProvider());
  const door = open.use(await openTestStaffDoor({ issuer: provider.issuer }));
  const visitor = door.visitor();
  const claimsOf: Scene['claimsOf'] = (asked, changed = {}) => ({
    iss: provider.issuer,
    aud: clientId,
    sub: 'officer',
    nonce: asked.get('nonce'),
    iat: seconds(),
    exp: seconds() + 300,
    auth_time: seconds(),
    name: 'Officer',
    roles: ['cnas-officer'],
    agencies: ['ALL'],
    ...changed,
  });
  const tokenOf: Scene['tokenOf'] = async (asked, changed) => ({
    body: answerWith(await provider.sign(claimsOf(asked, changed))),
  });
  const closing = open.move();
  return {
    provider,
    door,
    visitor,
    async begin() {
      const { location } = await visitor.get('/sign-in?to=/mandates');
      return location?.searchParams ?? new URLSearchParams();
    },
    claimsOf,
    tokenOf,
    good: (asked) => tokenOf(asked, {}),
    address(asked, changed = {}) {
      const all = { code: 'code', state: asked.get('state') ?? '', iss: provider.issuer, ...changed };
      const said = Object.entries(all).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      );
      return `/sign-in/return?${new URLSearchParams(Object.fromEntries(said))}`;
    },
    async sessions() {
      const { rows } = await door.db.owner.query<{ subject: string }>(
        'select subject from staff_sessions where subject is not null',
      );
      return rows.map(({ subject }) => subject);
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
