import { createHash, randomBytes } from 'node:crypto';
import type { BankCalendar } from '../src/calendar/calendar.ts';
import type { SignedRequest } from '../src/clients/client.ts';
import { balanceOf, type NewAccount, openAccounts } from '../src/core-banking/accounts.ts';
import { ledgerCoreBanking } from '../src/core-banking/ledger.ts';
import type { CoreBanking } from '../src/core-banking/port.ts';
import type { Clock } from '../src/database/clock.ts';
import type { DebitOrder } from '../src/debits/debit.ts';
import { executeDebit, type Running } from '../src/debits/execute.ts';
import type { DebitOutcome } from '../src/debits/outcome.ts';
import { type DebitParts, type DebitSteps, debitSteps } from '../src/debits/steps.ts';
import type { Sign } from '../src/signing/signer.ts';
import { type Centimes, parseAmount } from '../src/values/centimes.ts';
import { addDays, algiersDay, type Day } from '../src/values/dates.ts';
import {
  type CreditorCode,
  type MandateId,
  newMandateId,
  parseCreditorCode,
  parseDeclarationReference,
  parseEmployerNumber,
  parseEndToEndId,
  parseJws,
} from '../src/values/ids.ts';
import type { Rib } from '../src/values/rib.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { ribOf } from './ledger-bank.ts';

export const must = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('the test names something that does not parse');
  return value;
};

export const amountOf = (text: string): Centimes => must(parseAmount(text));
export const cnas = must(parseCreditorCode('CNAS'));
export const cacobatph = must(parseCreditorCode('CACOBATPH'));

/** A whole bank in one database: gateway and ledger, two creditors, and mandates as the test wants them. */
export type TestBankWithGateway = AsyncDisposable & {
  db: TestDatabase;
  core: CoreBanking;
  steps: DebitSteps;
  running: Running;
  clock: Clock & { set: (instant: Date) => void };
  setCalendar: (calendar: Partial<BankCalendar>) => void;
  stepsWith: (parts: Partial<DebitParts>) => DebitSteps;
  addMandate: (mandate?: Partial<MandateFixture>) => Promise<MandateId>;
  debtorOf: (mandateId: MandateId) => Promise<Rib>;
  balance: (rib: Rib) => Promise<bigint>;
  orderFor: (order: Partial<OrderFixture> & { mandateId: MandateId }) => Promise<DebitOrder>;
  debit: (order: Partial<OrderFixture> & { mandateId: MandateId }, steps?: DebitSteps) => Promise<DebitOutcome>;
};

export type MandateFixture = {
  creditor: CreditorCode;
  state: string;
  perDebit: string;
  perPeriod: string;
  period: string;
  validFrom: string;
  validTo: string;
  balance: string;
  employerNumber: string;
  chainId: MandateId;
  /** The one of its chain that it is to replace; the chain's first where nothing is said. */
  replaces: MandateId;
};

export type OrderFixture = {
  creditor: CreditorCode;
  endToEndId: string;
  amount: string;
  declared: string;
  declaration: string;
  employerNumber: string;
  executionDate: Day;
  expiresAt: Date;
  whenClosed: DebitOrder['whenClosed'];
  jti: string;
  body: string;
};

let counter = 0;

export async function openBank(given?: TestDatabase): Promise<TestBankWithGateway> {
  const db = given ?? (await freshDatabase());
  const core = ledgerCoreBanking(db.ledger);
  const collection = ribOf(9_000_001);
  await openAccounts(db.ledger, [{ rib: collection, holder: 'CNAS', kind: 'COLLECTION', openingBalance: 0n }]);
  await db.owner.query(
    `insert into creditors (creditor_code, name_fr, name_ar, collection_account)
     values ('CNAS', 'Caisse', 'صندوق', $1), ('CACOBATPH', 'Caisse', 'صندوق', $1)`,
    [collection],
  );
  let offset = 0;
  const clock = {
    now: () => new Date(Date.now() + offset),
    set(instant: Date) {
      offset = instant.getTime() - Date.now();
    },
  };
  // Every day is a banking day, and the core never closes: else a test would hang on the day on which it runs.
  let calendar: BankCalendar = { feasts: [], weeks: [], hours: [] };
  const parts: DebitParts = {
    db: db.gateway,
    coreBanking: core,
    sign: testSign,
    clock,
    calendar: async () => calendar,
    times: { lifetimeSeconds: 60, resolveWithinSeconds: 900, answerSeconds: 8, leaseSeconds: 15 },
    debitMaximum: amountOf('1000000000.00'),
    fundsRefusalsADay: 3,
    debitsADay: 100,
    insufficientFundsShownAs: 'AM04',
    blockedAccountShownAs: 'AC06',
    observe: {
      ended: () => undefined,
      took: () => undefined,
      set: () => undefined,
      fault: (_during, fault) => console.error(fault),
    },
  };
  const steps = debitSteps(parts);
  const running: Running = new Map();
  return {
    db,
    core,
    steps,
    running,
    clock,
    setCalendar(changed) {
      calendar = { ...calendar, ...changed };
    },
    stepsWith: (others) => debitSteps({ ...parts, ...others }),
    addMandate: (mandate = {}) => insertMandate(db, clock.now(), mandate),
    async debtorOf(mandateId) {
      const { rows } = await db.owner.query<{ rib: Rib }>('select rib from mandate_debtors where mandate_id = $1', [
        mandateId,
      ]);
      return must(rows[0]).rib;
    },
    balance: (rib) => balanceOf(db.ledger, rib),
    orderFor: (order) => orderFor(db, order),
    async debit(order, withSteps = steps) {
      const asked = await orderFor(db, order);
      return executeDebit(withSteps, running, asked, requestFor(asked, clock.now(), order));
    },
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}

/** A mandate as the test wants it, accepted, with its debtor's account opened and funded. */
export const insertMandate = (
  db: Pick<TestDatabase, 'owner' | 'ledger'>,
  now: Date,
  fixture: Partial<MandateFixture>,
): Promise<MandateId> =>
  insertMandateAt(db, now, fixture, async (account) => {
    await openAccounts(db.ledger, [account]);
  });

/** The same, for a core banking system of any kind. */
export async function insertMandateAt(
  db: Pick<TestDatabase, 'owner'>,
  now: Date,
  fixture: Partial<MandateFixture>,
  openAccount: (account: NewAccount) => Promise<void>,
): Promise<MandateId> {
  counter += 1;
  const number = counter;
  const mandateId = newMandateId(now);
  const today = algiersDay(now);
  const rib = ribOf(number);
  const openingBalance = amountOf(fixture.balance ?? '1000000.00');
  await openAccount({ rib, holder: 'Employer', kind: 'CUSTOMER', openingBalance });
  const certificateJti = newMandateId(now);
  const creditor = fixture.creditor ?? cnas;
  const state = fixture.state ?? 'ACTIVE';
  await db.owner.query(
    `with signed as (
       insert into tokens (jti, creditor_code, kind, subject_id, key_thumbprint, issued_at, token)
       values ($1, $2, 'mandate-certificate+jwt', $3, 'key', $4, 'a.b.c')
     ), used as (
       insert into mandate_usage (chain_id) values ($12) on conflict do nothing
     ), debtor as (
       insert into mandate_debtors (mandate_id, rib, name_fr, name_ar) values ($3, $13, 'Employeur', 'رب العمل')
     )
     insert into mandates (mandate_id, chain_id, replaces, creditor_code, origin, employer_number, per_debit_ceiling, period_ceiling,
       period, valid_from, valid_to, state, state_since, suspended_by_creditor, content_hash, entered_by, entered_at,
       last_changed_by, certified_by, certified_at, certificate_jti, status_list, status_index, shown_at, accepted_at)
     values ($3, $12, $15, $2, 'BANK', $5, $6, $7, $8, $9, $10, $11, $4, $11 = 'SUSPENDED', repeat('0', 64), 'officer', $4,
       'officer', 'supervisor', $4, $1, 0, $14, $4, case when $11 <> 'CERTIFIED' then $4::timestamptz end)`,
    [
      certificateJti,
      creditor,
      mandateId,
      now,
      fixture.employerNumber ?? '0262992312',
      amountOf(fixture.perDebit ?? '500000.00'),
      amountOf(fixture.perPeriod ?? '800000.00'),
      fixture.period ?? 'MONTH',
      fixture.validFrom ?? addDays(today, -30),
      fixture.validTo ?? addDays(today, 300),
      state,
      fixture.chainId ?? mandateId,
      rib,
      number,
      fixture.replaces ?? fixture.chainId ?? null,
    ],
  );
  return mandateId;
}

async function orderFor(
  db: TestDatabase,
  order: Partial<OrderFixture> & { mandateId: MandateId },
): Promise<DebitOrder> {
  counter += 1;
  const number = counter;
  const amount = order.amount ?? '125000.00';
  const { rows } = await db.owner.query<{ employer_number: string }>(
    'select employer_number from mandates where mandate_id = $1',
    [order.mandateId],
  );
  return {
    creditor: order.creditor ?? cnas,
    endToEndId: must(parseEndToEndId(order.endToEndId ?? `E2E-${number}`)),
    mandateId: order.mandateId,
    employerNumber: must(parseEmployerNumber(order.employerNumber ?? rows[0]?.employer_number ?? '0000000000')),
    declaration: must(parseDeclarationReference(order.declaration ?? `DAC-${number}`)),
    declared: amountOf(order.declared ?? amount),
    amount: amountOf(amount),
    periodLabel: undefined,
    dueDate: undefined,
    executionDate: order.executionDate,
    expiresAt: order.expiresAt,
    whenClosed: order.whenClosed ?? 'WAIT',
    retryOf: undefined,
  };
}

export function requestFor(
  order: Pick<DebitOrder, 'creditor' | 'endToEndId'>,
  now: Date,
  fixture: Partial<OrderFixture> = {},
): SignedRequest {
  const body = Buffer.from(fixture.body ?? JSON.stringify({ of: order.endToEndId }));
  return {
    creditorCode: order.creditor,
    jti: fixture.jti ?? randomBytes(16).toString('hex'),
    keyThumbprint: 'creditor-key',
    method: 'PUT',
    target: `/v1/debits/${order.endToEndId}`,
    signedAt: now,
    receivedAt: now,
    digest: createHash('sha256').update(body).digest(),
    token: must(parseJws('a.b.c')),
    body,
  };
}

/** Signs nothing, and yet each token is its own: what is stored is looked at byte for byte. */
export const testSign: Sign = async ({ type, jti, audience, issuedAt, claims }) => ({
  type,
  jti,
  audience,
  issuedAt,
  keyThumbprint: 'test-key',
  token: must(
    parseJws(
      `h.${Buffer.from(JSON.stringify({ ...claims, jti })).toString('base64url')}.${randomBytes(8).toString('hex')}`,
    ),
  ),
});
