import { expect, test } from 'vitest';
import { visitorOf } from '../../../test/back-office.ts';
import { openTestStaffDoor } from '../../../test/staff-door.ts';
import { confirmSignOut, journal, pages, sessionsOf } from '../../../test/staff-sessions.ts';

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

test('with the identity provider away a sign-out ends the session here, and says that it could not there', async () => {
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  // After a restart, in which nothing is known of the provider yet, the session of before is still good.
  await using restarted = await openTestStaffDoor({ pages, beside: door });
  const still = visitorOf(nadia.browser, restarted.origin);
  expect((await still.get('/')).status).toBe(200);
  door.provider.stop();
  const seen = await still.send('/sign-out');
  expect(`${seen.url.pathname}${seen.url.search}`).toBe('/signed-out?here=1');
  expect(seen.body).toContain('le fournisseur d’identité de la banque ne répond pas');
  expect(await sessionsOf(door)).toEqual([]);
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
