import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import type { SignedRequest } from '../src/clients/client.ts';
import { openAccounts } from '../src/core-banking/accounts.ts';
import { ledgerCoreBanking } from '../src/core-banking/ledger.ts';
import { acceptMandate } from '../src/mandates/accept.ts';
import { actByTwo, type ByTwoOutcome } from '../src/mandates/act-by-two.ts';
import type { TypedRequest } from '../src/mandates/authorisation-request.ts';
import type { BankAct } from '../src/mandates/bank-acts.ts';
import { type Certifying, type CertifyOutcome, certifyMandate } from '../src/mandates/certify.ts';
import type { WriteOutcome } from '../src/mandates/creditor-write.ts';
import type { Desk, StaffAct } from '../src/mandates/desk.ts';
import { enterMandate } from '../src/mandates/enter.ts';
import { type MandateFile, showMandate } from '../src/mandates/show.ts';
import { submitMandate } from '../src/mandates/submit.ts';
import { type GatewayKey, makeDevelopmentKeys, readKeyFolder } from '../src/signing/keys.ts';
import { openSigner } from '../src/signing/sign.ts';
import { algiersDay, startOfAlgiersDay } from '../src/values/dates.ts';
import { type Jws, type MandateId, parseJws } from '../src/values/ids.ts';
import { parseRib } from '../src/values/rib.ts';
import { cnas, must } from './bank.ts';
import { freshDatabase, type TestDatabase } from './database.ts';

export const officer = 'officer-amel';
export const supervisor = 'supervisor-karim';
export const otherSupervisor = 'supervisor-nadia';
/** 10:00 in Algiers on a working Sunday. */
export const morning = new Date('2026-03-01T09:00:00.000Z');

export const issuer = { issuer: 'https://gateway.bank.example', environment: 'test' };

/** A bank whose staff and creditors work on mandates, at the time that the test says. */
export type MandateBank = AsyncDisposable & {
  db: TestDatabase;
  pool: pg.Pool;
  desk: Desk;
  keys: readonly GatewayKey[];
  setNow: (instant: Date) => void;
  enter: (typed?: TypedRequest) => Promise<MandateId>;
  submit: (mandateId: MandateId) => Promise<void>;
  certify: (mandateId: MandateId, act?: Partial<Certifying>) => Promise<CertifyOutcome>;
  /** Entered, submitted and certified, by two people. */
  certified: (typed?: TypedRequest) => Promise<MandateId>;
  accepted: (typed?: TypedRequest) => Promise<MandateId>;
  accept: (mandateId: MandateId, request?: Partial<SignedRequest>) => Promise<WriteOutcome>;
  file: (mandateId: MandateId) => Promise<MandateFile>;
  token: (mandateId: MandateId) => Promise<Jws>;
  journalOf: (mandateId: MandateId) => Promise<string[]>;
};

export const hidhab = {
  creditor: 'CNAS',
  employerNumber: '0262992312',
  rib: '00500102444771278214',
  nameFr: 'SARL El Hidhab Construction',
  nameAr: 'ش.ذ.م.م الهضاب للبناء',
  representativeFr: 'Amina Bensalem',
  representativeAr: 'أمينة بن سالم',
  phone: '+213716480894',
  perDebitCeiling: '150000.00',
  periodCeiling: '300000.00',
  period: 'MONTH',
  validFrom: '2026-01-01',
  validTo: '2026-12-31',
} satisfies TypedRequest;

export async function openMandateBank(): Promise<MandateBank> {
  const db = await freshDatabase();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mandate-keys-'));
  await makeDevelopmentKeys(folder, new Date('2020-01-01T00:00:00Z'));
  const keys = await readKeyFolder(folder);
  let instant = morning;
  const now = () => instant;
  await db.owner.query(
    `insert into creditors (creditor_code, name_fr, name_ar, collection_account)
     values ('CNAS', 'Caisse', 'صندوق', $1), ('CACOBATPH', 'Caisse', 'صندوق', $1)`,
    [collectionAccount],
  );
  await openAccounts(db.ledger, [
    { rib: hidhabRib, holder: 'EL HIDHAB CONSTRUCTION SARL', kind: 'CUSTOMER', openingBalance: 0n },
  ]);
  const desk: Desk = {
    pool: db.gateway,
    now,
    coreBanking: ledgerCoreBanking(db.ledger),
    sign: openSigner({ keys, ...issuer, now }),
    bankCodes: ['005'],
    issuer,
    submissionHours: 24,
  };
  const bank: MandateBank = {
    db,
    pool: db.gateway,
    desk,
    keys,
    setNow(to) {
      instant = to;
    },
    async enter(typed = {}) {
      const why =
        typed.replaces === undefined
          ? {}
          : { replaceReason: 'ceilings-changed', replaceRemark: 'New form of the employer' };
      const entered = await enterMandate(desk, {
        ...{ typed: { ...hidhab, ...why, ...typed }, by: officer, from: '192.0.2.7' },
      });
      if (entered.outcome !== 'ENTERED') throw new Error(JSON.stringify(entered.faults));
      return entered.mandateId;
    },
    async submit(mandateId) {
      const { outcome } = await submitMandate(desk, { mandateId, by: officer, from: '192.0.2.7' });
      if (outcome !== 'DONE') throw new Error(outcome);
    },
    async certify(mandateId, act = {}) {
      const { mandate } = await bank.file(mandateId);
      return certifyMandate(desk, {
        mandateId,
        by: supervisor,
        from: '192.0.2.7',
        seenHash: mandate.contentHash,
        ...act,
      });
    },
    async certified(typed) {
      const mandateId = await bank.enter(typed);
      await bank.submit(mandateId);
      const { outcome } = await bank.certify(mandateId);
      if (outcome !== 'DONE') throw new Error(outcome);
      return mandateId;
    },
    async accepted(typed) {
      const mandateId = await bank.certified(typed);
      const { outcome } = await bank.accept(mandateId);
      if (outcome !== 'WRITTEN') throw new Error(outcome);
      return mandateId;
    },
    accept: (mandateId, request = {}) =>
      acceptMandate(desk, { mandateId, request: signedRequest(now(), request), certificate: 'THIS' }),
    file: async (mandateId) => must(await showMandate(db.gateway, mandateId, now())),
    token: async (mandateId) => must((await bank.file(mandateId)).certificate).token,
    async journalOf(mandateId) {
      const { rows } = await db.owner.query<{ row: string }>(
        `select kind || ' ' || coalesce(from_state, '-') || ' > ' || to_state || ' ' || side as row
           from journal where subject_id = $1 order by entry_id`,
        [mandateId],
      );
      return rows.map(({ row }) => row);
    },
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
  return bank;
}

export const hidhabRib = must(parseRib(hidhab.rib));
const collectionAccount = '00500100100000000136';

/** A request as the router hands it on, its signature checked. */
export function signedRequest(now: Date, request: Partial<SignedRequest> = {}): SignedRequest {
  const body = request.body ?? Buffer.from('{}');
  return {
    creditorCode: cnas,
    jti: randomBytes(12).toString('hex'),
    keyThumbprint: 'k'.repeat(43),
    method: 'PUT',
    target: '/v1/mandates/x/acceptance',
    signedAt: now,
    receivedAt: now,
    token: must(parseJws('e30.e30.c2ln')),
    ...request,
    body,
    digest: createHash('sha256').update(body).digest(),
  };
}

/** Just before, and just at, midnight in Algiers at the end of that day. */
export const aroundTheEndOf = (instantInDay: Date): [Date, Date] => {
  const end = startOfAlgiersDay(algiersDay(instantInDay)).getTime() + 86_400_000;
  return [new Date(end - 1), new Date(end)];
};

/** What the bank does to a mandate, proposed by the officer and approved by `by`. */
const byTwo =
  (act: BankAct) =>
  (desk: Pick<Desk, 'pool' | 'now'>, acting: StaffAct & { remark: string }): Promise<ByTwoOutcome> =>
    actByTwo(desk, { act, proposedBy: officer, reason: 'bank-decision', ...acting });
export const suspendForBank = byTwo('suspension');
export const resumeForBank = byTwo('resumption');
export const revokeForBank = byTwo('revocation');
