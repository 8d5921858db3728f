import type pg from 'pg';
import type { Registry } from '../clients/registry.ts';
import type { Config } from '../config.ts';
import type { Cursors } from '../contract/cursor.ts';
import type { CoreBanking } from '../core-banking/port.ts';
import type { Clock } from '../database/clock.ts';
import type { Running } from '../debits/execute.ts';
import type { ReversalSteps } from '../debits/reversal-steps.ts';
import type { DebitSteps } from '../debits/steps.ts';
import type { Typesetter } from '../documents/typesetter.ts';
import type { Desk } from '../mandates/desk.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { OwnCertificates } from '../operations/readings.ts';
import type { GatewayKey } from '../signing/keys.ts';
import type { Sign } from '../signing/signer.ts';
import type { AgencyNames } from './agencies.ts';

/**
 * What the back office's pages are made of: the composition root builds it once, each section takes what it needs of it
 * (`Pick<BackOfficeParts, 'db' | 'clock'>`) and hands it on to feature functions. Nothing here is of one visit.
 */
export type BackOfficeParts = {
  /** The runtime role's pool, apart from the debits' own, with the statement's time limit. */
  db: pg.Pool;
  /** For `now`: a visit has its own, taken when it came. */
  clock: Clock;
  /** What the mandates' use cases work with: the same as the command's. */
  desk: Desk;
  /** Measured; the account's state and holder, what a debit came to. */
  coreBanking: CoreBanking;
  sign: Sign;
  /** The API's: a page's cursor is bound to its reader and its filters. */
  cursors: Cursors;
  /** Every key of the key folder, with its use and dates. */
  keys: readonly GatewayKey[];
  /** Throws Problem('overloaded') where too many documents wait. */
  typeset: Typesetter['typeset'];
  bank: { nameFr: string; nameAr: string };
  bankCodes: readonly string[];
  agencies: AgencyNames;
  issuer: string;
  environment: Config['environment'];
  /** Of the public key set, and of the API's and the public door. Known once the doors listen. */
  keysAddress: () => string;
  apiOrigin: () => string;
  publicOrigin: () => string;
  /** The debits' own steps, and what runs now, for whoever ends one by hand or asks the core again. */
  steps: DebitSteps;
  running: Running;
  /** The reversals' own, for whoever ends one of those by hand. */
  reversing: ReversalSteps;
  /** The creditors' certificates and keys as the API door knows them. */
  registry: Registry;
  /** The last day of each door's certificate, for the warnings. */
  ownCertificates: () => OwnCertificates;
  metrics: Metrics;
  /** What pages show or obey of the settings, read-only. */
  config: Config;
};
