import { isRecord } from '../contract/contract-document.ts';
import type { Queryable } from '../database/queryable.ts';
import { creditedAccountAt } from '../debits/credited-account.ts';
import { sealedStretch } from '../journal/history.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import {
  type DebitId,
  type DeclarationReference,
  type EmployerNumber,
  type EndToEndId,
  type Jws,
  type MandateId,
  parseTokenId,
  type TokenId,
} from '../values/ids.ts';
import { isReasonCode } from '../values/reasons.ts';
import { parseRib } from '../values/rib.ts';
import {
  type CutStatement,
  type LineBooking,
  type LineTerms,
  type OpenLine,
  type OpenState,
  outcomeOfKind,
  type Place,
  type StatementLine,
} from './statement.ts';

type DebitRow = {
  debit_id: DebitId;
  end_to_end_id: EndToEndId;
  mandate_id: MandateId | null;
  employer_number: EmployerNumber | null;
  declaration: DeclarationReference | null;
  declared: string | null;
  amount: string | null;
  execution_date: Day | null;
  ordered_at: Date;
  received_at: Date;
};

/**
 * Only what never changes once the debit is final: what does is read from the tokens, which don't. Of one that is open
 * the mandate may still change: it is read from what was kept at the close.
 */
const debitColumns = (
  mandateId: 'mandate_id' | 'o.mandate_id',
) => `debit_id, end_to_end_id, ${mandateId}, employer_number,
  declaration, declared, amount, execution_date, ordered_at, received_at`;

type LineRow = DebitRow & {
  looked: number;
  next_epoch: number | null;
  number: string | null;
  kind: string;
  recorded_at: Date;
  token_jti: TokenId | null;
  token: Jws | null;
  account: string | null;
};

/** What a statement's lines are found by. */
export type LinesOf = Pick<CutStatement, 'creditor' | 'after' | 'through' | 'cutAt' | 'accounts' | 'collectionAccount'>;

/** `next`: where the following stretch begins; undefined after the last one. */
export type LineStretch = { lines: StatementLine[]; next: Place | undefined };

/** The lines among the next `most` sealed rows of a statement's range, in the journal's order. */
export async function selectLines(db: Queryable, statement: LinesOf, after: Place, most: number): Promise<LineStretch> {
  const { creditor, through } = statement;
  const last = after.epoch === through.epoch ? Math.min(through.number, after.number + most) : after.number + most;
  const { rows } = await db.query<LineRow>({
    name: 'select-statement-lines',
    text: `
      with sealed as materialized (
        select number, creditor_code, kind, subject_id, recorded_at, token_jti
          from ${sealedStretch('$1::int', '$2::bigint', '$3::bigint')} stretch
      ), line as (
        select sealed.number, sealed.kind, recorded_at, token_jti, token, debit.*
          from sealed
         cross join lateral (select ${debitColumns('mandate_id')},
                                    case when $6 then coalesce(${creditedAccountAt('$7')}, $8) end as account
                               from debits where debit_id = sealed.subject_id offset 0) debit
          left join lateral (select token from tokens where jti = token_jti offset 0) proof on true
         where creditor_code = $4 and sealed.kind = any ($5::text[])
      )
      select looked, next_epoch, line.*
        from (select count(*)::int as looked, (select min(epoch) from journal_epochs where epoch > $1::int) as next_epoch
                from sealed) seen left join line on true
       order by line.number`,
    values: [
      ...[after.epoch, after.number, last, creditor, Object.keys(outcomeOfKind)],
      ...[statement.accounts.length > 1, statement.cutAt, statement.collectionAccount],
    ],
  });
  const looked = rows[0]?.looked ?? 0;
  const nextEpoch = rows[0]?.next_epoch ?? undefined;
  return {
    lines: rows.filter(({ number }) => number !== null).map((row) => lineOf(row, after.epoch)),
    next: nextPlace({ after, through, last, ended: looked < most, nextEpoch }),
  };
}

/** An epoch before the last has ended where fewer rows are left in it than were asked for. Epochs' numbers have gaps. */
export function nextPlace(at: {
  after: Place;
  through: Place;
  last: number;
  ended: boolean;
  nextEpoch: number | undefined;
}): Place | undefined {
  const { epoch } = at.after;
  if (epoch === at.through.epoch) return at.last === at.through.number ? undefined : { epoch, number: at.last };
  return at.ended ? { epoch: at.nextEpoch ?? at.through.epoch, number: 0 } : { epoch, number: at.last };
}

/** Debits that were open at the close, in an order that stays: by the statement they were first open in, and their id. */
export async function selectOpenLines(
  db: Queryable,
  { creditor, sequence, openSince }: Pick<CutStatement, 'creditor' | 'sequence' | 'openSince'>,
  after: OpenPosition | undefined,
  most: number,
): Promise<{ lines: OpenLine[]; last: OpenPosition | undefined }> {
  const { rows } = await db.query<DebitRow & { state: OpenState; since_sequence: number }>({
    name: 'select-open-lines',
    text: `
      select o.state, o.since_sequence, debit.*
        from (select debit_id, mandate_id, state, since_sequence from statement_open_debits
               where creditor_code = $1 and since_sequence between $2 and $3 and until_sequence > $3
                 and (since_sequence, debit_id) > ($4::int, $5::uuid)
               order by since_sequence, debit_id limit $6) o
        cross join lateral (select ${debitColumns('o.mandate_id')} from debits where debit_id = o.debit_id offset 0) debit
       order by o.since_sequence, o.debit_id`,
    values: [
      creditor,
      openSince,
      sequence,
      after?.sequence ?? 0,
      after?.debitId ?? '00000000-0000-0000-0000-000000000000',
      most,
    ],
  });
  const last = rows.at(-1);
  return {
    lines: rows.map((row) => openLineOf(row)),
    last:
      rows.length < most || last === undefined ? undefined : { sequence: last.since_sequence, debitId: last.debit_id },
  };
}

export type OpenPosition = { sequence: number; debitId: DebitId };

/** The sequence at which the oldest of those began that are open now; this one's where none is. */
export async function selectOpenSince(
  db: Queryable,
  { creditor, sequence }: { creditor: string; sequence: number },
): Promise<number> {
  const { rows } = await db.query<{ since: number }>({
    name: 'select-open-since',
    text: `select coalesce(min(since_sequence), $2) as since from statement_open_debits
            where creditor_code = $1 and since_sequence <= $2 and until_sequence > $2`,
    values: [creditor, sequence],
  });
  return rows[0]?.since ?? sequence;
}

function openLineOf(row: DebitRow & { state: OpenState }): OpenLine {
  const debit = debitOf(row);
  if (debit.terms === undefined) throw new Error('an open debit has no terms');
  return { ...debit, terms: debit.terms, state: row.state };
}

function debitOf(row: DebitRow) {
  return {
    debitId: row.debit_id,
    endToEndId: row.end_to_end_id,
    terms: termsOf(row),
    executionDate: row.execution_date ?? undefined,
    orderedAt: row.ordered_at,
    receivedAt: row.received_at,
  };
}

function termsOf(row: DebitRow): LineTerms | undefined {
  const { mandate_id: mandateId, employer_number: employerNumber, declaration, declared, amount } = row;
  if (mandateId === null || employerNumber === null || declaration === null || declared === null || amount === null)
    return undefined;
  return {
    mandateId,
    employerNumber,
    declaration,
    declared: centimesFromDatabase(declared),
    amount: centimesFromDatabase(amount),
  };
}

function lineOf(row: LineRow, epoch: number): StatementLine {
  const outcome = outcomeOfKind[row.kind];
  if (outcome === undefined) throw new Error(`a ${row.kind} is no line`);
  const claims = row.token === null ? {} : claimsOf(row.token);
  const reason = textOf(claims.reasonCode) ?? '';
  return {
    ...debitOf(row),
    outcome,
    place: { epoch, number: Number(row.number) },
    finalAt: row.recorded_at,
    jti: row.token_jti ?? undefined,
    reason: isReasonCode(reason) ? reason : undefined,
    booking: bookingOf(claims),
    account: parseRib(row.account ?? ''),
    corrects: parseTokenId(textOf(claims.corrects) ?? ''),
  };
}

type Claims = Readonly<Record<string, unknown>>;

/** Of a token that we signed and kept ourselves: its signature is not looked at again. */
function claimsOf(token: Jws): Claims {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  if (!isRecord(claims)) throw new Error('a stored token has no claims');
  return claims;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function bookingOf(claims: Claims): LineBooking | undefined {
  const [bookingReference, executedAt, bookingDate, valueDate] = [
    textOf(claims.bookingReference),
    textOf(claims.executedAt),
    textOf(claims.bookingDate),
    textOf(claims.valueDate),
  ];
  if (
    bookingReference === undefined ||
    executedAt === undefined ||
    bookingDate === undefined ||
    valueDate === undefined
  )
    return undefined;
  return {
    ...{ bookingReference, executedAt, bookingDate, valueDate },
    debitedAccount: textOf(claims.debitedAccount),
    creditedAccount: textOf(claims.creditedAccount),
  };
}
