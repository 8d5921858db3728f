import { expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice, type Visitor } from '../../../test/back-office.ts';
import type { Seen } from '../../../test/browser.ts';
import { hidhab, morning, openMandateBank } from '../../../test/mandates.ts';
import { openCursors } from '../../contract/cursor.ts';
import { addDays, algiersDay } from '../../values/dates.ts';
import type { Visit } from '../page.ts';
import { wordsOf } from '../words/load.ts';
import { certifyRequest } from './decide.ts';
import { reviewPage } from './review-page.ts';

const today = algiersDay(new Date());
const typed = { ...hidhab, validFrom: today, validTo: addDays(today, 365), act: 'save' };
const pdf = { name: 'form.pdf', type: 'application/pdf', bytes: new TextEncoder().encode('%PDF-1.7\n%%EOF') };

const idIn = (seen: Seen): string => /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/.exec(seen.url.pathname)?.[0] ?? '';
const seenIn = (seen: Seen): string => /name="seen" value="([0-9a-f]{64})"/.exec(seen.body)?.[1] ?? '';

async function entered(officer: Visitor, more: Record<string, string> = {}): Promise<string> {
  const seen = await officer.send('/requests/new', { ...typed, ...more });
  const mandateId = idIn(seen);
  if (seen.status !== 200 || mandateId === '') throw new Error(`nothing was entered: ${seen.status}`);
  return mandateId;
}

const rowsOf = async (bank: TestBackOffice, text: string) => (await bank.db.owner.query<object>(text)).rows;

test('an officer types a request and attaches the form, a supervisor certifies it, and its page has the certificate', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await entered(officer);
  const attached = await officer.send(`/requests/${mandateId}/scan`, {}, { files: { scan: pdf } });
  expect([attached.status, attached.body.includes('/scans/')]).toEqual([200, true]);
  const submitted = await officer.send(`/requests/${mandateId}/submit`);
  expect(submitted.body).not.toContain(`/requests/${mandateId}/certify`);
  const supervisor = await bank.signIn('supervisor-karim');
  expect((await supervisor.open('/requests?queue=waiting')).body).toContain(mandateId);
  const shown = await supervisor.open(`/requests/${mandateId}/certify`);
  const certified = await supervisor.post(`/requests/${mandateId}/certify`, { seen: seenIn(shown) });
  expect([certified.status, certified.location?.pathname]).toEqual([303, `/mandates/${mandateId}`]);
  const page = await supervisor.open(`/requests/${mandateId}`);
  expect([page.url.pathname, page.body.includes(`/mandates/${mandateId}/certificate`)]).toEqual([
    `/mandates/${mandateId}`,
    true,
  ]);
  expect(await rowsOf(bank, 'select certified_by, entered_by from mandates')).toEqual([
    { certified_by: 'supervisor-karim', entered_by: 'officer-amel' },
  ]);
});

test('the person who made it is refused when the certifying form is posted by hand, and no token exists', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await entered(officer, { act: 'submit' });
  const [row] = await rowsOf(bank, 'select content_hash as seen from mandates');
  const seen = row && 'seen' in row ? String(row.seen) : '';
  // By role.
  expect((await officer.post(`/requests/${mandateId}/certify`, { seen })).status).toBe(403);
  // By rule: a supervisor who made it too.
  await bank.db.owner.query("update mandates set makers = makers || 'supervisor-karim'::text");
  const supervisor = await bank.signIn('supervisor-karim');
  expect((await supervisor.post(`/requests/${mandateId}/certify`, { seen })).status).toBe(409);
  expect((await supervisor.get(`/requests/${mandateId}/certify`)).status).toBe(303);
  // By the database, whatever wrote to it.
  await expect(
    bank.db.gateway.query("update mandates set state = 'CERTIFIED', certified_by = 'supervisor-karim'"),
  ).rejects.toThrow('check constraint');
  expect(await rowsOf(bank, 'select from tokens')).toEqual([]);
});

test('two supervisors who press at once give one approval', async () => {
  await using bank = await openTestBackOffice();
  const mandateId = await entered(await bank.signIn('officer-amel'), { act: 'submit' });
  const people = [await bank.signIn('supervisor-karim'), await bank.signIn('supervisor-samia')];
  const forms = await Promise.all(people.map((person) => person.open(`/requests/${mandateId}/certify`)));
  const answers = await Promise.all(
    people.map((person, at) =>
      person.post(`/requests/${mandateId}/certify`, { seen: forms[at] ? seenIn(forms[at]) : '' }),
    ),
  );
  expect(answers.map(({ location }) => location?.pathname).toSorted()).toEqual([
    `/mandates/${mandateId}`,
    `/requests/${mandateId}`,
  ]);
  expect(await rowsOf(bank, 'select from tokens')).toHaveLength(1);
  expect(await rowsOf(bank, "select from journal where kind = 'mandate.certified'")).toHaveLength(1);
});

test('certifying asks for a sign-in of just now, and comes back to the form', async () => {
  await using bank = await openTestBackOffice();
  const mandateId = await entered(await bank.signIn('officer-amel'), { act: 'submit' });
  const supervisor = await bank.signIn('supervisor-karim');
  bank.moveTime(301);
  const asked = await supervisor.get(`/requests/${mandateId}/certify`);
  expect([asked.status, asked.location?.pathname, asked.location?.searchParams.get('to')]).toEqual([
    303,
    '/sign-in',
    `/requests/${mandateId}/certify`,
  ]);
  expect((await supervisor.post(`/requests/${mandateId}/certify`, { seen: 'x' })).location?.pathname).toBe('/sign-in');
});

test('what was changed after it was shown is not certified, and what waited for more than a day says what to do', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await entered(officer, { act: 'submit' });
  const supervisor = await bank.signIn('supervisor-karim');
  const shown = await supervisor.open(`/requests/${mandateId}/certify`);
  await supervisor.send(`/requests/${mandateId}/send-back`, { remark: 'The ceiling is another' });
  const draft = await officer.open(`/requests/${mandateId}/edit`);
  const corrected = { ...typed, seen: seenIn(draft), periodCeiling: '310000.00', act: 'submit' };
  await officer.send(`/requests/${mandateId}/edit`, corrected);
  const refused = await supervisor.post(`/requests/${mandateId}/certify`, { seen: seenIn(shown) });
  expect([refused.status, refused.body.includes('Ce n’est plus ce que vous avez vu')]).toEqual([409, true]);
  await bank.db.owner.query("update mandates set submitted_at = submitted_at - interval '25 hours'");
  const late = await supervisor.post(`/requests/${mandateId}/certify`, { seen: seenIn(refused) });
  expect([late.status, late.body.includes('Renvoyez la demande')]).toEqual([409, true]);
  expect(await rowsOf(bank, 'select from tokens')).toEqual([]);
});

test('who edits a draft that another has changed meanwhile is told, and undoes nothing unseen', async () => {
  await using bank = await openTestBackOffice();
  const [amel, nadia] = [await bank.signIn('officer-amel'), await bank.signIn('officer-nadia')];
  const mandateId = await entered(amel);
  const path = `/requests/${mandateId}/edit`;
  const [one, other] = [await amel.open(path), await nadia.open(path)];
  expect((await nadia.post(path, { ...typed, periodCeiling: '310000.00', seen: seenIn(other) })).status).toBe(303);
  const late = await amel.post(path, { ...typed, periodCeiling: '320000.00', seen: seenIn(one) });
  expect([late.status, late.body.includes('value="320000.00"')]).toEqual([409, true]);
  expect(await rowsOf(bank, 'select period_ceiling from mandates')).toEqual([{ period_ceiling: '31000000' }]);
  expect((await amel.post(path, { ...typed, periodCeiling: '320000.00', seen: seenIn(late) })).status).toBe(303);
  expect(await rowsOf(bank, 'select period_ceiling from mandates')).toEqual([{ period_ceiling: '32000000' }]);
});

test('every fault stands beside its field, in the reader’s language, and what was typed stays', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const faulty = {
    ...typed,
    rib: '00500102444771278215',
    nameAr: 'El Hidhab',
    perDebitCeiling: '0',
    validTo: '2020-01-01',
  };
  const seen = await officer.post('/requests/new', faulty);
  expect(seen.status).toBe(422);
  for (const id of ['rib', 'nameAr', 'perDebitCeiling', 'validTo'])
    expect(seen.body).toContain(`id="field-${id}-fault"`);
  expect(seen.body).toContain('value="00500102444771278215"');
  const arabic = await officer.open('/requests/new?language=ar');
  expect(arabic.body).toContain('رقم رب العمل');
  expect((await officer.post('/requests/new', faulty)).body).toContain('ليس رقم تعريف بنكي');
  const checked = await officer.post('/requests/new', { ...typed, act: 'check' });
  expect([checked.status, checked.body.includes('alert-success')]).toEqual([200, true]);
  expect(await rowsOf(bank, 'select from mandates')).toEqual([]);
});

test('a script in an employer’s name is shown as text, on every page that shows it', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await entered(officer, { nameFr: '"><script>alert(1)</script>', nameAr: '<b>الهضاب</b>' });
  await officer.send(`/requests/${mandateId}/submit`);
  const supervisor = await bank.signIn('supervisor-karim');
  for (const path of [
    `/requests/${mandateId}`,
    `/requests/${mandateId}/certify`,
    `/requests/${mandateId}/refuse`,
    '/requests',
  ]) {
    const { status, body } = await supervisor.open(path);
    expect([path, status, body.includes('<script>alert'), body.includes('<b>')]).toEqual([path, 200, false, false]);
  }
  expect((await supervisor.open(`/requests/${mandateId}`)).body).toContain('&lt;script&gt;alert(1)');
});

test('another agency’s request answers as an unknown one does, to look at and to act on', async () => {
  await using bank = await openTestBackOffice();
  const everywhere = await bank.signIn('officer-nadia');
  const foreign = await entered(everywhere, { rib: '00500116417777786841', employerNumber: '1681924865' });
  await everywhere.send(`/requests/${foreign}/scan`, {}, { files: { scan: pdf } });
  const officer = await bank.signIn('officer-amel');
  expect((await officer.open('/requests')).body).not.toContain(foreign);
  const unknown = crypto.randomUUID();
  for (const part of ['', '/edit', '/scans/x']) {
    const [one, other] = [
      await officer.get(`/requests/${foreign}${part}`),
      await officer.get(`/requests/${unknown}${part}`),
    ];
    expect([part, one.status, other.status]).toEqual([part, 404, 404]);
  }
  for (const part of ['/submit', '/edit'])
    expect((await officer.post(`/requests/${foreign}${part}`, typed)).status).toBe(404);
  expect((await officer.post(`/requests/${foreign}/scan`, {}, { files: { scan: pdf } })).status).toBe(404);
  expect((await officer.get(`/requests/open?reference=${foreign}`)).status).toBe(404);
  expect((await officer.post('/requests/new', { ...typed, rib: '00500116417777786841' })).status).toBe(422);
});

test('a file of another type is refused whatever it claims, and one that is kept is shown as what it is', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await entered(officer);
  const page = { ...pdf, bytes: new TextEncoder().encode('<html><script>alert(1)</script></html>') };
  expect((await officer.post(`/requests/${mandateId}/scan`, {}, { files: { scan: page } })).status).toBe(422);
  const large = { ...pdf, bytes: new Uint8Array(5 * 1024 * 1024 + 1) };
  expect((await officer.post(`/requests/${mandateId}/scan`, {}, { files: { scan: large } })).status).toBe(413);
  expect(await rowsOf(bank, 'select from request_scans')).toEqual([]);
  const seen = await officer.send(`/requests/${mandateId}/scan`, {}, { files: { scan: { ...pdf, name: 'x.html' } } });
  const address = /\/requests\/[^"]+\/scans\/[0-9a-f]{64}/.exec(seen.body)?.[0] ?? '';
  const { status, headers } = await officer.get(address);
  expect([status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([
    200,
    'application/pdf',
    'nosniff',
  ]);
  expect(headers.get('content-disposition')).toMatch(/^inline; filename=request-[0-9a-f-]{36}\.pdf$/);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('a file is previewed with a fault list, entered once, and forgotten after a day', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-nadia');
  const sample = await officer.get('/requests/import/sample');
  const [heading = '', line = ''] = sample.body.replace(/^\ufeff/, '').split('\r\n');
  const wrong = line.replace('00500102444771278214', '00500102444771278215').replace('SARL El', '=SARL El');
  const file = { name: 'f.csv', type: 'text/csv', bytes: new TextEncoder().encode([heading, line, wrong].join('\n')) };
  const seen = await officer.send('/requests/import', { creditor: 'CNAS' }, { files: { file } });
  expect([seen.status, seen.body.includes('Une ligne est bonne, une a des fautes')]).toEqual([200, true]);
  const path = seen.url.pathname;
  const faults = await officer.get(`${path}/faults`);
  expect(faults.body).toMatch(/"'=SARL El Hidhab Construction";"RIB : Pas un RIB/);
  expect((await (await bank.signIn('officer-amel')).get(path)).status).toBe(404);
  expect((await officer.send(`${path}/confirm`, { act: 'submit' })).url.pathname).toBe('/requests');
  await officer.send(`${path}/confirm`, { act: 'submit' });
  expect(await rowsOf(bank, 'select state from mandates')).toEqual([{ state: 'PENDING_CERTIFICATION' }]);
  const other = await officer.send('/requests/import', { creditor: 'CNAS' }, { files: { file } });
  await bank.db.owner.query(
    "update request_imports set made_at = made_at - interval '25 hours', ends_at = ends_at - interval '25 hours'",
  );
  expect((await officer.post(`${other.url.pathname}/confirm`, { act: 'save' })).status).toBe(404);
  expect(await rowsOf(bank, 'select from mandates')).toHaveLength(1);
});

test('a creditor’s request is opened by its QR code’s text, and what staff changed in it is marked', async () => {
  await using bank = await openTestBackOffice();
  const {
    creditor: _,
    perDebitCeiling,
    periodCeiling,
    period,
    representativeFr: _fr,
    representativeAr: _ar,
    ...asked
  } = hidhab;
  const ceilings = { perDebit: perDebitCeiling, perPeriod: periodCeiling, period, currency: 'DZD' };
  const body = { ...asked, ceilings, validFrom: today, validTo: addDays(today, 365) };
  const opened = await bank.clientOf('cnas').put('/v1/authorisation-requests/REQ-7', body);
  expect(opened.status).toBe(201);
  const officer = await bank.signIn('officer-amel');
  for (const reference of ['CNAS:REQ-7', 'REQ-7', String(opened.json?.mandateId)]) {
    const seen = await officer.open(`/requests/open?${new URLSearchParams({ reference })}`);
    expect(seen.url.pathname).toBe(`/requests/${String(opened.json?.mandateId)}`);
    expect(seen.body).toContain('Aucune différence.');
  }
  expect((await officer.get('/requests/open?reference=CACOBATPH:REQ-7')).status).toBe(404);
  const path = `/requests/${String(opened.json?.mandateId)}`;
  await officer.send(`${path}/edit`, {
    ...typed,
    seen: seenIn(await officer.open(`${path}/edit`)),
    representativeFr: '',
    representativeAr: '',
    periodCeiling: '400 000,00',
  });
  const changed = await officer.open(path);
  expect(changed.body).toContain('Un champ diffère.');
  expect(changed.body).toMatch(/row-warning.*400.000,00.*Différent/s);
});

test('the list is a file without formulas, and reading it is in the journal', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  await entered(officer, { nameFr: '=HYPERLINK("http://x")' });
  await bank.db.owner.query("delete from journal where kind like '%.read'").catch(() => undefined);
  const file = await officer.get('/requests/export?queue=drafts');
  expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
  expect(file.body).toContain(`"'=HYPERLINK(""http://x"")"`);
  expect(file.body).not.toContain(hidhab.rib);
  const words = await officer.get('/requests/amount-in-words?amount=150%20000,00');
  expect(JSON.parse(words.body)).toEqual({ fr: 'cent cinquante mille dinars', ar: 'مائة وخمسون ألف دينار' });
  expect(
    await rowsOf(bank, "select actor from journal where kind = 'mandates.read' order by entry_id desc limit 1"),
  ).toEqual([{ actor: 'officer-amel' }]);
});

test('a holder of another name is certified only with why it is the same employer, kept in the supervisor’s words', async () => {
  await using bank = await openTestBackOffice();
  const mandateId = await entered(await bank.signIn('officer-amel'), {
    nameFr: 'SARL Autre Nom',
    nameAr: 'اسم آخر',
    act: 'submit',
  });
  const supervisor = await bank.signIn('supervisor-karim');
  const path = `/requests/${mandateId}/certify`;
  const shown = await supervisor.open(path);
  expect(shown.body).toMatch(/Le nom du titulaire diffère.*row-warning.*name="nameDifference"/s);
  const without = await supervisor.post(path, { seen: seenIn(shown), nameDifference: '' });
  expect([without.status, without.body.includes('id="field-nameDifference-fault"')]).toEqual([422, true]);
  expect(await rowsOf(bank, 'select from tokens')).toEqual([]);
  const nameDifference = 'Changed its name, extract of 2026';
  expect((await supervisor.post(path, { seen: seenIn(shown), nameDifference })).location?.pathname).toBe(
    `/mandates/${mandateId}`,
  );
  expect(await rowsOf(bank, 'select about, remark from mandate_remarks')).toEqual([
    { about: 'name-difference', remark: nameDifference },
  ]);
});

test('a core banking system that does not answer is said so, with a way to try again, and nothing is certified', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  await bank.submit(mandateId);
  const coreBanking = { lookUpAccount: async () => ({ outcome: 'UNREACHABLE' as const }) };
  const parts = {
    ...{ db: bank.pool, cursors: openCursors(Buffer.alloc(32)), bankCodes: ['005'] },
    desk: { ...bank.desk, coreBanking },
  };
  const { contentHash } = (await bank.file(mandateId)).mandate;
  const visit = visitOf(mandateId, { seen: contentHash });
  const shown = await reviewPage(parts, visit);
  if (shown.answer !== 'PAGE') throw new Error('there is a page');
  const body = String(await shown.content);
  expect(body).toContain('The core banking system does not answer');
  expect(body).toContain(`href="/requests/${mandateId}">Try again`);
  const refused = await certifyRequest(parts, visit);
  expect(refused).toMatchObject({ answer: 'PAGE', status: 409 });
  expect(await bank.journalOf(mandateId)).not.toContain('mandate.certified PENDING_CERTIFICATION > CERTIFIED bank');
});

const visitOf = (mandateId: string, form: Record<string, string>): Visit => ({
  staff: {
    ...{ subject: 'supervisor-karim', name: 'Karim', roles: ['supervisor'], agencies: 'ALL', signedInAt: morning },
  },
  words: wordsOf('en'),
  params: { mandateId },
  query: new URLSearchParams(),
  form: new URLSearchParams(form),
  uploads: new Map(),
  ...{ csrf: 'x', from: '192.0.2.1', requestId: 'r', now: morning },
});
