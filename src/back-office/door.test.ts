import { Readable } from 'node:stream';
import { html } from 'hono/html';
import { expect, test } from 'vitest';
import { openTestStaffDoor } from '../../test/staff-door.ts';
import type { BackOfficePage, PageAnswer, Visit } from './page.ts';
import { roles } from './staff.ts';

const mandateId = '01890a5d-ac96-774b-bcce-b302099a8057';

function page(
  path: string,
  more: Partial<BackOfficePage> = {},
  answer: (visit: Visit) => PageAnswer = shown,
): BackOfficePage {
  return { method: 'GET', path, section: 'mandates', roles, run: async (visit) => answer(visit), ...more };
}
const shown = (visit: Visit): PageAnswer => ({
  answer: 'PAGE',
  title: 'Page',
  content: html`<pre id="visit">${JSON.stringify({
    params: visit.params,
    form: [...visit.form],
    uploads: [...visit.uploads].map(([field, { name, bytes }]) => [field, name, bytes.length]),
    language: visit.words.language,
  })}</pre>`,
});
const seenBy = (body: string): unknown =>
  JSON.parse((/<pre id="visit">([^<]*)/.exec(body)?.[1] ?? '{}').replaceAll('&quot;', '"'));

const overview = page('/', { section: 'overview' });

test('every answer forbids what the pages do not need, and is kept nowhere', async () => {
  await using door = await openTestStaffDoor({ pages: [overview] });
  const nadia = await door.signIn('officer-nadia');
  const { headers } = await nadia.get('/');
  expect(headers.get('content-security-policy')).toBe(
    `default-src 'none';style-src 'self';script-src 'self';font-src 'self';connect-src 'self';img-src 'self' data:;form-action 'self' ${door.provider.issuer};frame-ancestors 'none';base-uri 'none'`,
  );
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(headers.get('x-powered-by')).toBeNull();
});

test('whoever is not signed in is sent to sign in, whatever the address, and sees nothing', async () => {
  let ran = 0;
  const counting = page('/mandates/:mandateId', {}, (visit) => {
    ran += 1;
    return shown(visit);
  });
  await using door = await openTestStaffDoor({ pages: [overview, counting] });
  const visitor = door.visitor();
  for (const path of ['/', '/mandates/m-1', '/no/such/page', '/mandates/%2e%2e/x'])
    expect((await visitor.get(path)).location?.pathname, path).toBe('/sign-in');
  expect(ran).toBe(0);
});

test("a role reaches neither another's page nor its action, also when the form is posted by hand", async () => {
  let acted = 0;
  const pages = [
    overview,
    page('/keys', { roles: ['administrator'] }),
    page('/keys', { method: 'POST', roles: ['administrator'] }, () => {
      acted += 1;
      return { answer: 'GO', to: '/' };
    }),
  ];
  await using door = await openTestStaffDoor({ pages });
  for (const subject of ['officer-nadia', 'supervisor-karim', 'auditor-yacine'] as const) {
    const person = await door.signIn(subject);
    const seen = await person.get('/keys');
    expect(seen.status).toBe(403);
    expect(seen.body).toContain('Page réservée à un autre rôle');
    expect((await person.post('/keys')).status).toBe(403);
  }
  expect(acted).toBe(0);
  const lina = await door.signIn('administrator-lina');
  expect((await lina.get('/keys')).status).toBe(200);
  expect((await lina.post('/keys')).status).toBe(303);
  expect(acted).toBe(1);
});

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

  door.moveTime(299);
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

test('a reading is in the journal before the page goes out, and without the journal nothing goes out', async () => {
  const secret = 'RIB 00500102444771278214';
  const read = [{ kind: 'mandate.read' as const, subjectId: mandateId }, { kind: 'debits.read' as const }];
  const pages = [
    overview,
    page('/mandate', {}, () => ({ answer: 'PAGE', title: 'M', content: html`${secret}`, read })),
    page('/file', {}, () => ({
      answer: 'FILE',
      type: 'text/csv; charset=utf-8',
      name: 'débits.csv',
      content: Readable.from([secret]),
      read: read.slice(1),
    })),
  ];
  await using door = await openTestStaffDoor({ pages });
  const amel = await door.signIn('officer-amel');
  expect((await amel.get('/mandate')).body).toContain(secret);
  const file = await amel.get('/file');
  expect(file.body).toBe(secret);
  expect(file.headers.get('content-disposition')).toBe(
    'attachment; filename="d?bits.csv"; filename*=UTF-8\'\'d%C3%A9bits.csv',
  );
  const { rows } = await door.db.owner.query(
    "select kind, subject_id, side, actor, detail from journal where kind like '%.read' order by entry_id",
  );
  const by = { side: 'bank', actor: 'officer-amel', detail: { from: '127.0.0.1' } };
  expect(rows).toEqual([
    { kind: 'mandate.read', subject_id: mandateId, ...by },
    { kind: 'debits.read', subject_id: null, ...by },
    { kind: 'debits.read', subject_id: null, ...by },
  ]);
  await door.db.owner.query('revoke insert on journal from gateway_runtime');
  for (const path of ['/mandate', '/file']) {
    const refused = await amel.get(path);
    expect(refused.status).toBe(500);
    expect(refused.body).not.toContain(secret);
  }
});

test('an unknown address is 404, another method 405, a broken one 400; each says what to do next in the reader’s language', async () => {
  const pages = [overview, page('/mandates/new'), page('/mandates/:mandateId'), page('/act', { method: 'POST' })];
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  const missing = await nadia.get('/no/such', { 'accept-language': 'ar-DZ,fr;q=0.5' });
  expect(missing).toMatchObject({ status: 404 });
  expect(missing.body).toContain('الصفحة غير موجودة');
  expect(missing.body).toContain('<html lang="ar" dir="rtl">');
  const get = await nadia.get('/act');
  expect(get).toMatchObject({ status: 405 });
  expect(get.headers.get('allow')).toBe('POST');
  expect((await nadia.post('/mandates/new')).headers.get('allow')).toBe('GET, HEAD');
  expect((await nadia.browser.ask(`${door.origin}/`, { method: 'DELETE' })).status).toBe(405);
  expect((await nadia.get('/mandates/%ff')).status).toBe(400);
  expect((await nadia.browser.ask(`${door.origin}/`, { method: 'HEAD' })).status).toBe(200);
  expect(seenBy((await nadia.get('/mandates/m-1')).body)).toMatchObject({ params: { mandateId: 'm-1' } });
  expect(seenBy((await nadia.get('/mandates/new')).body), 'the fixed one').toMatchObject({ params: {} });
});

test('a fault ends in one place: its page has a reference and no trace, the log has the fault without values', async () => {
  const pages = [
    overview,
    page('/broken', {}, () => {
      throw new Error('SARL El Hidhab 00500102444771278214');
    }),
  ];
  await using door = await openTestStaffDoor({ pages });
  const nadia = await door.signIn('officer-nadia');
  const seen = await nadia.get('/broken');
  expect(seen.status).toBe(500);
  expect(seen.body).not.toMatch(/Hidhab|\.ts:|00500102/);
  const [failure] = door.failures;
  expect(seen.body).toContain(failure?.requestId);
  expect(failure).toMatchObject({ kind: 'internal', fault: { name: 'Error' } });
  expect(JSON.stringify(failure)).not.toMatch(/Hidhab|00500102/);
});

test('with the database away each page says so, and works again when it is back', async () => {
  await using door = await openTestStaffDoor({ pages: [overview] });
  const nadia = await door.signIn('officer-nadia');
  await nadia.csrf();
  const query = door.db.gateway.query;
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
  Object.assign(door.db.gateway, { query: () => Promise.reject(away) });
  const seen = await nadia.get('/');
  expect(seen).toMatchObject({ status: 503 });
  expect(seen.body).toContain('La base de données ne répond pas');
  expect((await nadia.post('/')).status).toBe(503);
  Object.assign(door.db.gateway, { query });
  expect((await nadia.get('/')).status).toBe(200);
});

test('the language is the one chosen, kept for the next time, else the browser’s, else French', async () => {
  await using door = await openTestStaffDoor({ pages: [overview] });
  const nadia = await door.signIn('officer-nadia');
  const language = async (headers = {}) => seenBy((await nadia.get('/', headers)).body);
  expect(await language()).toMatchObject({ language: 'fr' });
  expect(await language({ 'accept-language': 'en-GB' })).toMatchObject({ language: 'en' });
  const chosen = await nadia.get('/?tab=1&language=ar');
  expect(`${chosen.location?.pathname}${chosen.location?.search}`).toBe('/?tab=1');
  expect(chosen.headers.getSetCookie()[0]).toMatch(/^__Host-language=ar; .*Path=\/;.* HttpOnly; Secure; SameSite=Lax$/);
  expect(await language({ 'accept-language': 'en-GB' })).toMatchObject({ language: 'ar' });
  expect((await nadia.browser.ask(`${door.origin}//elsewhere.example/?language=fr`)).location?.origin).toBe(
    door.origin,
  );
  expect((await nadia.get('/?language=xx')).status).toBe(200);
});

test('two pages of one address are refused when the door is opened', async () => {
  await expect(openTestStaffDoor({ pages: [overview, overview] })).rejects.toThrow('two pages of one address: /');
});

async function sessionIdsOf(db: {
  owner: { query: (text: string) => Promise<{ rows: { sid: string }[] }> };
}): Promise<string[]> {
  const { rows } = await db.owner.query('select sid from staff_sessions where subject is not null');
  return rows.map(({ sid }) => sid);
}
