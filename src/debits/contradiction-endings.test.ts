import { expect, test } from 'vitest';
import { amountOf, must } from '../../test/bank.ts';
import { openBankByHand } from '../../test/by-hand.ts';
import {
  contradictionKinds,
  type Endable,
  type EndingPaper,
  endings,
  endingsOf,
  kindsEndedBy,
  standingOfDebit,
} from './contradiction-endings.ts';
import { type DebitState, debitStates } from './debit.ts';

const papers: readonly EndingPaper[] = ['RETURN', 'CORRECTION', 'EXPLANATION'];
const amount = amountOf('125000.00');

const met = (kind: Endable['kind'], state: DebitState, said: Endable['said'] = { amount }): Endable => ({
  ...{ kind, state, said, amount },
  about: { stands: standingOfDebit(state) },
});

test('no kind is without an end once its debit has ended, and only answers that were never believed are explained', () => {
  for (const kind of contradictionKinds)
    expect(papers.filter((paper) => kindsEndedBy(paper).includes(kind)).length).toBeGreaterThan(0);
  expect(
    kindsEndedBy('EXPLANATION').filter((kind) => /MOVED|REVERSED_AFTER|OTHER_(REVERSAL_)?BOOKING/.test(kind)),
  ).toEqual([]);
});

test('nothing is explained while the debit is in doubt, and an answer that named no booking has nothing to return', () => {
  for (const state of debitStates) {
    const ended = ['SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED'].includes(state);
    expect(endingsOf(met('OTHER_ACCOUNT', state))).toEqual(ended ? ['RETURN', 'EXPLANATION'] : ['RETURN']);
    const unnamed: Endable = { ...met('OTHER_ACCOUNT', state), said: undefined };
    expect(endingsOf(unnamed)).toEqual(ended ? ['EXPLANATION'] : []);
  }
});

test('only the whole amount that moved against a rejection can be confirmed after all', () => {
  expect(endingsOf(met('MOVED_AFTER_REJECTION', 'REJECTED'))).toEqual(['RETURN', 'CORRECTION']);
  expect(endingsOf(met('MOVED_AFTER_REJECTION', 'REJECTED', { amount: amountOf('1.00') }))).toEqual(['RETURN']);
  expect(endingsOf(met('MOVED_AFTER_CANCELLATION', 'CANCELLED'))).toEqual(['RETURN']);
});

test('the database ends each kind by exactly the papers that the table has for it, and by none of another kind', async () => {
  await using byHand = await openBankByHand();
  const { owner } = byHand.bank.db;
  const { debitId } = await byHand.reversalInDoubt(await byHand.bank.addMandate(), false);
  await owner.query(
    "update reversals set state = 'REJECTED', reason = 'AB03', shown_reason = 'AB03', ended_at = now()",
  );
  const { rows } = await owner.query<{ reversal_id: string }>('select reversal_id from reversals');
  const accepted: Record<string, EndingPaper[]> = {};
  for (const kind of contradictionKinds) {
    accepted[kind] = [];
    for (const paper of papers) {
      const contradictionId = await insertContradiction(kind, paper);
      const evidence = new Map<EndingPaper, string>();
      for (const one of papers) evidence.set(one, await insertEvidence(contradictionId, one));
      for (const [attached, evidenceId] of evidence) {
        const ended = await end(contradictionId, evidenceId, paper);
        // A paper of another kind ends nothing, whatever the kind of contradiction.
        if (attached !== paper) expect(ended).toBe(false);
        else if (ended) accepted[kind]?.push(paper);
      }
    }
  }
  expect(accepted).toEqual(
    Object.fromEntries(
      contradictionKinds.map((kind) => [kind, papers.filter((paper) => kindsEndedBy(paper).includes(kind))]),
    ),
  );

  async function insertContradiction(kind: string, paper: string): Promise<string> {
    const of = kind.includes('REVERS') ? must(rows[0]).reversal_id : null;
    const inserted = await owner.query<{ contradiction_id: string }>(
      `insert into contradictions (contradiction_id, debit_id, creditor_code, kind, booking_reference, amount, executed_at, reversal_id)
       values (gen_random_uuid(), $1, 'CNAS', $2, $3, 1, now(), $4) returning contradiction_id`,
      [debitId, kind, `B-${paper}`, of],
    );
    return must(inserted.rows[0]).contradiction_id;
  }

  async function insertEvidence(contradictionId: string, paper: EndingPaper): Promise<string> {
    const booked = paper !== 'EXPLANATION';
    const inserted = await owner.query<{ evidence_id: string }>(
      `insert into debit_evidence (evidence_id, debit_id, contradiction_id, kind, right_answer, booking_reference, executed_at,
         booking_date, value_date, amount, media_type, digest, document, attached_by, attached_at)
       values (gen_random_uuid(), $1, $2, $3, $4, 'B', $5::timestamptz, $5::timestamptz, $5::timestamptz, $6, 'application/pdf', sha256('%PDF'), '%PDF', 'amel', now())
       returning evidence_id`,
      [debitId, contradictionId, paper, booked ? null : 'MOVED', booked ? new Date() : null, booked ? 1 : null],
    );
    return must(inserted.rows[0]).evidence_id;
  }

  async function end(contradictionId: string, evidenceId: string, paper: EndingPaper): Promise<boolean> {
    const text =
      'update contradictions set ended_at = now(), ending = $3, ended_by_evidence = $2 where contradiction_id = $1 and ended_at is null';
    return owner.query(text, [contradictionId, evidenceId, endings[paper]]).then(
      ({ rowCount }) => rowCount === 1,
      () => false,
    );
  }
});
