import { expect, inject, test } from 'vitest';
import { asAdministrator } from '../../src/database/roles.ts';
import { openBank } from '../bank.ts';
import { reversing } from '../reversals.ts';
import { reversalRules } from './reversal-rules.ts';

/** What would break each rule, done to a database in which one debit was given back and another's reversal refused. */
const faults: readonly (readonly [rule: RegExp, sql: string])[] = [
  [
    /REVERSED if and only if one reversal/,
    "update debits set state = 'SETTLED', holds_ceiling = true, holds_declaration = true where state = 'REVERSED'",
  ],
  [
    /SETTLED if and only if the ledger moved/,
    "update reversals set booking_reference = 'B-OTHER' where state = 'SETTLED'",
  ],
  [/SETTLED if and only if the ledger moved/, "update ledger.bookings set amount = amount - 1 where kind = 'REVERSAL'"],
  [/rejected reversal was never sent/, "update reversals set reason = 'AM04' where state = 'REJECTED'"],
  [/told of in the journal/, "delete from journal where kind = 'debit.reversed'"],
  [
    /told of in the journal/,
    "delete from journal where kind = 'debit.reversal-requested' and detail ->> 'attempt' = '1'",
  ],
  [/day's limits/, 'update reversal_days set amount = amount + 1'],
  [/signed is kept/, 'update requests set subject_id = null where jti in (select request_jti from reversals)'],
];

test('each rule of reversals holds of what was given back, and finds what breaks it', async () => {
  await using bank = await openBank();
  const { reverse, steps } = reversing(bank);
  for (const endToEndId of ['BACK', 'LATE']) {
    await bank.debit({ mandateId: await bank.addMandate(), endToEndId });
    await reverse({ endToEndId }, endToEndId === 'BACK' ? steps : { ...steps, claim: async () => undefined });
  }
  await bank.db.owner.query(
    `update reversals set state = 'REJECTED', reason = 'AB03', shown_reason = 'AB03', ended_at = now() where state = 'REQUESTED'`,
  );
  await bank.db.owner.query('update reversal_days set amount = amount - (select min(amount) from reversals)');
  await bank.db.owner.query(
    `insert into journal (creditor_code, kind, subject_id, from_state, to_state, side, detail)
     select creditor_code, 'debit.reversal-rejected', debit_id, 'SETTLED', 'SETTLED', 'gateway', '{"attempt": 1}'
       from reversals where state = 'REJECTED'`,
  );
  const name = new URL(bank.db.url.owner).pathname.slice(1);
  await asAdministrator(inject('cluster'), name, async (admin) => {
    const broken = async () => {
      const found: string[] = [];
      for (const { rule, broken: text } of reversalRules)
        if ((await admin.query(text)).rowCount !== 0) found.push(rule);
      return found;
    };
    expect(await broken()).toEqual([]);
    // As no role of the gateway's may: without triggers, and undone each time.
    await admin.query('set session_replication_role = replica');
    for (const [rule, sql] of faults) {
      await admin.query('begin');
      expect((await admin.query(sql)).rowCount, sql).toBeGreaterThan(0);
      expect(await broken(), sql).toContainEqual(expect.stringMatching(rule));
      await admin.query('rollback');
    }
  });
});
