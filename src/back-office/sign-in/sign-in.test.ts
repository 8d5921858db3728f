import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { openTestStaffDoor } from '../../../test/staff-door.ts';
import { journal, pages, sessionsOf, whoIn } from '../../../test/staff-sessions.ts';

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

test('one address begins only so many sign-ins a minute', async () => {
  await using door = await openTestStaffDoor({ pages });
  const visitor = door.visitor();
  const answers = await Promise.all(Array.from({ length: 310 }, () => visitor.get('/sign-in')));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(300);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.body).toContain('Trop d’identifications en même temps');
  expect(refused?.headers.get('retry-after')).toBe('60');
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
