import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { must } from '../../../test/bank.ts';
import { openPages } from '../../../test/debit-pages.ts';
import { selectMessagesOf } from './messages.sql.ts';

test("a debit's messages are found by their index, however many there are of others", async () => {
  await using pages = await openPages();
  const { byHand } = pages;
  const debitId = await byHand.inDoubt({ mandateId: await byHand.bank.addMandate() }, true);
  const { owner } = byHand.bank.db;
  await owner.query(
    `with sent as (
       insert into core_messages (message_id, direction, type, body)
       select gen_random_uuid(), 'SENT', 'pacs.003.001.08', '<Document/>' from generate_series(1, 20000) returning message_id
     ), about as (
       insert into core_message_references (message_id, reference)
       select message_id, translate(md5(message_id::text), '0123456789abcdef', 'ABCDEFGHIJKLMNOP') from sent
     )
     insert into core_messages (message_id, direction, type, answers, outcome, http_status, body)
     select gen_random_uuid(), 'RECEIVED', 'pacs.002.001.10', message_id, 'ANSWERED', 200, '<Document/>' from sent`,
  );
  const sent = randomUUID();
  await owner.query(
    "insert into core_messages (message_id, direction, type, body) values ($1, 'SENT', 'pacs.003.001.08', '<Document/>')",
    [sent],
  );
  await owner.query(
    'insert into core_message_references (message_id, reference) select $1, core_reference from debits where debit_id = $2',
    [sent, debitId],
  );
  await owner.query(
    `insert into core_messages (message_id, direction, answers, outcome) values (gen_random_uuid(), 'RECEIVED', $1, 'TIMED_OUT')`,
    [sent],
  );
  await owner.query('analyze');
  const client = await owner.connect();
  try {
    await client.query('begin');
    const found = await selectMessagesOf(client, debitId, { limit: 10 });
    expect(found.map(({ direction }) => direction)).toEqual(['RECEIVED', 'SENT']);
    const { rows } = await client.query<{ scans: string }>(
      "select seq_scan as scans from pg_stat_xact_user_tables where relname = 'core_messages'",
    );
    expect(must(rows[0]).scans).toBe('0');
  } finally {
    await client.query('rollback');
    client.release();
  }
});
