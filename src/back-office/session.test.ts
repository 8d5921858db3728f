import { html } from 'hono/html';
import { expect, test } from 'vitest';
import { openTestStaffDoor } from '../../test/staff-door.ts';
import { pageAt, pages, sessionOf, sessionsOf, whoIn } from '../../test/staff-sessions.ts';
import type { BackOfficePage } from './page.ts';

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

test('a sign-in with other roles or agencies ends the sessions that still have those of before', async () => {
  await using door = await openTestStaffDoor({ pages });
  const [before, same] = [await door.signIn('officer-nadia'), await door.signIn('officer-nadia')];
  const other = await door.signIn('supervisor-karim');
  // As if she had been a supervisor when she signed in there.
  await door.db.owner.query(
    `update staff_sessions set sess = jsonb_set(sess::jsonb, '{staff,roles}', '["supervisor"]')::json
      where sid = encode(sha256(convert_to($1, 'utf8')), 'hex')`,
    [decodeURIComponent(sessionOf(before)).slice(2).split('.', 1)[0]],
  );
  expect(whoIn((await before.get('/')).body)).toMatchObject({ roles: ['supervisor'] });
  await door.signIn('officer-nadia');
  expect((await before.get('/')).location?.pathname).toBe('/sign-in');
  for (const person of [same, other]) expect((await person.get('/')).status).toBe(200);
});

test('who is turned away for want of a role is signed in nowhere any more', async () => {
  await using door = await openTestStaffDoor({ pages });
  const before = await door.signIn('officer-nadia');
  await door.db.owner.query(
    `update staff_sessions set sess = jsonb_set(sess::jsonb, '{staff,subject}', '"visitor-sofiane"')::json`,
  );
  expect((await before.get('/')).status).toBe(200);
  const visitor = door.visitor();
  await visitor.choose(await visitor.open('/'), 'visitor-sofiane');
  expect((await before.get('/')).location?.pathname).toBe('/sign-in');
});

test('the cookie is for this host alone, out of reach of scripts, and not sent along from elsewhere', async () => {
  await using door = await openTestStaffDoor({ pages });
  const visitor = door.visitor();
  const { headers } = await visitor.get('/sign-in');
  const [cookie = ''] = headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-session=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
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
  door.moveTime(28_000);
  await door.db.owner.query(
    `update staff_sessions set sess = jsonb_set(sess::jsonb, '{seenAt}', to_jsonb($1::text))::json`,
    [new Date(Date.now() + 27_999_000).toISOString()],
  );
  expect((await nadia.get('/')).status).toBe(200);
  door.moveTime(28_805);
  expect((await nadia.get('/')).location?.pathname).toBe('/sign-in');
});
