import { expect, test } from 'vitest';
import { openTestStaffDoor } from '../../../test/staff-door.ts';
import { overview, page, sessionIdsOf } from '../../../test/staff-pages.ts';

test('what needs a fresh sign-in asks for one when the last is older than 5 minutes, and goes back to its page', async () => {
  let acted = 0;
  const pages = [
    overview,
    page('/mandates/:mandateId'),
    page('/mandates/:mandateId/certify', { fresh: true }),
    page('/mandates/:mandateId/certify', { method: 'POST', fresh: true }, () => {
      acted += 1;
      return { answer: 'GO', to: '/mandates/m-1' };
    }),
    page('/mandates/:mandateId/revoke', { method: 'POST', fresh: true }, () => {
      acted += 1;
      return { answer: 'GO', to: '/mandates/m-1' };
    }),
  ];
  await using door = await openTestStaffDoor({ pages });
  const karim = await door.signIn('supervisor-karim');
  expect((await karim.post('/mandates/m-1/certify')).location?.pathname).toBe('/mandates/m-1');
  expect(acted).toBe(1);
  const before = await sessionIdsOf(door.db);

  door.moveTime(200);
  expect((await karim.get('/mandates/m-1/certify')).status).toBe(200);
  door.moveTime(302);
  const asked = await karim.get('/mandates/m-1/certify?x=1');
  expect(`${asked.location?.pathname}${asked.location?.search}`).toBe(
    '/sign-in?fresh=1&to=%2Fmandates%2Fm-1%2Fcertify%3Fx%3D1',
  );
  const posted = await karim.post('/mandates/m-1/certify');
  expect(posted.location?.search).toBe('?fresh=1&sent=1&to=%2Fmandates%2Fm-1%2Fcertify');
  const elsewhere = await karim.post(
    '/mandates/m-1/revoke',
    {},
    { headers: { referer: `${door.origin}/mandates/m-1` } },
  );
  expect(elsewhere.location?.search).toBe('?fresh=1&sent=1&to=%2Fmandates%2Fm-1');
  expect(acted).toBe(1);

  const address = await karim.get(`${posted.location?.pathname}${posted.location?.search}`);
  expect(address.location?.searchParams.get('prompt')).toBe('login');
  expect(address.location?.searchParams.get('max_age')).toBe('0');
  door.moveTime(0);
  const provider = await karim.browser.follow(address.location ?? '');
  expect(provider.url.pathname).toMatch(/^\/interaction\//);
  const back = await karim.choose(provider, 'supervisor-karim');
  expect(back.url.pathname).toBe('/mandates/m-1/certify');
  expect(back.body).toContain('rien n’a encore été fait');
  expect(await sessionIdsOf(door.db)).not.toEqual(before);
  // Said once.
  expect((await karim.get('/mandates/m-1/certify')).body).not.toContain('rien n’a encore été fait');
  expect((await karim.post('/mandates/m-1/certify')).status).toBe(303);
  expect(acted).toBe(2);
  expect(door.signIns).toEqual(['signed-in', 'signed-in-again']);
});

test('another person who answers to a step does not go on where the one before stood', async () => {
  await using door = await openTestStaffDoor({ pages: [overview, page('/certify', { fresh: true })] });
  const karim = await door.signIn('supervisor-karim');
  const seen = await karim.choose(await karim.open('/sign-in?fresh=1&to=/certify'), 'supervisor-samia');
  expect(seen.url.pathname).toBe('/');
  expect(seen.body).toContain('Samia Rahmani');
});

test('a form that comes after the session ended is not sent in silence: its page says so after the sign-in', async () => {
  let acted = 0;
  const pages = [
    overview,
    page('/requests/new'),
    page('/requests/new', { method: 'POST' }, () => {
      acted += 1;
      return { answer: 'GO', to: '/' };
    }),
  ];
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  await nadia.csrf();
  door.moveTime(1000);
  const seen = await nadia.send('/requests/new', { name: 'x' });
  door.moveTime(0);
  const back = await nadia.choose(seen, 'officer-nadia');
  expect(back.url.pathname).toBe('/requests/new');
  expect(back.body).toContain('le formulaire n’a pas été envoyé');
  expect(acted).toBe(0);
});
