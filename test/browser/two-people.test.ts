import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signRegistration } from '../../src/clients/registration-record.ts';
import { openAccounts } from '../../src/core-banking/accounts.ts';
import { readPrivateKey } from '../../src/signing/private-key.ts';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { cnas } from '../bank.ts';
import { ribOf } from '../ledger-bank.ts';
import { describeIf } from '../programs.ts';
import { openChromium } from './chromium.ts';
import { type Person, signInAs } from './staff.ts';

const creditor = '/administration/creditors/CNAS';
const webhook = '/administration/webhooks/CNAS';

describeIf('chromium', 'chromium')('what one administrator proposes and another approves', () => {
  let browser: Browser;
  let office: TestBackOffice;

  beforeAll(async () => {
    office = await openTestBackOffice();
    const account = { holder: 'CNAS', kind: 'COLLECTION', openingBalance: 0n } as const;
    await openAccounts(
      office.db.ledger,
      Object.values(accounts).map((rib) => ({ ...account, rib })),
    );
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
  });

  for (const language of ['fr', 'ar'] as const)
    test(`${language}: a signing key, an account under a stop, a feast and an address for events come to serve`, async () => {
      await using lina = await signInAs(browser, office.origin, 'administrator-lina', { language });
      await using omar = await signInAs(browser, office.origin, 'administrator-omar', { language });
      omar.page.on('dialog', (dialog) => void dialog.accept());

      const { kid, publicKey, record } = await signedKey(office.config.issuer);
      await lina.go(`${creditor}/signing-keys/new`);
      await fill(lina, { publicKey, record });
      await send(lina);
      await byTwo(lina, omar, 'signing-key-registration', kid);
      await omar.go(creditor);
      await omar.page.getByText(kid).first().waitFor();

      await lina.go('/stops/new');
      await lina.page.locator('input[name="what"][value="CNAS"]').check();
      await fill(lina, { remark: 'The account changes' });
      await send(lina);
      const stop = new URL(lina.page.url()).pathname;
      await lina.go(`${creditor}/account`);
      await fill(lina, { rib: accounts[language] });
      await send(lina);
      await byTwo(lina, omar, 'creditor-account');
      const { rows } = await office.db.owner.query(
        "select collection_account from creditors where creditor_code = 'CNAS'",
      );
      expect(rows).toEqual([{ collection_account: accounts[language] }]);
      await lina.go(stop);
      await proposedBy(lina, 'administration.propose-start');
      await approvedBy(omar, lina);
      await omar.go(stop);
      await omar.page.getByText(omar.say('administration.stop-ended'), { exact: true }).waitFor();

      await lina.go('/administration/calendar/feasts/new');
      const names = { nameFr: `Fête ${language}`, nameAr: `عيد ${language}` };
      await fill(lina, { day: `2099-03-${language === 'fr' ? '22' : '23'}`, ...names, source: 'Communiqué' });
      await byTwo(lina, omar, 'calendar-feast');
      await omar.go('/administration/calendar');
      await omar.page.getByText(names[language === 'ar' ? 'nameAr' : 'nameFr'], { exact: true }).waitFor();

      const url = `https://events-${language}.cnas.example/debits`;
      await office.clientOf('cnas').put('/v1/webhook', { active: true, url });
      await lina.go(webhook);
      await lina.look('webhook-asked');
      await byTwo(lina, omar, 'webhook-registration');
      await omar.go(webhook);
      await omar.page.getByText(url).waitFor();
      await omar.page.getByText(omar.say('administration.webhook-state.ACTIVE'), { exact: true }).waitFor();
      expect(await omar.page.locator('form[action$="/registration"]').count()).toBe(0);
    }, 180_000);
});

const accounts = { fr: ribOf(777_011), ar: ribOf(777_012) };

type Change = 'signing-key-registration' | 'creditor-account' | 'calendar-feast' | 'webhook-registration';

/** From the form that is filled in to what came of it; what the second one types to compare is not on the page. */
async function byTwo(first: Person, second: Person, change: Change, compared?: string): Promise<void> {
  await proposedBy(first, 'administration.propose');
  await approvedBy(second, first, compared);
  const what = second.say(`administration.kind.${change}`);
  await second.page.getByText(second.say('approvals.done.APPROVE', { what })).waitFor();
}

async function proposedBy(
  person: Person,
  button: 'administration.propose' | 'administration.propose-start',
): Promise<void> {
  await fill(person, { reason: person.language === 'ar' ? 'بطلب من الدائن' : 'À la demande du créancier' });
  await person.page.getByRole('button', { name: person.say(button), exact: true }).press('Enter');
  await person.page.getByText(person.say('administration.proposed')).waitFor();
}

async function approvedBy(second: Person, first: Person, compared?: string): Promise<void> {
  await second.go(new URL(first.page.url()).pathname);
  if (compared !== undefined) {
    expect(await second.page.getByText(compared).count()).toBe(0);
    await fill(second, { compared });
  }
  await second.page.getByRole('button', { name: second.say('approvals.approve'), exact: true }).press('Enter');
  await second.page.getByRole('status').first().waitFor();
}

async function fill({ page }: Person, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.locator(`[name="${name}"]:visible`).fill(value);
}

const send = async ({ page }: Person): Promise<void> => {
  const arrived = page.waitForEvent('load');
  await page.locator('form.form button[type="submit"]').first().press('Enter');
  await arrived;
};

/** A key of the creditor's, and its record that it signed. */
async function signedKey(issuer: string): Promise<{ kid: string; publicKey: string; record: string }> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const key = readPrivateKey(pem);
  if (key.outcome === 'REFUSED') throw new Error(key.detail);
  return {
    kid: key.kid,
    publicKey: String(createPublicKey(pem).export({ type: 'spki', format: 'pem' })),
    record: await signRegistration(key, { creditorCode: cnas, issuer, scopes: ['debits'], now: new Date() }),
  };
}
