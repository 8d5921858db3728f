import { Readable } from 'node:stream';
import { html } from 'hono/html';
import { expect, test } from 'vitest';
import { openTestStaffDoor } from '../../test/staff-door.ts';
import { overview, page, seenBy, shown } from '../../test/staff-pages.ts';

const mandateId = '01890a5d-ac96-774b-bcce-b302099a8057';

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
