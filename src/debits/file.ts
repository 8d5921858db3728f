import type { Registry } from '../clients/registry.ts';
import type { Queryable } from '../database/queryable.ts';
import { type Transition, transitionsOf } from '../journal/history.ts';
import { type GatewayKey, verificationKeysOf } from '../signing/keys.ts';
import type { TokenType } from '../signing/signer.ts';
import type { DebitId, Jws } from '../values/ids.ts';
import type { Agencies } from './agencies.ts';
import { type Contest, selectContestsOf } from './contest.sql.ts';
import { type Contradiction, selectContradictionsOf } from './contradiction.sql.ts';
import { type CoreAnswer, selectCoreAnswers } from './core-answers.sql.ts';
import { selectEvidenceOf } from './evidence.sql.ts';
import type { Evidence } from './evidence.ts';
import { type DebitFacts, selectDebitFacts } from './file.sql.ts';
import { type DebitRecord, type Declaration, findDeclaration, readDebit } from './lookup.sql.ts';
import { type ProofExpectation, type RequestReading, readProof, readRequest, type TokenReading } from './proof.ts';
import type { ReversalRecord } from './reversal.ts';
import { selectReversals } from './reversal-record.sql.ts';

export type DebitFileParts = {
  db: Queryable;
  keys: readonly GatewayKey[];
  issuer: string;
  environment: string;
  registry: Pick<Registry, 'signingKeysOf'>;
};

export type ProofKind = 'reversal' | 'confirmation' | 'rejection' | 'receipt';

/** A token of the debit's, byte for byte, and what checking it now says. */
export type Proof = { kind: ProofKind; token: Jws; reading: TokenReading };

/** Everything that the bank knows of a debit: for its staff, never for a creditor. */
export type DebitFile = {
  debit: DebitRecord;
  facts: DebitFacts;
  history: readonly Transition[];
  request: RequestReading;
  proofs: readonly Proof[];
  /** The declaration with all attempts; undefined for a name that was burnt. */
  declaration: Declaration | undefined;
  coreAnswers: readonly CoreAnswer[];
  contradictions: readonly Contradiction[];
  evidence: readonly Evidence[];
  contests: readonly Contest[];
  /** Every try to give it back, the first one first. */
  reversals: readonly ReversalRecord[];
};

const answersShown = 20;

/** One debit, for staff of these agencies; its signatures are checked on the spot. */
export async function showDebit(
  { db, keys, issuer, environment, registry }: DebitFileParts,
  debitId: DebitId,
  agencies: Agencies,
): Promise<DebitFile | undefined> {
  const facts = await selectDebitFacts(db, debitId, agencies);
  if (facts === undefined) return undefined;
  const debit = await readDebit(db, debitId);
  const { creditor, endToEndId, terms } = debit;
  const expected = { issuer, environment, creditor, endToEndId, keyOf: verificationKeysOf(keys, 'confirmations') };
  const [history, declaration, coreAnswers, contradictions, evidence, contests, reversals, proofs, request] =
    await Promise.all([
      transitionsOf(db, debitId),
      terms && findDeclaration(db, creditor, terms.employerNumber, terms.declaration),
      selectCoreAnswers(db, debitId, answersShown),
      selectContradictionsOf(db, debitId),
      selectEvidenceOf(db, debitId),
      selectContestsOf(db, debitId),
      selectReversals(db, debitId),
      proofsOf(debit, expected),
      registry.signingKeysOf(creditor).then((known) => readRequest(facts.request, known)),
    ]);
  return {
    ...{ debit, facts, history, request, proofs, declaration },
    ...{ coreAnswers, contradictions, evidence, contests, reversals },
  };
}

/** The last word first. */
function proofsOf(debit: DebitRecord, expected: ProofExpectation): Promise<Proof[]> {
  const stored: readonly [ProofKind, Jws | undefined, TokenType][] = [
    ['reversal', debit.reversal?.confirmation, 'reversal-confirmation+jwt'],
    ['confirmation', debit.confirmation, 'settlement-confirmation+jwt'],
    ['rejection', debit.rejection, 'debit-rejection+jwt'],
    ['receipt', debit.receipt, 'acceptance-receipt+jwt'],
  ];
  return Promise.all(
    stored.flatMap(([kind, token, type]) =>
      token === undefined ? [] : [readProof(token, type, expected).then((reading) => ({ kind, token, reading }))],
    ),
  );
}
