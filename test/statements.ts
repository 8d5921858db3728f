import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sign } from '../src/signing/signer.ts';
import { type StatementParts, statementWork } from '../src/statements/close.ts';
import { fileOf } from '../src/statements/download.ts';
import { type ClosedStatement, type FileFormat, fileFormats } from '../src/statements/statement.ts';
import { findStatement } from '../src/statements/statements.sql.ts';
import { addDays, algiersDay, type Day, startOfAlgiersDay } from '../src/values/dates.ts';
import { type CreditorCode, parseJws } from '../src/values/ids.ts';
import { cnas, must, openBank, type TestBankWithGateway } from './bank.ts';
import type { TestDatabase } from './database.ts';
import { sealAll, tamper } from './journal.ts';

const today = algiersDay(new Date());
export const daysAgo = (days: number): Day => addDays(today, -days);

/** An instant of that day, "23:59:59.999" in Algiers. */
export const at = (day: Day, time: string): Date =>
  new Date(startOfAlgiersDay(day).getTime() + Date.parse(`1970-01-01T${time}Z`));

/** A bank whose creditors were registered that long ago, so that it owes statements since then. */
export async function openBankSince(registered: Day): Promise<TestBankWithGateway> {
  const bank = await openBank();
  await bank.db.owner.query('update creditors set registered_at = $1', [at(registered, '00:00:00.000')]);
  return bank;
}

/** Does it, and dates every row of the journal that came of it back to that instant, before any is sealed. */
export async function inThePast<Result>(db: TestDatabase, instant: Date, act: () => Promise<Result>): Promise<Result> {
  const { rows } = await db.owner.query<{ last: string }>('select coalesce(max(entry_id), 0) as last from journal');
  const result = await act();
  await tamper(
    db,
    `update journal set recorded_at = '${instant.toISOString()}' where entry_id > ${BigInt(rows[0]?.last ?? 0)}`,
  );
  return result;
}

/** A signature whose token can be read, and verified by nobody. */
const sign: Sign = async ({ type, jti, audience, issuedAt, claims }) => ({
  ...{ type, jti, audience, issuedAt },
  keyThumbprint: 'test-key',
  token: must(parseJws(`h.${Buffer.from(JSON.stringify({ ...claims, jti })).toString('base64url')}.s`)),
});

/** The first instant of today: every day before has ended. */
export const statementParts = ({ db }: Pick<TestBankWithGateway, 'db'>): StatementParts => ({
  db: db.gateway,
  sign,
  now: () => startOfAlgiersDay(today),
});

/** Closes what is due, until nothing is. Another test's open transaction, in the same cluster, may hold it up for a moment. */
export async function closeStatements(parts: StatementParts, most = Number.POSITIVE_INFINITY): Promise<void> {
  const work = statementWork(parts);
  for (let round = 0, closed = 0; round < 500 && closed < most; round += 1) {
    const due = await work.due(1);
    for (const { fault } of await work.run(due)) throw fault;
    closed += due.length;
    const { rows } = await parts.db.query<{ left: boolean }>(
      "select exists (select from statements where state <> 'CLOSED') as left",
    );
    if (rows[0]?.left === false) return;
    if (due.length === 0) await pause(20);
  }
}

/** Seals everything, and closes every statement that is owed. */
export async function sealAndClose(bank: Pick<TestBankWithGateway, 'db'>): Promise<void> {
  await sealAll(bank.db);
  await closeStatements(statementParts(bank));
}

export const statementOf = async (
  { db }: Pick<TestBankWithGateway, 'db'>,
  day: Day,
  creditor: CreditorCode = cnas,
): Promise<ClosedStatement> => must(await findStatement(db.gateway, creditor, day));

export async function fileText(db: TestDatabase, statement: ClosedStatement, format: FileFormat): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of fileOf(db.gateway, statement, format)) pieces.push(piece);
  return pieces.join('');
}

/** Those of its files that are not, byte for byte, what was signed: none. */
export async function changedFiles(db: TestDatabase, statement: ClosedStatement): Promise<FileFormat[]> {
  const changed: FileFormat[] = [];
  for (const format of fileFormats) {
    const bytes = Buffer.from(await fileText(db, statement, format));
    const { bytes: length, digest } = statement.files[format];
    if (bytes.length !== length || !createHash('sha256').update(bytes).digest().equals(digest)) changed.push(format);
  }
  return changed;
}

/** Its lines in a few words: `SETTLED A-1`, `OPEN IN_DOUBT A-2`. */
export async function linesIn(db: TestDatabase, statement: ClosedStatement): Promise<string[]> {
  const text = await fileText(db, statement, 'jsonLines');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { outcome, state, endToEndId } = JSON.parse(line);
      return [outcome, state, endToEndId].filter((word) => word !== undefined).join(' ');
    });
}

/** CNAS has sent that list of one day, as the text of a CSV: it waits to be matched. */
export const listIsAsked = (
  { owner }: Pick<TestDatabase, 'owner'>,
  { day, list, lines, amount }: { day: Day; list: string; lines: number; amount: number },
): Promise<unknown> =>
  owner.query(
    `with asked as (
       insert into requests (creditor_code, jti, key_thumbprint, method, target, signed_at, received_at, digest, token, body)
       values ('CNAS', 'list-0123456789abc', 'key', 'PUT', '/v1/reconciliations/REC', now(), now(), sha256($1::bytea), 'a.b.c', '')
       returning creditor_code, jti
     ), parts as (
       insert into request_parts select creditor_code, jti, 1, $1::bytea from asked
     )
     insert into reconciliations (reconciliation_id, creditor_code, reference, first_day, last_day, media_type, request_jti,
       received_at, expected_lines, expected_amount)
     select gen_random_uuid(), creditor_code, 'REC', $2, $2, 'text/csv', jti, now(), $3, $4 from asked`,
    [Buffer.from(list), day, lines, amount],
  );
