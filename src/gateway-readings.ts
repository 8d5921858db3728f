import { selectClientExpiries } from './clients/expiry.sql.ts';
import type { Revocations } from './clients/revocations.ts';
import { selectDoubt, selectOpenContradictions, selectUnaccounted } from './debits/readings.sql.ts';
import type { OpenCoreBanking } from './gateway-core-banking.ts';
import type { GatewayCore } from './gateway-doors.ts';
import { countDead } from './jobs/dead.sql.ts';
import type { Dispatch } from './jobs/dispatch.ts';
import { selectUnnumberedSeconds } from './journal/events.sql.ts';
import { selectUnsealed } from './journal/seal.sql.ts';
import type { OwnCertificates, Readings } from './operations/readings.ts';
import { serviceEnds } from './signing/keys.ts';
import { countBookDifferences } from './statements/look-up.ts';
import { selectOverdueStatements } from './statements/overdue.sql.ts';
import { selectPushReadings } from './webhooks/delivery-lists.sql.ts';

export type ReadingParts = {
  pools: Readings['pools'];
  opened: OpenCoreBanking;
  ownCertificates: () => OwnCertificates;
  revocations: Revocations | undefined;
  later: Dispatch;
};

/** What the metrics are read from each time that they are asked for. */
export const readingsOf = (
  { config, db, clock, keys }: GatewayCore,
  { pools, opened, ownCertificates, revocations, later }: ReadingParts,
): Readings => ({
  pools: { ...pools, ...(opened.ledger && { ledger: opened.ledger }) },
  coreBankingPaused: opened.isPaused,
  ownCertificates,
  signingKeys: () => keys.map(({ use, from, until }) => ({ use, from, until })),
  signingKeyEnds: () => serviceEnds(keys, config.signingKeyDays),
  clients: () => selectClientExpiries(db),
  revocationList: () => revocations?.nextUpdate(),
  doubt: () => selectDoubt(db),
  openContradictions: () => selectOpenContradictions(db),
  unaccountedMovements: () => selectUnaccounted(db),
  bookDifferences: () => countBookDifferences(db),
  unsealed: () => selectUnsealed(db),
  unnumberedSeconds: () => selectUnnumberedSeconds(db),
  webhooks: () => selectPushReadings(db),
  statementsOverdue: () => selectOverdueStatements(db, clock.now()),
  clockSkewSeconds: clock.skewSeconds,
  later: { ...later, dead: () => countDead(db) },
});
