import { expect, test } from 'vitest';
import { openTestStaffDoor } from '../../test/staff-door.ts';
import { overview, page, seenBy } from '../../test/staff-pages.ts';

test('a form without the token of its session, or from another origin, does nothing', async () => {
  let acted = 0;
  const pages = [
    overview,
    page('/act', { method: 'POST' }, () => {
      acted += 1;
      return { answer: 'GO', to: '/' };
    }),
    page('/attach', { method: 'POST', uploads: { fields: ['scan'], maximumBytes: 1000 } }, () => {
      acted += 1;
      return { answer: 'GO', to: '/' };
    }),
  ];
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  const karim = await door.signIn('supervisor-karim');
  const scan = { scan: { name: 'a.pdf', type: 'application/pdf', bytes: new Uint8Array(10) } };
  for (const csrf of ['', 'forged', await karim.csrf()]) {
    const seen = await nadia.post('/act', { csrf });
    expect(seen).toMatchObject({ status: 403 });
    expect(seen.body).toContain('Formulaire refusé');
    expect(await nadia.post('/attach', { csrf }, { files: scan })).toMatchObject({ status: 403 });
  }
  const foreign: Record<string, string>[] = [
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { origin: door.origin.replace('https', 'http') },
    { origin: `${door.origin}.elsewhere.example` },
    { origin: '' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign)
    expect((await nadia.post('/act', {}, { headers })).status, JSON.stringify(headers)).toBe(403);
  const noOrigin = await nadia.browser.ask(`${door.origin}/act`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrf: await nadia.csrf() }).toString(),
  });
  expect(noOrigin.status).toBe(403);
  expect(acted).toBe(0);
  expect((await nadia.post('/act')).status).toBe(303);
  expect((await nadia.post('/attach', {}, { files: scan })).status).toBe(303);
  expect(acted).toBe(2);
});

test('fields that stand more than once, and files with Arabic names, come as they were sent', async () => {
  const uploads = { fields: ['scan', 'other'], maximumBytes: 1000 };
  await using door = await openTestStaffDoor({ pages: [overview, page('/attach/:what', { method: 'POST', uploads })] });
  const nadia = await door.signIn('officer-nadia');
  const seen = await nadia.post(
    '/attach/a%2Fb',
    { note: 'été', choice: ['one', 'two'] },
    {
      files: {
        scan: { name: 'تفويض.pdf', type: 'application/pdf', bytes: new Uint8Array(999) },
        other: { name: '', type: 'application/octet-stream', bytes: new Uint8Array(0) },
      },
    },
  );
  expect(seen.status).toBe(200);
  expect(seenBy(seen.body)).toMatchObject({
    params: { what: 'a/b' },
    form: [
      ['csrf', await nadia.csrf()],
      ['note', 'été'],
      ['choice', 'one'],
      ['choice', 'two'],
    ],
    uploads: [['scan', 'تفويض.pdf', 999]],
  });
});

test('a form or a file that is too long, or of another kind, is refused in words', async () => {
  const uploads = { fields: ['scan'], maximumBytes: 1000 };
  const pages = [overview, page('/attach', { method: 'POST', uploads }), page('/act', { method: 'POST' })];
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  const file = (bytes: number) => ({ name: 'a.pdf', type: 'application/pdf', bytes: new Uint8Array(bytes) });
  const long = await nadia.post('/attach', {}, { files: { scan: file(1001) } });
  expect(long).toMatchObject({ status: 413 });
  expect(long.body).toContain('Envoi trop volumineux');
  expect((await nadia.post('/attach', {}, { files: { unexpected: file(1) } })).status).toBe(400);
  expect((await nadia.post('/attach', {}, { files: { scan: file(1), more: file(1) } })).status).toBeGreaterThanOrEqual(
    400,
  );
  expect((await nadia.post('/act', {}, { files: { scan: file(1) } })).status).toBe(415);
  expect((await nadia.post('/act', { text: 'x'.repeat(70_000) })).status).toBe(413);
  const json = await nadia.post('/act', {}, { headers: { 'content-type': 'application/json' } });
  expect(json.status).toBe(415);
  const broken = await nadia.post('/attach', {}, { headers: { 'content-type': 'multipart/form-data; boundary=x' } });
  expect(broken.status).toBe(400);
});

test('a notice is said once, on the page that comes', async () => {
  const pages = [overview, page('/act', { method: 'POST' }, () => ({ answer: 'GO', to: '/', notice: 'Done <b>&' }))];
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  expect((await nadia.send('/act')).body).toContain('Done &lt;b&gt;&amp;');
  expect((await nadia.get('/')).body).not.toContain('Done');
});

test('after a form nobody is sent away from here', async () => {
  const pages = [
    overview,
    page('/act', { method: 'POST' }, ({ form }) => ({ answer: 'GO', to: form.get('to') ?? '' })),
  ];
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  for (const to of ['https://elsewhere.example/', '//elsewhere.example', '/\\elsewhere.example'])
    expect((await nadia.post('/act', { to })).location?.origin, to).toBe(door.origin);
});
