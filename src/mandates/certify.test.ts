import { expect, test } from 'vitest';
import { cnas } from '../../test/bank.ts';
import {
  hidhabRib,
  issuer,
  type MandateBank,
  morning,
  officer,
  openMandateBank,
  otherSupervisor,
  revokeForBank,
  supervisor,
} from '../../test/mandates.ts';
import { setAccountStatus } from '../core-banking/accounts.ts';
import { verificationKeysOf } from '../signing/keys.ts';
import { certifyMandate } from './certify.ts';
import { changeDraft } from './change.ts';
import { certificateReader } from './read-certificate.ts';
import { submitMandate } from './submit.ts';

const hours = (count: number) => new Date(morning.getTime() + count * 3_600_000);

test('an officer enters, a supervisor certifies, and the journal tells of each step', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  const { mandate, state, certificate, debtor } = await bank.file(mandateId);
  expect(mandate).toMatchObject({ state: 'CERTIFIED', certifiedBy: supervisor, makers: [officer], shownAt: undefined });
  expect(state).toBe('CERTIFIED');
  expect(debtor.phone).toBe('+213716480894');
  expect(await bank.journalOf(mandateId)).toEqual([
    'mandate.entered - > DRAFT bank',
    'mandate.submitted DRAFT > PENDING_CERTIFICATION bank',
    'mandate.certified PENDING_CERTIFICATION > CERTIFIED bank',
  ]);
  const { rows } = await bank.db.owner.query(
    `select jti, kind, subject_id, token, (select count(*)::int from mandate_usage where chain_id = subject_id) as counters
       from tokens`,
  );
  const token = { jti: mandateId, kind: 'mandate-certificate+jwt', subject_id: mandateId, token: certificate?.token };
  expect(rows).toEqual([{ ...token, counters: 1 }]);
});

test('the certificate says what the paper says, under its own kind of key', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  const token = await bank.token(mandateId);
  expect(token.length).toBeLessThan(1000);
  const read = certificateReader(issuer, verificationKeysOf(bank.keys, 'certificates'));
  expect(await read(token, cnas)).toMatchObject({
    outcome: 'GENUINE',
    certified: { mandateId, employerNumber: '0262992312', rib: hidhabRib },
  });
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const { mandate } = await bank.file(mandateId);
  expect(claims).toEqual({
    iss: 'https://gateway.bank.example',
    aud: 'CNAS',
    iat: morning.getTime() / 1000,
    jti: mandateId,
    environment: 'test',
    emp: '0262992312',
    nam: 'SARL El Hidhab Construction',
    nar: 'ش.ذ.م.م الهضاب للبناء',
    rib: hidhabRib,
    cap: ['150000.00', '300000.00', 'M', 'DZD'],
    val: '2026-01-01/2026-12-31',
    st: [mandate.statusList, mandate.statusIndex],
  });
});

test('nobody who entered, changed or submitted a mandate certifies it, also by a direct update', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  const changed = await changeDraft(bank.desk, {
    mandateId,
    by: 'officer-samir',
    from: '192.0.2.7',
    typed: { periodCeiling: '400000.00' },
  });
  expect(changed).toMatchObject({ outcome: 'DONE', mandate: { makers: [officer, 'officer-samir'] } });
  await changeDraft(bank.desk, { mandateId, by: officer, from: '192.0.2.7', typed: { periodCeiling: '450000.00' } });
  await submitMandate(bank.desk, { mandateId, by: 'officer-lila', from: '192.0.2.7' });
  for (const by of [officer, 'officer-samir', 'officer-lila']) {
    expect(await bank.certify(mandateId, { by })).toEqual({ outcome: 'SAME_PERSON' });
    await bank.db.owner.query(
      `insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
       values ($1, 'CNAS', 'mandate-certificate+jwt', $1, 'k', now(), 'x') on conflict do nothing`,
      [mandateId],
    );
    await expect(
      bank.db.gateway.query(
        `update mandates set state = 'CERTIFIED', certified_by = $2, certified_at = now(), certificate_jti = $1,
           status_list = 0, status_index = 1 where mandate_id = $1`,
        [mandateId, by],
      ),
    ).rejects.toThrow('check constraint');
  }
  expect((await bank.file(mandateId)).state).toBe('PENDING_CERTIFICATION');
});

test('a supervisor certifies what was seen: not another content, and not a day after it was submitted', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  const { mandate } = await bank.file(mandateId);
  await changeDraft(bank.desk, { mandateId, by: officer, from: '192.0.2.7', typed: { periodCeiling: '400000.00' } });
  await bank.submit(mandateId);
  expect(await bank.certify(mandateId, { seenHash: mandate.contentHash })).toEqual({ outcome: 'OTHER_CONTENT' });
  bank.setNow(hours(24));
  bank.setNow(new Date(hours(24).getTime() + 1));
  expect(await bank.certify(mandateId)).toEqual({ outcome: 'SUBMITTED_TOO_LONG_AGO' });
  await bank.setNow(hours(24));
  expect(await bank.certify(mandateId)).toMatchObject({ outcome: 'DONE' });
});

test('a row that was altered beside the staff’s acts is not what was seen', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  await bank.submit(mandateId);
  await bank.db.owner.query('update mandates set period_ceiling = period_ceiling * 10');
  expect(await bank.certify(mandateId)).toEqual({ outcome: 'OTHER_CONTENT' });
});

test.for([
  ['BLOCKED', 'ACCOUNT_BLOCKED'],
  ['CLOSED', 'ACCOUNT_CLOSED'],
] as const)('an account that is %s is not certified', async ([status, outcome]) => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  await bank.submit(mandateId);
  await setAccountStatus(bank.db.ledger, hidhabRib, status);
  expect(await bank.certify(mandateId)).toEqual({ outcome });
});

test('an account that is unknown, or of which the core banking system says nothing, is not certified', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter({ rib: '00500120400170002194' });
  await bank.submit(mandateId);
  expect(await bank.certify(mandateId)).toEqual({ outcome: 'ACCOUNT_UNKNOWN' });
  const { contentHash: seenHash } = (await bank.file(mandateId)).mandate;
  const away = { lookUpAccount: async () => ({ outcome: 'UNREACHABLE' as const }) };
  expect(
    await certifyMandate(
      { ...bank.desk, coreBanking: away },
      { mandateId, by: supervisor, from: '192.0.2.7', seenHash },
    ),
  ).toEqual({
    outcome: 'UNREACHABLE',
  });
  expect((await bank.file(mandateId)).state).toBe('PENDING_CERTIFICATION');
});

test('a holder’s name that differs is certified only with a reason, which is kept in the supervisor’s own words', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter({ nameFr: 'SARL Les Hauteurs', nameAr: 'ش.ذ.م.م المرتفعات' });
  await bank.submit(mandateId);
  expect(await bank.certify(mandateId)).toEqual({ outcome: 'HOLDER_DIFFERS', holder: 'EL HIDHAB CONSTRUCTION SARL' });
  const nameDifference = 'Changed its name in January, notarial deed 114';
  expect(await bank.certify(mandateId, { nameDifference })).toMatchObject({ outcome: 'DONE' });
  expect((await bank.file(mandateId)).remarks).toMatchObject([
    { about: 'name-difference', writtenBy: supervisor, remark: nameDifference },
  ]);
  const { rows } = await bank.db.owner.query("select reason, detail from journal where kind = 'mandate.certified'");
  expect(rows).toEqual([{ reason: 'name-differs', detail: { from: '192.0.2.7' } }]);
});

test('two supervisors who certify at once issue one certificate', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  await bank.submit(mandateId);
  const both = await Promise.all([
    bank.certify(mandateId),
    bank.certify(mandateId, { by: otherSupervisor, from: '192.0.2.7' }),
  ]);
  expect(both.map(({ outcome }) => outcome).sort()).toEqual(['DONE', 'WRONG_STATE']);
  const { rows } = await bank.db.owner.query('select count(*)::int as tokens from tokens');
  expect(rows).toEqual([{ tokens: 1 }]);
  const told = await bank.journalOf(mandateId);
  expect(told.filter((row) => row.startsWith('mandate.certified'))).toHaveLength(1);
});

test('a place on the status list that is taken is drawn again', async () => {
  await using bank = await openMandateBank();
  const first = await bank.certified();
  const { statusList, statusIndex } = (await bank.file(first)).mandate;
  // The signer stands between draw and store: it counts the draws, and takes each place but the last away.
  const drawn: unknown[] = [];
  const second = await bank.enter();
  await bank.submit(second);
  const { contentHash: seenHash } = (await bank.file(second)).mandate;
  const sign: typeof bank.desk.sign = async (request) => {
    drawn.push(request.claims.st);
    if (drawn.length === 1) await takePlace(bank, request.claims.st);
    return bank.desk.sign(request);
  };
  expect(
    await certifyMandate({ ...bank.desk, sign }, { mandateId: second, by: supervisor, from: '192.0.2.7', seenHash }),
  ).toMatchObject({
    outcome: 'DONE',
  });
  const { mandate } = await bank.file(second);
  expect(drawn).toHaveLength(2);
  expect(drawn[1]).toEqual([mandate.statusList, mandate.statusIndex]);
  expect(drawn[1]).not.toEqual([statusList, statusIndex]);
});

test('once certified, nothing on the paper changes, by whatever statement', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.certified();
  expect(
    await changeDraft(bank.desk, { mandateId, by: officer, from: '192.0.2.7', typed: { period: 'YEAR' } }),
  ).toEqual({
    outcome: 'WRONG_STATE',
    state: 'CERTIFIED',
  });
  for (const change of [
    'per_debit_ceiling = 1',
    'period_ceiling = 99999999',
    "valid_to = '2030-01-01'",
    "period = 'YEAR'",
    "employer_number = '1111111111'",
    'status_index = 7',
    "certified_by = 'somebody'",
    "content_hash = repeat('0', 64)",
  ])
    await expect(bank.db.owner.query(`update mandates set ${change}`)).rejects.toThrow('never changes');
  for (const change of ["rib = '00500120400170002194'", "name_fr = 'Other'", "representative_ar = 'غيره'"])
    await expect(bank.db.owner.query(`update mandate_debtors set ${change}`)).rejects.toThrow('never changes');
  await bank.db.owner.query('update mandate_debtors set phone = null');
});

test('what it was to replace has ended in the meantime: it is not certified', async () => {
  await using bank = await openMandateBank();
  const old = await bank.accepted();
  const mandateId = await bank.enter({ replaces: old });
  await bank.submit(mandateId);
  await revokeForBank(bank.desk, {
    mandateId: old,
    by: supervisor,
    from: '192.0.2.7',
    remark: 'The employer asked for it',
  });
  expect(await bank.certify(mandateId)).toMatchObject({ outcome: 'REPLACES_NOTHING' });
});

/** Gives a certified mandate that place, as if it had been drawn for it a moment before. */
async function takePlace(bank: MandateBank, place: unknown): Promise<void> {
  const [list, index] = Array.isArray(place) ? place : [];
  await bank.db.owner.query('alter table mandates disable trigger keep_certified_mandate');
  await bank.db.owner.query('update mandates set status_list = $1, status_index = $2 where status_index is not null', [
    list,
    index,
  ]);
  await bank.db.owner.query('alter table mandates enable trigger keep_certified_mandate');
}
