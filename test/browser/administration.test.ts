import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAccounts } from '../../src/core-banking/accounts.ts';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { ribOf } from '../ledger-bank.ts';
import { describeIf } from '../programs.ts';
import { bankUnderWay } from './bank-under-way.ts';
import { openChromium } from './chromium.ts';
import { type Person, signInAs, tabTo } from './staff.ts';

describeIf('chromium', 'chromium')('administration and the stop', () => {
  let browser: Browser;
  let office: TestBackOffice;

  beforeAll(async () => {
    office = await openTestBackOffice();
    await bankUnderWay(office);
    const account = { holder: 'CNAS', kind: 'COLLECTION', openingBalance: 0n } as const;
    await openAccounts(office.db.ledger, [{ ...account, rib: ribOf(777_003) }]);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
  });

  for (const language of ['fr', 'ar'] as const) {
    test(`${language}: one person stops all debits with the keyboard, without scripts; two start again`, async () => {
      await using karim = await signInAs(browser, office.origin, 'supervisor-karim', { language, scripts: false });
      await karim.go('/stops');
      await tabTo(karim.page, 'a[href="/stops/new"]');
      await karim.page.keyboard.press('Enter');
      await tabTo(karim.page, 'input[name="what"]');
      await karim.page.keyboard.press('Space');
      await tabTo(karim.page, 'textarea[name="remark"]');
      await karim.page.keyboard.type('Incident');
      await tabTo(karim.page, 'form.form button[type="submit"]');
      await karim.page.keyboard.press('Enter');
      await karim.page.getByText(karim.say('administration.stopped-notice', { count: 0 })).waitFor();
      await using samia = await signInAs(browser, office.origin, 'supervisor-samia', { language });
      await samia.page.getByText(samia.say('administration.stop-stands')).first().waitFor();
      await samia.look('stop-banner');
      await samia.go(new URL(karim.page.url()).pathname);
      await samia.look('stop');
      await propose(samia, 'administration.propose-start');
      await samia.look('stop-start-proposal');
      await approve(karim, samia);
      await samia.go('/stops');
      await samia.look('stops');
      expect(await samia.page.getByText(samia.say('administration.nothing-stopped'), { exact: true }).count()).toBe(1);
    }, 120_000);

    test(`${language}: a certificate is read, shown, proposed and refused; what has faults says which`, async () => {
      await using lina = await signInAs(browser, office.origin, 'administrator-lina', { language });
      await lina.go('/administration/creditors/CNAS/certificates/new');
      await lina.page.locator('textarea[name="pem"]').fill('nothing');
      await send(lina);
      await lina.look('certificate-fault');
      await lina.page.locator('input[name="file"]').setInputFiles(path.join(office.certificates, 'unregistered.pem'));
      await send(lina);
      await lina.look('certificate-preview');
      await propose(lina, 'administration.propose');
      await lina.look('certificate-proposal');
      await using omar = await signInAs(browser, office.origin, 'administrator-omar', { language });
      await omar.go(new URL(lina.page.url()).pathname);
      await omar.page.getByRole('button', { name: omar.say('approvals.refuse'), exact: true }).waitFor();
      await omar.page.locator('textarea[name="remark"]').fill('Not asked for by the creditor');
      await omar.page.getByRole('button', { name: omar.say('approvals.refuse'), exact: true }).press('Enter');
      await omar.page.getByRole('status').first().waitFor();
      await omar.go('/administration/creditors/CNAS');
      await omar.look('creditor');
    }, 120_000);

    test(`${language}: every form of administration has no barrier, filled in wrongly too`, async () => {
      await using lina = await signInAs(browser, office.origin, 'administrator-lina', { language });
      for (const form of [
        '/administration/creditors/new',
        '/administration/creditors/CNAS/account',
        '/administration/creditors/CNAS/signing-keys/new',
        '/administration/calendar/feasts/new',
        '/administration/calendar/weeks/new',
        '/administration/calendar/core/new',
        '/stops/new',
      ]) {
        const name = form.slice(1).replaceAll('/', '-');
        await lina.go(form);
        await lina.look(name);
        await send(lina);
        await lina.look(`${name}-faults`);
        expect(await lina.page.locator('.fault-summary').count(), form).toBe(1);
      }
      await lina.go('/administration/creditors/CNAS/account');
      await lina.page.locator('input[name="rib"]').fill(ribOf(777_003));
      await send(lina);
      await lina.look('account-preview');
      for (const page of [
        '/administration',
        '/administration/creditors',
        '/administration/keys',
        '/administration/calendar',
      ]) {
        await lina.go(page);
        await lina.look(page.slice(1).replaceAll('/', '-'));
      }
    }, 120_000);
  }
});

/** The page's own form, as it is filled in. */
const send = async ({ page }: Person): Promise<void> => {
  await page.locator('form.form button[type="submit"]').first().press('Enter');
  await page.waitForLoadState();
};

async function propose(
  person: Person,
  button: 'administration.propose' | 'administration.propose-start',
): Promise<void> {
  await person.page.locator('textarea[name="reason"]').fill('Agreed with the creditor');
  await person.page.getByRole('button', { name: person.say(button), exact: true }).press('Enter');
  await person.page.getByText(person.say('administration.proposed')).waitFor();
}

/** The second person, on the page of the first. */
async function approve(second: Person, first: Person): Promise<void> {
  await second.go(new URL(first.page.url()).pathname);
  await second.page.getByRole('button', { name: second.say('approvals.approve'), exact: true }).press('Enter');
  await second.page.getByRole('status').first().waitFor();
}
