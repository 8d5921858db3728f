import { createHash } from 'node:crypto';
import { ledgerCoreBanking } from '../core-banking/ledger.ts';
import { openPool } from '../database/pool.ts';
import { contentOf, type DebitOrder, instructionFor } from '../debits/debit.ts';
import { settleDebits } from '../debits/debits.sql.ts';
import { reserveDebits } from '../debits/reserve.sql.ts';
import { coreReferenceOf, derivedTokenId, type Jws, newDebitId, parseJws } from '../values/ids.ts';
import type { BenchGateway } from './bench-gateway.ts';

export type Reference = AsyncDisposable & {
  /** One debit from its reservation to its settlement. Throws where it does not settle. */
  debit: (order: DebitOrder) => Promise<void>;
};

/** About as long as those that the gateway stores: their bytes are a part of what a debit costs. */
const requestToken = tokenOf(600);
const confirmationToken = tokenOf(1_900);
const keyThumbprint = 'k'.repeat(43);

/**
 * What the bare database does with a debit: the gateway's own three statements with one item each, one after the other,
 * from this process. No HTTP, no TLS, no signature made or checked, no sets. Each of `connections` has its own
 * connection to either database, so that nobody waits for one.
 */
export function openReference({ config, urls }: BenchGateway, connections: number): Reference {
  const pool = openPool({ url: urls.gateway, applicationName: 'bench', connections });
  const ledger = openPool({ url: urls.ledger, applicationName: 'bench', connections });
  const core = ledgerCoreBanking(ledger);
  const { debitMaximum, leaseSeconds, fundsRefusalsADay, debitsADay } = config;
  return {
    async debit(order) {
      const [reserved] = await reserveDebits(pool, { debitMaximum, leaseSeconds, fundsRefusalsADay, debitsADay }, [
        reservationOf(order),
      ]);
      if (reserved?.verdict !== 'RESERVED') throw new Error(`the reference's debit is ${reserved?.verdict}`);
      const { debit } = reserved;
      const [moved] = await core.debit([instructionFor(debit)]);
      if (moved?.outcome !== 'MOVED') throw new Error(`the reference's debit is ${moved?.outcome}`);
      const confirmation = {
        type: 'settlement-confirmation+jwt',
        jti: derivedTokenId(debit.creditor, debit.endToEndId, 'confirmation'),
        audience: debit.creditor,
        issuedAt: new Date(),
        keyThumbprint,
        token: confirmationToken,
      } as const;
      const [stored] = await settleDebits(pool, [{ debitId: debit.debitId, booking: moved.booking, confirmation }]);
      if (stored !== 'STORED') throw new Error(`the reference's debit is ${stored}`);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.end(), ledger.end()]);
    },
  };
}

function reservationOf(order: DebitOrder): Parameters<typeof reserveDebits>[2][number] {
  const now = new Date();
  const body = Buffer.from(JSON.stringify({ ...order, declared: undefined, amount: undefined }));
  return {
    debitId: newDebitId(now),
    reference: coreReferenceOf(order.creditor, order.endToEndId),
    order,
    content: contentOf(order),
    request: {
      creditorCode: order.creditor,
      jti: `reference-${order.endToEndId}`,
      keyThumbprint,
      method: 'PUT',
      target: `/v1/debits/${order.endToEndId}`,
      signedAt: now,
      receivedAt: now,
      digest: createHash('sha256').update(body).digest(),
      token: requestToken,
      body,
    },
    expiresAt: new Date(now.getTime() + 60_000),
    resolveBy: new Date(now.getTime() + 960_000),
    runsOn: undefined,
    opensAt: undefined,
  };
}

function tokenOf(length: number): Jws {
  const token = parseJws(`h.${'c'.repeat(length)}.s`);
  if (token === undefined) throw new RangeError('not a token');
  return token;
}
