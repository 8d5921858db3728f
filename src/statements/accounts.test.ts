import { expect, test } from 'vitest';
import { cnas, must, type TestBankWithGateway } from '../../test/bank.ts';
import { describeWithSchemas, schemaFaults, xmllint } from '../../test/iso-schemas.ts';
import { sealAll, tamper } from '../../test/journal.ts';
import { ribOf } from '../../test/ledger-bank.ts';
import { describeIf } from '../../test/programs.ts';
import { reversing } from '../../test/reversals.ts';
import {
  at,
  changedFiles,
  closeStatements,
  daysAgo,
  fileText,
  inThePast,
  openBankSince,
  sealAndClose,
  statementOf,
  statementParts,
} from '../../test/statements.ts';
import { openAccounts } from '../core-banking/accounts.ts';
import type { Sign } from '../signing/signer.ts';
import { maskRib, type Rib } from '../values/rib.ts';
import { presentFormat } from './statement.ts';

const yesterday = daysAgo(1);

/** The creditor's debits are credited to another account from now on. */
async function changeAccount({ db }: TestBankWithGateway, account = ribOf(9_000_002)): Promise<Rib> {
  await openAccounts(db.ledger, [{ rib: account, holder: 'CNAS', kind: 'COLLECTION', openingBalance: 0n }]);
  await db.owner.query(`update creditors set collection_account = $1 where creditor_code = 'CNAS'`, [account]);
  return account;
}

async function accountOf({ db }: TestBankWithGateway): Promise<Rib> {
  const { rows } = await db.owner.query<{ account: Rib }>(
    "select collection_account as account from creditors where creditor_code = 'CNAS'",
  );
  return must(rows[0]).account;
}

/** The account, the totals, and the entries of each notification in a file. */
const notificationsIn = (file: string) =>
  file
    .split('<Ntfctn>')
    .slice(1)
    .map((notification) => ({
      id: /<Id>(\w+(?:-\w+)?)<\/Id><ElctrncSeqNb>/.exec(notification)?.[1],
      account: /<Acct><Id><Othr><Id>(\d{20})</.exec(notification)?.[1],
      credits: /<TtlCdtNtries>(.*)<\/TtlCdtNtries>/
        .exec(notification)?.[1]
        ?.replaceAll(/<[^>]+>/g, ' ')
        .trim(),
      debits: /<TtlDbtNtries>(.*)<\/TtlDbtNtries>/
        .exec(notification)?.[1]
        ?.replaceAll(/<[^>]+>/g, ' ')
        .trim(),
      entries: [...notification.matchAll(/<Ntry>.*?<CdtDbtInd>(\w+)<.*?<EndToEndId>([^<]+)<.*?<\/Ntry>/g)].map(
        ([, indicator, name]) => `${indicator} ${name}`,
      ),
    }));

/** Accounts A and B, and two days: debits of before and after the change, and one of before that is given back after it. */
async function daysOfTwoAccounts(bank: TestBankWithGateway): Promise<{ old: Rib; present: Rib }> {
  const mandateId = await bank.addMandate();
  const old = await accountOf(bank);
  await inThePast(bank.db, at(daysAgo(2), '10:00:00.000'), async () => {
    await bank.debit({ mandateId, endToEndId: 'OLD-1', amount: '10.00' });
    await bank.debit({ mandateId, endToEndId: 'OLD-2', amount: '20.00' });
  });
  await inThePast(bank.db, at(yesterday, '09:00:00.000'), () =>
    bank.debit({ mandateId, endToEndId: 'OLD-3', amount: '40.00' }),
  );
  const present = await changeAccount(bank);
  await inThePast(bank.db, at(yesterday, '10:00:00.000'), async () => {
    await bank.debit({ mandateId, endToEndId: 'NEW-1', amount: '100.00' });
    await reversing(bank).reverse({ endToEndId: 'OLD-1' });
    await bank.debit({ mandateId, endToEndId: 'NEW-2', amount: '200.00' });
  });
  return { old, present };
}

test('the camt.054 has a notification of each account that its entries stand on, with the totals and entries of that one', async () => {
  await using bank = await openBankSince(daysAgo(2));
  const { old, present } = await daysOfTwoAccounts(bank);
  await sealAll(bank.db);
  // Few rows at once: what is counted and what is written go over several.
  await closeStatements({ ...statementParts(bank), most: 2 });
  const [first, second] = [await statementOf(bank, daysAgo(2)), await statementOf(bank, yesterday)];
  const id = second.statementId.replaceAll('-', '');
  expect(notificationsIn(await fileText(bank.db, first, 'camt054'))).toEqual([
    {
      ...{ id: first.statementId.replaceAll('-', ''), account: old },
      ...{ credits: '2  30.00', debits: '0  0.00', entries: ['CRDT OLD-1', 'CRDT OLD-2'] },
    },
  ]);
  expect(notificationsIn(await fileText(bank.db, second, 'camt054'))).toEqual([
    {
      ...{ id: `${id}-1`, account: old },
      ...{ credits: '1  40.00', debits: '1  10.00', entries: ['CRDT OLD-3', 'DBIT OLD-1'] },
    },
    {
      ...{ id: `${id}-2`, account: present },
      ...{ credits: '2  300.00', debits: '0  0.00', entries: ['CRDT NEW-1', 'CRDT NEW-2'] },
    },
  ]);
  // As the confirmations say, whose accounts are masked.
  const lines = (await fileText(bank.db, second, 'jsonLines'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const own = lines.map(({ outcome, debitedAccount, creditedAccount }) =>
    outcome === 'REVERSED' ? debitedAccount : creditedAccount,
  );
  expect(own).toEqual([old, present, old, present].map(maskRib));
  // Whatever account the creditor has later, and whatever is entered of before.
  await changeAccount(bank, ribOf(9_000_003));
  for (const statement of [first, second]) expect(await changedFiles(bank.db, statement)).toEqual([]);
});

test('a day without entries is told of the account that the creditor had at its end', async () => {
  await using bank = await openBankSince(daysAgo(2));
  const old = await accountOf(bank);
  const present = await changeAccount(bank);
  await tamper(
    bank.db,
    `update collection_accounts set since = '${at(yesterday, '12:00:00.000').toISOString()}' where account = '${present}'`,
  );
  await sealAndClose(bank);
  const accounts: (string | undefined)[][] = [];
  for (const day of [daysAgo(2), yesterday])
    accounts.push(
      notificationsIn(await fileText(bank.db, await statementOf(bank, day), 'camt054')).map(({ account }) => account),
    );
  expect(accounts).toEqual([[old], [present]]);
});

test('a statement that an older gateway has counted is closed in the form of that one, and made again byte for byte', async () => {
  await using bank = await openBankSince(daysAgo(2));
  await daysOfTwoAccounts(bank);
  await sealAll(bank.db);
  const parts = statementParts(bank);
  const sign: Sign = (token) =>
    token.audience === cnas && token.claims.sequence === 2 ? Promise.reject(new Error('away')) : parts.sign(token);
  await expect(closeStatements({ ...parts, sign })).rejects.toThrow('away');
  // Some of its rows.
  await bank.db.owner.query(
    `update statement_accounts set credits = credits - 1, credited = credited - 100
      where credits = 2 and statement_id in (select statement_id from statements where state = 'CUT')`,
  );
  await closeStatements(parts);
  const [first, second] = [await statementOf(bank, daysAgo(2)), await statementOf(bank, yesterday)];
  expect([first.format, second.format]).toEqual([presentFormat, 3]);
  expect(notificationsIn(await fileText(bank.db, second, 'camt054'))).toMatchObject([
    { credits: '3  340.00', entries: ['CRDT OLD-3', 'CRDT NEW-1', 'DBIT OLD-1', 'CRDT NEW-2'] },
  ]);
  expect(await changedFiles(bank.db, second)).toEqual([]);
});

describeWithSchemas('the notifications of two accounts', () => {
  describeIf('xmllint', 'libxml2-utils')('by the published schema', () => {
    test('are valid, also for a program that is not ours', async () => {
      await using bank = await openBankSince(daysAgo(2));
      await daysOfTwoAccounts(bank);
      await sealAndClose(bank);
      const file = await fileText(bank.db, await statementOf(bank, yesterday), 'camt054');
      expect(file.split('<Ntfctn>')).toHaveLength(3);
      expect(schemaFaults('camt.054.001.08', Buffer.from(file))).toEqual([]);
      xmllint('camt.054.001.08', Buffer.from(file));
    });
  });
});
