import { html } from 'hono/html';
import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { openTestStaffDoor, type TestStaffDoor } from '../../../test/staff-door.ts';
import type { BackOfficePage } from '../page.ts';
import { roles } from '../staff.ts';

/** Says who is there, and where. */
const pageAt = (path: string): BackOfficePage => ({
  method: 'GET',
  path,
  section: 'overview',
  roles,
  run: async ({ staff, params, query }) => ({
    answer: 'PAGE',
    title: 'Who',
    content: html`<p id="who">${JSON.stringify({ ...staff, signedInAt: undefined, params, query: [...query] })}</p>`,
  }),
});
const pages = [pageAt('/'), pageAt('/mandates/:mandateId')];
const whoIn = (body: string): unknown =>
  JSON.parse((/<p id="who">([^<]*)/.exec(body)?.[1] ?? '').replaceAll('&quot;', '"'));

test('each role signs in through the identity provider, with its agencies', async () => {
  await using door = await openTestStaffDoor({ pages });
  const expected = {
    'officer-nadia': { name: 'Nadia Belkacem', roles: ['officer'], agencies: 'ALL' },
    'officer-amel': { name: 'Amel Haddouche', roles: ['officer'], agencies: ['00102'] },
    'supervisor-karim': { name: 'Karim Meziane', roles: ['supervisor'], agencies: 'ALL' },
    'auditor-yacine': { name: 'Yacine Ferhat', roles: ['auditor'], agencies: 'ALL' },
    'administrator-lina': { name: 'Lina Boukhalfa', roles: ['administrator'], agencies: 'ALL' },
  } as const;
  for (const subject of [
    'officer-nadia',
    'officer-amel',
    'supervisor-karim',
    'auditor-yacine',
    'administrator-lina',
  ] as const) {
    const person = await door.signIn(subject);
    expect(whoIn((await person.get('/')).body)).toMatchObject({ subject, ...expected[subject] });
  }
  expect(door.signIns).toEqual(Array(5).fill('signed-in'));
});

test('the sign-in leads back to the page that was asked for, with its query', async () => {
  await using door = await openTestStaffDoor({ pages });
  const visitor = door.visitor();
  const seen = await visitor.choose(await visitor.open('/mandates/m-1?tab=debits&q=%D8%B4'), 'officer-nadia');
  expect(`${seen.url.pathname}${seen.url.search}`).toBe('/mandates/m-1?tab=debits&q=%D8%B4');
  expect(whoIn(seen.body)).toMatchObject({
    params: { mandateId: 'm-1' },
    query: [
      ['tab', 'debits'],
      ['q', 'ش'],
    ],
  });
});

test.for([
  'https://elsewhere.example/',
  '//elsewhere.example/',
  '/\\elsewhere.example',
  '/%5Celsewhere.example/..//elsewhere.example',
  '\\\\elsewhere.example',
  '/\t/elsewhere.example',
  ' //elsewhere.example',
  'javascript:alert(1)',
  '/sign-in?fresh=1',
  '/sign-out',
  'mandates',
])('the sign-in leads nowhere but to our own pages: %s', async (to) => {
  await using door = await openTestStaffDoor({ pages });
  const visitor = door.visitor();
  const asked = await visitor.open(`/sign-in?${new URLSearchParams({ to })}`);
  const seen = await visitor.choose(asked, 'officer-nadia');
  expect(seen.url.origin).toBe(door.origin);
  expect(seen.url.pathname).not.toMatch(/^\/sign/);
});

test('whoever has no role is told so, is not let in, and may sign in as another', async () => {
  await using door = await openTestStaffDoor({ pages });
  const visitor = door.visitor();
  const seen = await visitor.choose(await visitor.open('/'), 'visitor-sofiane');
  expect(seen.status).toBe(403);
  expect(seen.body).toContain('Aucun rôle ne vous est attribué');
  expect(await sessionsOf(door)).toEqual([]);
  expect((await visitor.get('/')).location?.pathname).toBe('/sign-in');
  // The provider still knows who it was, and asks again.
  const again = await visitor.open('/sign-in?fresh=1');
  expect((await visitor.choose(again, 'officer-nadia')).status).toBe(200);
  expect(await journal(door)).toEqual([
    { kind: 'staff.turned-away', actor: 'visitor-sofiane', detail: { from: '127.0.0.1', roles: [] } },
    { kind: 'staff.signed-in', actor: 'officer-nadia', detail: { from: '127.0.0.1', roles: ['officer'] } },
  ]);
});

test('who breaks the sign-in off is told that it was not done', async () => {
  await using door = await openTestStaffDoor({ pages });
  const visitor = door.visitor();
  const asked = await visitor.open('/');
  const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(asked.body) ?? [];
  const seen = await visitor.browser.follow(new URL(action, asked.url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'cancel=yes',
  });
  expect(seen).toMatchObject({ status: 403 });
  expect(seen.body).toContain('Identification refusée');
});

test('the session has a new id from the sign-in on: one that was planted before opens nothing', async () => {
  await using door = await openTestStaffDoor({ pages });
  const victim = door.visitor();
  const asked = await victim.open('/');
  const planted = sessionOf(victim);
  expect(planted).not.toBe('');
  await victim.choose(asked, 'officer-nadia');
  expect(sessionOf(victim)).not.toBe(planted);
  const attacker = door.visitor();
  attacker.browser.cookies.set('x', { name: '__Host-session', value: planted, path: '/' });
  expect((await attacker.get('/')).location?.pathname).toBe('/sign-in');
  attacker.browser.cookies.set('x', { name: '__Host-session', value: 's%3Aplanted.nothing', path: '/' });
  expect((await attacker.get('/')).location?.pathname).toBe('/sign-in');
});

test('what the database holds is no session: neither the id that is stored, nor that of another key, opens one', async () => {
  await using door = await openTestStaffDoor({ pages });
  await door.signIn('officer-nadia');
  const { rows } = await door.db.owner.query<{ sid: string; sess: object }>('select sid, sess from staff_sessions');
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows[0]?.sess)).not.toMatch(/access_token|refresh_token/);
  const attacker = door.visitor();
  attacker.browser.cookies.set('x', { name: '__Host-session', value: `s%3A${rows[0]?.sid}.x`, path: '/' });
  expect((await attacker.get('/')).location?.pathname).toBe('/sign-in');
});

test('the cookie is for this host alone, out of reach of scripts, and not sent along from elsewhere', async () => {
  await using door = await openTestStaffDoor({ pages });
  const visitor = door.visitor();
  const { headers } = await visitor.get('/sign-in');
  const [cookie = ''] = headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-session=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});

test('a sign-out ends the session here and at the identity provider', async () => {
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  const cookies = new Map(nadia.browser.cookies);
  const confirm = await nadia.send('/sign-out');
  expect(confirm.url.origin).toBe(door.provider.issuer);
  expect(await sessionsOf(door)).toEqual([]);
  const done = await confirmSignOut(nadia, confirm);
  expect(`${done.url.origin}${done.url.pathname}`).toBe(`${door.origin}/signed-out`);
  expect(done.body).toContain('Vous êtes déconnecté');
  // The old cookies, of both ends, bring nobody back.
  for (const [key, cookie] of cookies) nadia.browser.cookies.set(key, cookie);
  expect((await nadia.get('/')).location?.pathname).toBe('/sign-in');
  expect((await nadia.open('/')).url.pathname).toMatch(/^\/interaction\//);
  expect((await journal(door)).map(({ kind }) => kind)).toEqual(['staff.signed-in', 'staff.signed-out']);
});

test('one address begins only so many sign-ins a minute', async () => {
  await using door = await openTestStaffDoor({ pages });
  const visitor = door.visitor();
  const answers = await Promise.all(Array.from({ length: 310 }, () => visitor.get('/sign-in')));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(300);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.body).toContain('Trop d’identifications en même temps');
  expect(refused?.headers.get('retry-after')).toBe('60');
});

test('a sign-out without the token of the session, or from elsewhere, ends nothing', async () => {
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  expect((await nadia.post('/sign-out', { csrf: 'forged' })).status).toBe(403);
  const elsewhere = await nadia.post('/sign-out', {}, { headers: { origin: 'https://elsewhere.example' } });
  expect(elsewhere.status).toBe(403);
  expect((await nadia.get('/')).status).toBe(200);
});

test('a session that ends at the identity provider ends here too, and only that one', async () => {
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  const elsewhere = await door.signIn('officer-nadia');
  const confirm = await nadia.browser.follow(`${door.provider.issuer}/session/end`);
  await confirmSignOut(nadia, confirm);
  expect((await nadia.get('/')).location?.pathname).toBe('/sign-in');
  expect((await elsewhere.get('/')).status).toBe(200);
});

test('a logout token that the provider did not sign for us ends nothing', async () => {
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  const post = (body: string) =>
    nadia.browser.ask(`${door.origin}/sign-in/back-channel-logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: door.provider.issuer,
    aud: 'cnas-debit-gateway',
    sub: 'officer-nadia',
    jti: 'j',
    iat: Math.floor(Date.now() / 1000),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  };
  const { rows } = await door.db.owner.query<{ token: string }>(
    "select sess ->> 'idToken' as token from staff_sessions",
  );
  const lies = [
    '',
    'logout_token=',
    `logout_token=${part({ alg: 'none' })}.${part(claims)}.`,
    `logout_token=${part({ alg: 'HS256' })}.${part(claims)}.${part({})}`,
    // The provider's own signature, but no logout token.
    `logout_token=${rows[0]?.token}`,
  ];
  for (const lie of lies) expect((await post(lie)).status, lie).toBe(400);
  expect((await nadia.get('/')).status).toBe(200);
});

test('a request that was slow does not bring back the session that a sign-out ended meanwhile', async () => {
  let go = () => {};
  const waiting = new Promise<void>((resolve) => {
    go = resolve;
  });
  let came = () => {};
  const began = new Promise<void>((resolve) => {
    came = resolve;
  });
  const slow: BackOfficePage = {
    ...pageAt('/slow'),
    async run() {
      came();
      await waiting;
      return { answer: 'PAGE', title: 'Slow', content: html`` };
    },
  };
  await using door = await openTestStaffDoor({ pages: [...pages, slow] });
  const nadia = await door.signIn('officer-nadia');
  const kept = sessionOf(nadia);
  await nadia.csrf();
  // Late enough that the slow request has something to save.
  door.moveTime(120);
  const answer = nadia.get('/slow');
  await began;
  await nadia.post('/sign-out');
  go();
  await answer;
  expect(await sessionsOf(door)).toEqual([]);
  nadia.browser.cookies.set('x', { name: '__Host-session', value: kept, path: '/' });
  expect((await nadia.get('/')).location?.pathname).toBe('/sign-in');
});

test('a session in which nothing is asked for 15 minutes has ended, and the provider asks who it is', async () => {
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  door.moveTime(14 * 60);
  expect((await nadia.get('/')).status).toBe(200);
  door.moveTime(28 * 60);
  expect((await nadia.get('/')).status).toBe(200);
  door.moveTime(28 * 60 + 901);
  expect((await nadia.get('/')).location?.pathname).toBe('/sign-in');
  expect(await sessionsOf(door)).toEqual([]);
  // The provider's own session lives on: it would let the next one at this desk in.
  expect((await nadia.open('/')).url.pathname).toMatch(/^\/interaction\//);
});

test('a session ends after 8 hours, however busy, and signing in again for a step does not lengthen it', async () => {
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  for (let minutes = 10; minutes < 480; minutes += 10) {
    door.moveTime(minutes * 60);
    expect((await nadia.get('/')).status, `${minutes} minutes`).toBe(200);
  }
  door.moveTime(0);
  await nadia.choose(await nadia.open('/sign-in?fresh=1'), 'officer-nadia');
  const { rows } = await door.db.owner.query<{ hours: number }>(
    'select extract(epoch from expire - now()) / 3600 as hours from staff_sessions where subject is not null',
  );
  expect(rows).toHaveLength(1);
  expect(Number(rows[0]?.hours)).toBeLessThanOrEqual(8);
  door.moveTime(28_790);
  await door.db.owner.query(
    `update staff_sessions set sess = jsonb_set(sess::jsonb, '{seenAt}', to_jsonb($1::text))::json`,
    [new Date(Date.now() + 28_789_000).toISOString()],
  );
  expect((await nadia.get('/')).status).toBe(200);
  door.moveTime(28_805);
  expect((await nadia.get('/')).location?.pathname).toBe('/sign-in');
});

test('with the identity provider away the gateway starts, tells so, and lets people in when it is back', async () => {
  await using door = await openTestStaffDoor({ pages });
  door.provider.stop();
  const visitor = door.visitor();
  const seen = await visitor.open('/mandates/m-1');
  expect(seen).toMatchObject({ status: 503 });
  expect(seen.body).toContain('Le fournisseur d’identité ne répond pas');
  expect(seen.body).toContain('href="/sign-in?to=%2Fmandates%2Fm-1"');
  await door.provider.serve(door.origin);
  expect((await visitor.choose(await visitor.open('/mandates/m-1'), 'officer-nadia')).status).toBe(200);
  expect(door.signIns).toEqual(['provider-away', 'signed-in']);
});

test('the whole gateway opens its back office, and counts who comes in', async () => {
  await using bank = await openTestBackOffice();
  const nadia = await bank.signIn('officer-nadia');
  const seen = await nadia.get('/');
  expect(seen).toMatchObject({ status: 200 });
  expect(seen.body).toContain('Nadia Belkacem');
  const metrics = await (await fetch(`${bank.gateway.operationsOrigin}/metrics`)).text();
  expect(metrics).toContain('staff_sign_ins_total{outcome="signed-in"} 1');
  expect(metrics).toMatch(/certificate_expiry_timestamp_seconds\{name="back-office"\} \d+/);
  expect(`${bank.logged.join('')}${metrics}`).not.toMatch(/Nadia|officer-nadia/);
});

const sessionOf = ({ browser }: ReturnType<TestStaffDoor['visitor']>): string =>
  [...browser.cookies.values()].find(({ name }) => name === '__Host-session')?.value ?? '';

async function sessionsOf({ db }: TestStaffDoor): Promise<string[]> {
  const { rows } = await db.owner.query<{ subject: string }>(
    'select subject from staff_sessions where subject is not null order by 1',
  );
  return rows.map(({ subject }) => subject);
}

async function journal({ db }: TestStaffDoor) {
  const { rows } = await db.owner.query<{ kind: string; actor: string; detail: object }>(
    "select kind, actor, detail from journal where kind like 'staff.%' order by entry_id",
  );
  return rows;
}

/** The button of the provider's own page. */
function confirmSignOut(
  { browser }: ReturnType<TestStaffDoor['visitor']>,
  page: Awaited<ReturnType<typeof browser.ask>>,
) {
  const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(page.body)?.[1] ?? '';
  return browser.follow(new URL(value('action'), page.url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      xsrf: /name="xsrf" value="([^"]*)"/.exec(page.body)?.[1] ?? '',
      logout: 'yes',
    }).toString(),
  });
}
