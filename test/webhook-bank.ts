import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { decide } from '../src/approvals/decide.ts';
import { readFeed } from '../src/journal/feed.ts';
import { numberSealed } from '../src/journal/number.ts';
import { beginEpochWhereRestored, openSealer } from '../src/journal/sealer.ts';
import { makeDevelopmentKeys, readKeyFolder } from '../src/signing/keys.ts';
import { openSigner } from '../src/signing/sign.ts';
import type { Sign } from '../src/signing/signer.ts';
import type { CreditorCode } from '../src/values/ids.ts';
import { parseNetworks } from '../src/webhooks/addresses.ts';
import { askForWebhook } from '../src/webhooks/ask.ts';
import { type DeliveryParts, type DeliveryWork, deliveryWork } from '../src/webhooks/deliver.ts';
import { openPusher } from '../src/webhooks/push.ts';
import { applyWebhook, proposeWebhook } from '../src/webhooks/register.ts';
import { parseWebhookUrl, type WebhookAddress } from '../src/webhooks/webhook.ts';
import { selectWebhooks } from '../src/webhooks/webhooks.sql.ts';
import { must } from './bank.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import { sealAll } from './journal.ts';
import { signedRequest } from './mandates.ts';
import { openReceiver, type Receiver } from './webhook-receiver.ts';

/** A bank that pushes events, and only when the test says so. */
export type WebhookBank = AsyncDisposable & {
  db: TestDatabase;
  /** Two replicas' work. */
  works: readonly [DeliveryWork, DeliveryWork];
  faults: unknown[];
  /** What the creditor asks for, as its request that was signed. */
  ask: (creditor: CreditorCode, address: WebhookAddress | undefined) => Promise<string>;
  /** Two people register what was asked for. */
  approve: (creditor: CreditorCode) => Promise<void>;
  /** Asked for and registered by two people. */
  register: (creditor: CreditorCode, receiver: Receiver) => Promise<void>;
  /** A receiver of its own, registered, which has received that it is, and counts what comes from then on. Closed with the bank. */
  receiving: (creditor: CreditorCode) => Promise<Receiver>;
  /** Something happens to each of these subjects, is sealed and numbered. */
  happen: (creditor: CreditorCode, ...subjects: string[]) => Promise<void>;
  /** Rounds of one replica until nothing is due. */
  pushAll: (work?: DeliveryWork) => Promise<void>;
  /** Everything that waits for a later time is due now. */
  later: () => Promise<void>;
  /** The leases of all pushes under way are over: who made them is gone. */
  leasesEnd: () => Promise<void>;
  /** The database is put back to an earlier time, as far as the gateway sees. */
  putBack: () => Promise<void>;
  /** The creditor asks its feed for what follows on that event. */
  readTo: (creditor: CreditorCode, sequence: number) => Promise<void>;
  /** "1/3 DELIVERED 2 204": each event's delivery with its pushes and the last answer. */
  deliveries: (creditor: CreditorCode) => Promise<string[]>;
  /** The journal's rows about webhooks. */
  told: () => Promise<string[]>;
};

export const addressOf = (receiver: Receiver): WebhookAddress => ({
  url: must(parseWebhookUrl(receiver.url)),
  authorities: receiver.authority.pem,
});

export async function openWebhookBank({
  answerSeconds = 1,
  wrapSign = (signing) => signing,
  ...told
}: Pick<DeliveryParts, 'onLateEnd'> & {
  answerSeconds?: number;
  wrapSign?: (sign: Sign) => Sign;
} = {}): Promise<WebhookBank> {
  await using open = new AsyncDisposableStack();
  const db = open.use(await freshDatabase());
  await db.owner.query(
    `insert into creditors (creditor_code, name_fr, name_ar, collection_account)
     select code, 'Caisse', 'صندوق', '00500102444771278214' from unnest(array['CNAS', 'CACOBATPH']) code`,
  );
  const folder = open.adopt(await mkdtemp(path.join(os.tmpdir(), 'webhook-keys-')), (made) =>
    rm(made, { recursive: true }),
  );
  const now = () => new Date();
  await makeDevelopmentKeys(folder, new Date('2020-01-01T00:00:00Z'));
  const keys = await readKeyFolder(folder);
  const sign = wrapSign(openSigner({ keys, issuer: 'https://bank.example', environment: 'test', now }));
  const pusher = open.use(
    openPusher({ answerSeconds, connections: 32, allowed: must(parseNetworks('127.0.0.0/8,::1/128')) }),
  );
  const faults: unknown[] = [];
  const work = () =>
    open.use(
      deliveryWork({ ...told, db: db.gateway, sign, push: pusher.push, onFault: (fault) => faults.push(fault) }),
    );
  const works = [work(), work()] as const;
  const sealer = openSealer({ pool: db.gateway });
  const number = async () => {
    await sealAll(db, sealer);
    await numberSealed({ pool: db.gateway });
  };
  const ask: WebhookBank['ask'] = async (creditor, address) => {
    const request = signedRequest(now(), { creditorCode: creditor, body: Buffer.from(JSON.stringify(address ?? {})) });
    const asked = await askForWebhook({ pool: db.gateway, now }, request, address);
    await number();
    return 'replayed' in asked && asked.replayed ? `${asked.outcome} again` : asked.outcome;
  };
  const approve: WebhookBank['approve'] = async (creditor) => {
    const asked = must((await selectWebhooks(db.gateway, creditor)).asked);
    const asking = { reason: 'asked by the creditor', by: 'administrator-samia', from: '192.0.2.7', now: now() };
    const { proposalId } = await proposeWebhook(db.gateway, asked, asking);
    const { rows } = await db.owner.query<{ content_hash: string }>(
      'select content_hash from proposals where proposal_id = $1',
      [proposalId],
    );
    const deciding = {
      proposalId,
      by: 'administrator-yacine',
      from: '192.0.2.8',
      agencies: 'ALL',
      now: now(),
    } as const;
    const seenHash = rows[0]?.content_hash ?? '';
    const decided = await decide(db.gateway, { ...deciding, seenHash, decision: 'APPROVE' }, applyWebhook);
    if (decided.outcome !== 'DECIDED') throw new Error(JSON.stringify(decided));
  };
  const register: WebhookBank['register'] = async (creditor, receiver) => {
    await ask(creditor, addressOf(receiver));
    await approve(creditor);
    await number();
  };
  const pushAll: WebhookBank['pushAll'] = async (one = works[0]) => {
    for (let ids = await one.due(64); ids.length > 0; ids = await one.due(64)) await one.run(ids);
  };
  const closing = open.move();
  return {
    db,
    works,
    faults,
    ask,
    approve,
    register,
    async receiving(creditor) {
      const receiver = closing.use(await openReceiver());
      await register(creditor, receiver);
      await pushAll();
      receiver.pushed.length = 0;
      return receiver;
    },
    async happen(creditor, ...subjects) {
      for (const subject of subjects)
        await db.gateway.query(
          `insert into journal (creditor_code, kind, subject_id, side, to_state) values ($1, 'debit.in-doubt', $2, 'gateway', 'IN_DOUBT')`,
          [creditor, subject],
        );
      await number();
    },
    pushAll,
    async later() {
      await db.owner.query("update event_deliveries set next_at = clock_timestamp() where state = 'WAITING'");
      await db.owner.query('update webhooks set probe_at = clock_timestamp() where probe_at is not null');
    },
    async leasesEnd() {
      await db.owner.query(
        'update event_deliveries set leased_until = clock_timestamp() where leased_until is not null',
      );
    },
    async putBack() {
      await db.owner.query('alter table journal_epochs disable trigger user');
      await db.owner.query("update journal_epochs set database_id = 'another/00000001'");
      await beginEpochWhereRestored(db.gateway);
    },
    async readTo(creditor, sequence) {
      const read = { creditor, after: { epoch: 1, sequence }, limit: 1, waitSeconds: 0 };
      await readFeed(db.gateway, { wait: async () => 'TIME', end: () => undefined }, read);
    },
    async deliveries(creditor) {
      const { rows } = await db.owner.query<{ row: string }>(
        `select epoch || '/' || sequence || ' ' || state || ' ' || attempts || ' ' || coalesce(answer, '-') as row
           from event_deliveries where creditor_code = $1 order by epoch, sequence`,
        [creditor],
      );
      return rows.map(({ row }) => row);
    },
    async told() {
      const { rows } = await db.owner.query<{ row: string }>(
        `select kind || ' ' || side as row from journal where kind ~ '^(webhook|delivery)\\.' order by entry_id`,
      );
      return rows.map(({ row }) => row);
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

export const subjects = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
