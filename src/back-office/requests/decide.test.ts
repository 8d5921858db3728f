import { expect, test } from 'vitest';
import { openTestBackOffice } from '../../../test/back-office.ts';
import { morning, openMandateBank } from '../../../test/mandates.ts';
import { enterByForm, rowsOf, seenIn, typedForm } from '../../../test/request-pages.ts';
import { openCursors } from '../../contract/cursor.ts';
import { noAgencyNames } from '../agencies.ts';
import type { Visit } from '../page.ts';
import { wordsOf } from '../words/load.ts';
import { certifyRequest } from './decide.ts';
import { reviewPage } from './review-page.ts';

test('the person who made it is refused when the certifying form is posted by hand, and no token exists', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await enterByForm(officer, { act: 'submit' });
  const [row] = await rowsOf(bank, 'select content_hash as seen from mandates');
  const seen = row && 'seen' in row ? String(row.seen) : '';
  // By role.
  expect((await officer.post(`/requests/${mandateId}/certify`, { seen, paperSeen: 'yes' })).status).toBe(403);
  // By rule: a supervisor who made it too.
  await bank.db.owner.query("update mandates set makers = makers || 'supervisor-karim'::text");
  const supervisor = await bank.signIn('supervisor-karim');
  expect((await supervisor.post(`/requests/${mandateId}/certify`, { seen, paperSeen: 'yes' })).status).toBe(409);
  expect((await supervisor.get(`/requests/${mandateId}/certify`)).status).toBe(303);
  // By the database, whatever wrote to it.
  await expect(
    bank.db.gateway.query("update mandates set state = 'CERTIFIED', certified_by = 'supervisor-karim'"),
  ).rejects.toThrow('check constraint');
  expect(await rowsOf(bank, 'select from tokens')).toEqual([]);
});

test('two supervisors who press at once give one approval', async () => {
  await using bank = await openTestBackOffice();
  const mandateId = await enterByForm(await bank.signIn('officer-amel'), { act: 'submit' });
  const people = [await bank.signIn('supervisor-karim'), await bank.signIn('supervisor-samia')];
  const forms = await Promise.all(people.map((person) => person.open(`/requests/${mandateId}/certify`)));
  const answers = await Promise.all(
    people.map((person, at) =>
      person.post(`/requests/${mandateId}/certify`, { seen: forms[at] ? seenIn(forms[at]) : '', paperSeen: 'yes' }),
    ),
  );
  expect(answers.map(({ location }) => location?.pathname).toSorted()).toEqual([
    `/mandates/${mandateId}`,
    `/requests/${mandateId}`,
  ]);
  expect(await rowsOf(bank, 'select from tokens')).toHaveLength(1);
  expect(await rowsOf(bank, "select from journal where kind = 'mandate.certified'")).toHaveLength(1);
});

test('what replaces a mandate is looked at and certified beside that mandate, with what differs marked', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const supervisor = await bank.signIn('supervisor-karim');
  const old = await enterByForm(officer, { act: 'submit' });
  const seen = seenIn(await supervisor.open(`/requests/${old}/certify`));
  await supervisor.post(`/requests/${old}/certify`, { seen, paperSeen: 'yes' });
  const why = { replaceReason: 'ceilings-changed', replaceRemark: 'New form' };
  const higher = { replaces: old, ...why, periodCeiling: '450000.00', act: 'submit' };
  const mandateId = await enterByForm(officer, higher);
  for (const part of ['', '/certify']) {
    const { body } = await supervisor.open(`/requests/${mandateId}${part}`);
    const [, beside = ''] = body.split('visually-hidden">Comparé au mandat remplacé');
    expect([part, beside.split('</table>', 1)[0]?.match(/row-warning/g)?.length]).toEqual([part, 1]);
    expect(beside.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain('450 000,00');
  }
});

test('certifying asks for a sign-in of just now, and comes back to the form', async () => {
  await using bank = await openTestBackOffice();
  const mandateId = await enterByForm(await bank.signIn('officer-amel'), { act: 'submit' });
  const supervisor = await bank.signIn('supervisor-karim');
  bank.moveTime(301);
  const asked = await supervisor.get(`/requests/${mandateId}/certify`);
  expect([asked.status, asked.location?.pathname, asked.location?.searchParams.get('to')]).toEqual([
    303,
    '/sign-in',
    `/requests/${mandateId}/certify`,
  ]);
  expect(
    (await supervisor.post(`/requests/${mandateId}/certify`, { seen: 'x', paperSeen: 'yes' })).location?.pathname,
  ).toBe('/sign-in');
});

test('what was changed after it was shown is not certified, and what waited for more than a day says what to do', async () => {
  await using bank = await openTestBackOffice();
  const officer = await bank.signIn('officer-amel');
  const mandateId = await enterByForm(officer, { act: 'submit' });
  const supervisor = await bank.signIn('supervisor-karim');
  const shown = await supervisor.open(`/requests/${mandateId}/certify`);
  await supervisor.send(`/requests/${mandateId}/send-back`, { remark: 'The ceiling is another' });
  const draft = await officer.open(`/requests/${mandateId}/edit`);
  const corrected = { ...typedForm, seen: seenIn(draft), periodCeiling: '310000.00', act: 'submit' };
  await officer.send(`/requests/${mandateId}/edit`, corrected);
  const refused = await supervisor.post(`/requests/${mandateId}/certify`, { seen: seenIn(shown), paperSeen: 'yes' });
  expect([refused.status, refused.body.includes('Ce n’est plus ce que vous avez vu')]).toEqual([409, true]);
  await bank.db.owner.query("update mandates set submitted_at = submitted_at - interval '25 hours'");
  const late = await supervisor.post(`/requests/${mandateId}/certify`, { seen: seenIn(refused), paperSeen: 'yes' });
  expect([late.status, late.body.includes('Renvoyez la demande')]).toEqual([409, true]);
  expect(await rowsOf(bank, 'select from tokens')).toEqual([]);
});

test('a holder of another name is certified only with why it is the same employer, kept in the supervisor’s words', async () => {
  await using bank = await openTestBackOffice();
  const mandateId = await enterByForm(await bank.signIn('officer-amel'), {
    nameFr: 'SARL Autre Nom',
    nameAr: 'اسم آخر',
    act: 'submit',
  });
  const supervisor = await bank.signIn('supervisor-karim');
  const path = `/requests/${mandateId}/certify`;
  const shown = await supervisor.open(path);
  expect(shown.body).toMatch(/Le nom du titulaire diffère.*row-warning.*name="nameDifference"/s);
  const without = await supervisor.post(path, { seen: seenIn(shown), paperSeen: 'yes', nameDifference: '' });
  expect([without.status, without.body.includes('id="field-nameDifference-fault"')]).toEqual([422, true]);
  expect(await rowsOf(bank, 'select from tokens')).toEqual([]);
  const nameDifference = 'Changed its name, extract of 2026';
  expect(
    (await supervisor.post(path, { seen: seenIn(shown), paperSeen: 'yes', nameDifference })).location?.pathname,
  ).toBe(`/mandates/${mandateId}`);
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
    ...{ db: bank.pool, cursors: openCursors(Buffer.alloc(32)), bankCodes: ['005'], agencies: noAgencyNames },
    desk: { ...bank.desk, coreBanking },
  };
  const { contentHash } = (await bank.file(mandateId)).mandate;
  const visit = visitOf(mandateId, { seen: contentHash, paperSeen: 'yes' });
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
