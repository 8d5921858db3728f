import { expect, test } from 'vitest';
import { booked, type LineWish, lineOf, resolution, statusReport } from '../../../test/bus-answers.ts';
import { describeWithSchemas, schemaFaults } from '../../../test/iso-schemas.ts';
import { ribOf } from '../../../test/ledger-bank.ts';
import { centimes, instructionOf, newReference } from '../contract-bank.ts';
import type { CoreDifference } from '../port.ts';
import { judgeStatusReport } from './read-status.ts';
import { judgeResolution } from './read-voids.ts';
import type { XmlContent } from './xml.ts';
import { readDocument } from './xml.ts';

const messageId = '019bd7f0c5a17c3e8a52e6b1f0d94c11';
const one = instructionOf(ribOf(1), ribOf(2), '125000.00', booked.executedAt);
const two = instructionOf(ribOf(3), ribOf(2), '40.00', booked.executedAt);
/** The answer is there. */
const now = new Date(booked.executedAt.getTime() + 1000);
const asked = (instructions: readonly (typeof one)[], ofReversal = false) =>
  instructions.map((sent) => ({
    reference: sent.reference,
    instructions: [sent],
    notBefore: sent.notBefore,
    ofReversal,
  }));

const judge = (bytes: Buffer, instructions: readonly (typeof one)[] = [one], ofReversal = false) => {
  const root = readDocument(bytes, 1_000_000)?.root;
  if (root === undefined) throw new Error('the test wrote no document');
  const judged = judgeStatusReport(root, messageId, asked(instructions, ofReversal), now);
  return judged === 'OTHER_MESSAGE' ? expect.fail(judged) : judged;
};
const judgeLine = (wish: LineWish, ofReversal = false) => {
  const judged = judge(statusReport(messageId, [lineOf(one, wish)]), [one], ofReversal);
  return { said: judged?.said[0], differences: judged?.differences.map(({ difference }) => difference) };
};

const moved = { meaning: 'MOVED', booking: { ...booked, amount: 12500000n } };
const silent = { meaning: 'SILENT' };
const refused = (reason: string) => ({ meaning: 'REFUSED', reason });
const code = (...codes: readonly string[]) => codes.map((Cd) => ({ Cd }));

test.for<[string, readonly XmlContent[], object, object]>([
  ['ACSC', [], moved, moved],
  ['ACCC', [], moved, moved],
  ['RJCT', code('AC01'), refused('AC01'), refused('AC01')],
  ['RJCT', code('AC02'), refused('AC01'), refused('AC01')],
  ['RJCT', code('AC03'), refused('AC03'), refused('AC03')],
  ['RJCT', code('AC04'), refused('AC04'), refused('AC04')],
  ['RJCT', code('AC05'), refused('AC04'), refused('AC04')],
  ['RJCT', code('AC06'), refused('AC06'), refused('AC06')],
  ['RJCT', code('AC07'), refused('AC07'), refused('AC07')],
  ['RJCT', code('AM02'), refused('AM02'), refused('AM02')],
  ['RJCT', code('AM04'), refused('AM04'), refused('AM04')],
  ['RJCT', code('TM01'), refused('TM01'), refused('TM01')],
  ['RJCT', code('AB03'), refused('AB03'), refused('AB03')],
  ['RJCT', code('AB05'), refused('AB03'), refused('AB03')],
  ['RJCT', code('AB06'), refused('AB03'), refused('AB03')],
  // 'Already given back' is a refusal of a reversal; of a debit it says that the money has moved once.
  ['RJCT', code('ARDT'), silent, refused('AM05')],
  ['RJCT', code('AM04', 'ARDT'), silent, refused('MS03')],
  ['RJCT', code('ZZ99'), refused('MS03'), refused('MS03')],
  ['RJCT', [], refused('MS03'), refused('MS03')],
  ['RJCT', code('AM04', 'AM04'), refused('AM04'), refused('AM04')],
  ['RJCT', code('AM04', 'AC06'), refused('MS03'), refused('MS03')],
  ['RJCT', code('AM04', 'AM05'), silent, silent],
  ['RJCT', code('AM04', 'NOOR'), silent, silent],
  ['RJCT', code('NOOR', 'NOOR'), silent, silent],
  ['RJCT', [{ Cd: 'AM04' }, { Prtry: 'AM04' }], silent, silent],
  ['RJCT', [{ Prtry: 'AM04' }], silent, silent],
  ...['AM05', 'DUPL', 'DU01', 'DU02', 'DU03', 'DU04', 'DU05'].map(
    (duplicate): [string, readonly XmlContent[], object, object] => ['RJCT', code(duplicate), silent, silent],
  ),
  ['RJCT', code('NOOR'), { meaning: 'UNKNOWN' }, { meaning: 'UNKNOWN' }],
  ['CANC', [], { meaning: 'VOIDED' }, { meaning: 'VOIDED' }],
  ...['ACTC', 'ACCP', 'ACSP', 'ACWC', 'ACWP', 'ACFC', 'PDNG', 'RCVD', 'PATC', 'BLCK', 'PART', 'XXXX'].map(
    (status): [string, readonly XmlContent[], object, object] => [status, [], silent, silent],
  ),
])('%s with %o means what the table says, of a debit and of a reversal', ([status, reasons, ofDebit, ofReversal]) => {
  const wish = { status, ...(reasons.length > 0 && { reasons }) };
  expect(judgeLine(wish)).toEqual({ said: ofDebit, differences: [] });
  expect(judgeLine(wish, true)).toEqual({ said: ofReversal, differences: [] });
});

test.for(['TxSts', 'AccptncDtTm', 'FctvIntrBkSttlmDt', 'AcctSvcrRef', 'OrgnlTxRef'])(
  'money that moved is not believed without %s, of a debit or of a reversal, and contradicts nothing',
  (name) => {
    for (const status of ['ACSC', 'ACCC'])
      for (const ofReversal of [true, false])
        expect(judgeLine({ status, without: [name] }, ofReversal)).toEqual({ said: silent, differences: [] });
  },
);

test.for<[LineWish, CoreDifference]>([
  [{ amount: '125000.01' }, 'OTHER_AMOUNT'],
  [{ amount: '125000.001' }, 'OTHER_AMOUNT'],
  [{ currency: 'EUR' }, 'OTHER_CURRENCY'],
  [{ debtor: ribOf(9) }, 'OTHER_ACCOUNT'],
  [{ creditor: ribOf(1) }, 'OTHER_ACCOUNT'],
  [{ debtor: '00500102444771278215' }, 'OTHER_ACCOUNT'],
  [{ transactionId: newReference() }, 'OTHER_REFERENCE'],
  [{ status: 'RJCT', reasons: code('AM04'), amount: '1.00' }, 'OTHER_AMOUNT'],
])('%o is quarantined as %s, and says nothing', ([wish, difference]) => {
  const { said, differences } = judgeLine(wish);
  expect(said).toEqual(silent);
  expect(differences).toContain(difference);
});

test('what was said against the instruction is told with its booking, so that people can look for it', () => {
  const judged = judge(statusReport(messageId, [lineOf(one, { amount: '1.00' })]));
  expect(judged?.differences).toEqual([
    {
      reference: one.reference,
      difference: 'OTHER_AMOUNT',
      bookingReference: booked.bookingReference,
      amount: 100n,
      executedAt: booked.executedAt,
    },
  ]);
});

const after = (seconds: number) => new Date(booked.executedAt.getTime() + seconds * 1000).toISOString();

test.for<[string, LineWish]>([
  ['years ago', { executedAt: '2019-01-31T10:15:00.171Z' }],
  ['more than five minutes before it was asked for', { executedAt: after(-301) }],
  ['more than five minutes from now', { executedAt: after(302) }],
  ['years from now', { executedAt: '2099-01-31T10:15:00.171Z' }],
  ['booked a year later', { bookingDate: '2027-01-31' }],
  ['of a value date more than a month away', { valueDate: '2026-03-05' }],
])('money that is said to have moved %s is quarantined, and confirms nothing', ([, wish]) => {
  for (const ofReversal of [true, false])
    expect(judgeLine(wish, ofReversal)).toEqual({ said: silent, differences: ['OTHER_TIME'] });
});

test.for<[string, LineWish]>([
  ['a clock is off by less than five minutes, before', { executedAt: after(-299) }],
  ['a clock is off by less than five minutes, after', { executedAt: after(299) }],
  ['feasts are between the days', { bookingDate: '2026-02-05', valueDate: '2026-02-28' }],
])('money that moved is believed where %s', ([, wish]) => {
  expect(judgeLine(wish)).toMatchObject({ said: { meaning: 'MOVED' }, differences: [] });
});

test('an amount may be written in every way that the schema knows', () => {
  for (const amount of ['125000', '125000.0', '125000.00000', '0125000.00'])
    expect(judgeLine({ amount })).toEqual({ said: moved, differences: [] });
});

test('an answer to another message says nothing of what was asked, for nor against it', () => {
  const root = readDocument(statusReport('f'.repeat(32), [lineOf(one), lineOf(two)]), 1_000_000)?.root;
  if (root === undefined) throw new Error('no document');
  expect(judgeStatusReport(root, messageId, asked([one, two]), now)).toBe('OTHER_MESSAGE');
});

test('an answer about a transaction that was not asked is quarantined for the one that has none; its neighbour stands', () => {
  const stranger = { ...two, reference: newReference() };
  const judged = judge(statusReport(messageId, [lineOf(one), lineOf(stranger)]), [one, two]);
  expect(judged?.said).toEqual([moved, silent]);
  expect(judged?.differences.map(({ reference }) => reference).toSorted()).toEqual(
    [stranger.reference, two.reference].toSorted(),
  );
});

test('a group status that its transactions contradict makes the whole answer worth nothing', () => {
  for (const [group, wish] of [
    ['RJCT', {}],
    ['ACSC', { status: 'RJCT', reasons: code('AM04') }],
    ['ACCC', { status: 'CANC' }],
  ] as const) {
    const judged = judge(
      statusReport(messageId, [lineOf(one), lineOf(two, { bookingReference: 'B-8', ...wish })], group),
      [one, two],
    );
    expect(judged?.said).toEqual([silent, silent]);
    expect(judged?.differences.map(({ difference }) => difference)).toEqual(['OTHER_OUTCOME', 'OTHER_OUTCOME']);
  }
});

test('one booking for two transactions is quarantined for both, and for none beside them', () => {
  const three = instructionOf(ribOf(4), ribOf(2), '1.00', booked.executedAt);
  const lines = [lineOf(one), lineOf(two), lineOf(three, { bookingReference: 'B-8' })];
  const judged = judge(statusReport(messageId, lines), [one, two, three]);
  expect(judged?.said).toMatchObject([silent, silent, { meaning: 'MOVED', booking: { bookingReference: 'B-8' } }]);
  const { bookingReference, executedAt } = booked;
  expect(judged?.differences).toEqual(
    [one, two].map(({ reference, amount }) => ({
      ...{ reference, difference: 'SHARED_BOOKING', bookingReference, amount, executedAt },
    })),
  );
});

test('a core that counts its bookings anew each day is believed: one reference on two days is two bookings', () => {
  const judged = judge(statusReport(messageId, [lineOf(one), lineOf(two, { bookingDate: '2026-02-01' })]), [one, two]);
  expect(judged).toMatchObject({
    said: [
      moved,
      { meaning: 'MOVED', booking: { bookingReference: booked.bookingReference, bookingDate: '2026-02-01' } },
    ],
    differences: [],
  });
});

test('a group status decides nothing by itself', () => {
  for (const group of ['RJCT', 'ACSC', 'PART', 'PDNG'])
    expect(judge(statusReport(messageId, [], group))).toEqual({ said: [silent], differences: [] });
  expect(judge(statusReport(messageId, [lineOf(one)], 'PART'))?.said).toEqual([moved]);
});

test('two different lines for one transaction are quarantined; the same line twice is one', () => {
  const twice = judge(statusReport(messageId, [lineOf(one), lineOf(one)]));
  expect(twice).toEqual({ said: [moved], differences: [] });
  const different = judge(
    statusReport(messageId, [lineOf(one), lineOf(one, { status: 'RJCT', reasons: code('AM04') })]),
  );
  expect(different?.said).toEqual([silent]);
  expect(different?.differences.map(({ difference }) => difference)).toEqual(['OTHER_OUTCOME']);
});

test('an answer is held against everything that was ever sent under its reference', () => {
  const other = { ...one, amount: centimes('60.00') };
  const root = readDocument(statusReport(messageId, [lineOf(other)]), 1_000_000)?.root;
  if (root === undefined) throw new Error('no document');
  const judged = judgeStatusReport(
    root,
    messageId,
    [{ reference: one.reference, instructions: [other, one], notBefore: undefined, ofReversal: false }],
    now,
  );
  expect(judged).toMatchObject({ said: [{ meaning: 'MOVED', booking: { amount: 6000n } }] });
});

test('an answer that does not say what it answers can not be read', () => {
  expect(judge(resolution(messageId, []))).toBeUndefined();
});

test('of a void, only ACCR is one; what was not voided is asked about; two words for one are quarantined', () => {
  const references = Array.from({ length: 7 }, newReference);
  const [voided, kept, pending, twofold, missing, strange, blank] = references;
  if (!voided || !kept || !pending || !twofold || !missing || !strange || !blank) throw new Error('seven');
  const judgeVoids = (answers: string) => {
    const root = readDocument(
      resolution(answers, [
        { reference: voided, status: 'ACCR' },
        { reference: kept, status: 'RJCR' },
        { reference: pending, status: 'PDCR' },
        { reference: twofold, status: 'ACCR' },
        { reference: twofold, status: 'RJCR' },
        { reference: strange, status: 'CNCL' },
        { reference: blank, status: '' },
      ]),
      1_000_000,
    )?.root;
    return root && judgeResolution(root, messageId, references);
  };
  expect(judgeVoids(messageId)).toMatchObject({
    said: ['VOIDED', 'NOT_VOIDED', 'SILENT', 'SILENT', 'SILENT', 'SILENT', 'SILENT'],
    differences: [{ reference: twofold, difference: 'OTHER_OUTCOME' }],
  });
  expect(judgeVoids('f'.repeat(32))).toBe('OTHER_MESSAGE');
});

describeWithSchemas("the test's own answers", () => {
  test('are valid by the published schemas', () => {
    expect(schemaFaults('pacs.002.001.10', statusReport(messageId, [lineOf(one, { reasons: code('AM04') })]))).toEqual(
      [],
    );
    expect(
      schemaFaults('camt.029.001.09', resolution(messageId, [{ reference: one.reference, status: 'ACCR' }])),
    ).toEqual([]);
  });
});
