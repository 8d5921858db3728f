import type { Queryable } from '../database/queryable.ts';
import { centimesFromDatabase } from '../values/centimes.ts';
import type { DebitId, DeclarationReference, EmployerNumber, EndToEndId, MandateId, TokenId } from '../values/ids.ts';
import type { LineOutcome, LinePosition, ReconciliationLine } from './reconciliation.ts';

type Row = {
  end_to_end_id: EndToEndId;
  line: number;
  outcome: LineOutcome;
  expected: string | null;
  declaration: DeclarationReference | null;
  employer_number: EmployerNumber | null;
  debit_id: DebitId | null;
  state: string | null;
  settled: string | null;
  final_at: Date | null;
  confirmation_jti: TokenId | null;
  mandate_id: MandateId | null;
  debit_declaration: DeclarationReference | null;
  debit_employer: EmployerNumber | null;
};

/** Lines in the order of their end-to-end ids. What is read from the debit never changes. */
export async function selectReconciliationLines(
  db: Queryable,
  asked: { reconciliationId: string; outcome: LineOutcome | undefined; after: LinePosition | undefined; limit: number },
): Promise<ReconciliationLine[]> {
  const { reconciliationId, outcome, after, limit } = asked;
  const { rows } = await db.query<Row>({
    // Two texts, since each is read by an index of its own.
    name: outcome === undefined ? 'select-reconciliation-lines' : 'select-reconciliation-lines-of-outcome',
    text: `
      select l.*, mandate_id, debits.declaration as debit_declaration, debits.employer_number as debit_employer
        from (select * from reconciliation_lines
               where reconciliation_id = $1 and (end_to_end_id, line) > ($2::text, $3::int)
                 ${outcome === undefined ? '' : 'and outcome = $5'}
               order by end_to_end_id, line limit $4) l
        left join debits using (debit_id)
       order by l.end_to_end_id, l.line`,
    values: [
      ...[reconciliationId, after?.endToEndId ?? '', after?.line ?? -1, limit],
      ...(outcome === undefined ? [] : [outcome]),
    ],
  });
  return rows.map(lineOf);
}

function lineOf(row: Row): ReconciliationLine {
  const { mandate_id: mandateId, debit_employer: employerNumber, debit_declaration: declaration } = row;
  return {
    outcome: row.outcome,
    line: row.line,
    endToEndId: row.end_to_end_id,
    expected:
      row.expected === null
        ? undefined
        : {
            amount: centimesFromDatabase(row.expected),
            declaration: row.declaration ?? undefined,
            employerNumber: row.employer_number ?? undefined,
          },
    settled: row.settled === null ? undefined : centimesFromDatabase(row.settled),
    state: row.state ?? undefined,
    debit:
      row.debit_id === null
        ? undefined
        : {
            debitId: row.debit_id,
            terms:
              mandateId === null || employerNumber === null || declaration === null
                ? undefined
                : { mandateId, employerNumber, declaration },
          },
    finalAt: row.final_at ?? undefined,
    confirmation: row.confirmation_jti ?? undefined,
  };
}
