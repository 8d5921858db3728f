import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { hidhab } from '../../../test/mandates.ts';
import { enterByForm, rowsOf, seenIn, signedForm, today, typedForm } from '../../../test/request-pages.ts';
import { addDays } from '../../values/dates.ts';

test('an officer types a request and attaches the form, a supervisor certifies it, and its page has the certificate', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await enterByForm(officer);
  const attached = await officer.send(`/requests/${mandateId}/scan`, {}, { files: { scan: signedForm } });
  expect([attached.status, attached.body.includes('/scans/')]).toEqual([200, true]);
  const submitted = await officer.send(`/requests/${mandateId}/submit`);
  expect(submitted.body).not.toContain(`/requests/${mandateId}/certify`);
  const supervisor = await bank.signIn('supervisor-karim');
  expect((await supervisor.open('/requests?queue=waiting')).body).toContain(mandateId);
  const shown = await supervisor.open(`/requests/${mandateId}/certify`);
  const certified = await supervisor.post(`/requests/${mandateId}/certify`, { seen: seenIn(shown), paperSeen: 'yes' });
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

test('who edits a draft that another has changed meanwhile is told, and undoes nothing unseen', async () => {
  await using bank = await openTestBackOffice();
  const [amel, nadia] = [await bank.signIn('officer-amel'), await bank.signIn('officer-nadia')];
  const mandateId = await enterByForm(amel);
  const path = `/requests/${mandateId}/edit`;
  const [one, other] = [await amel.open(path), await nadia.open(path)];
  expect((await nadia.post(path, { ...typedForm, periodCeiling: '310000.00', seen: seenIn(other) })).status).toBe(303);
  const late = await amel.post(path, { ...typedForm, periodCeiling: '320000.00', seen: seenIn(one) });
  expect([late.status, late.body.includes('value="320000.00"')]).toEqual([409, true]);
  expect(await rowsOf(bank, 'select period_ceiling from mandates')).toEqual([{ period_ceiling: '31000000' }]);
  expect((await amel.post(path, { ...typedForm, periodCeiling: '320000.00', seen: seenIn(late) })).status).toBe(303);
  expect(await rowsOf(bank, 'select period_ceiling from mandates')).toEqual([{ period_ceiling: '32000000' }]);
});

test('every fault stands beside its field, in the reader’s language, and what was typed stays', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const faulty = {
    ...typedForm,
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
  const checked = await officer.post('/requests/new', { ...typedForm, act: 'check' });
  expect([checked.status, checked.body.includes('alert-success')]).toEqual([200, true]);
  expect(await rowsOf(bank, 'select from mandates')).toEqual([]);
});

test('a script in an employer’s name is shown as text, on every page that shows it', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await enterByForm(officer, { nameFr: '"><script>alert(1)</script>', nameAr: '<b>الهضاب</b>' });
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
  const foreign = await enterByForm(everywhere, { rib: '00500116417777786841', employerNumber: '1681924865' });
  await everywhere.send(`/requests/${foreign}/scan`, {}, { files: { scan: signedForm } });
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
    expect((await officer.post(`/requests/${foreign}${part}`, typedForm)).status).toBe(404);
  expect((await officer.post(`/requests/${foreign}/scan`, {}, { files: { scan: signedForm } })).status).toBe(404);
  expect((await officer.post('/requests/open', { reference: foreign })).status).toBe(404);
  expect((await officer.post('/requests/new', { ...typedForm, rib: '00500116417777786841' })).status).toBe(422);
});

test('a file of another type is refused whatever it claims, and one that is kept is shown as what it is', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await enterByForm(officer);
  const page = { ...signedForm, bytes: new TextEncoder().encode('<html><script>alert(1)</script></html>') };
  expect((await officer.post(`/requests/${mandateId}/scan`, {}, { files: { scan: page } })).status).toBe(422);
  const large = { ...signedForm, bytes: new Uint8Array(5 * 1024 * 1024 + 1) };
  expect((await officer.post(`/requests/${mandateId}/scan`, {}, { files: { scan: large } })).status).toBe(413);
  expect(await rowsOf(bank, 'select from request_scans')).toEqual([]);
  const seen = await officer.send(
    `/requests/${mandateId}/scan`,
    {},
    { files: { scan: { ...signedForm, name: 'x.html' } } },
  );
  const address = /\/requests\/[^"]+\/scans\/[0-9a-f]{64}/.exec(seen.body)?.[0] ?? '';
  const { status, headers } = await officer.get(address);
  expect([status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([
    200,
    'application/pdf',
    'nosniff',
  ]);
  expect(headers.get('content-disposition')).toMatch(/^inline; filename=request-[0-9a-f-]{36}\.pdf$/);
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox allow-downloads");
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
    const seen = await officer.send('/requests/open', { reference });
    expect(seen.url.pathname).toBe(`/requests/${String(opened.json?.mandateId)}`);
    expect(seen.body).toContain('Aucune différence.');
  }
  expect((await officer.post('/requests/open', { reference: 'CACOBATPH:REQ-7' })).status).toBe(404);
  const path = `/requests/${String(opened.json?.mandateId)}`;
  await officer.send(`${path}/edit`, {
    ...typedForm,
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
  await enterByForm(officer, { nameFr: '=HYPERLINK("http://x")' });
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
