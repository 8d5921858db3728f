import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { describeIf } from '../programs.ts';
import { bankUnderWay } from './bank-under-way.ts';
import { openChromium } from './chromium.ts';
import { signInAs, tabTo } from './staff.ts';

describeIf('chromium', 'chromium')('the auditor’s way from a question to a row that is verified', () => {
  let browser: Browser;
  let office: TestBackOffice;
  let active: string;

  beforeAll(async () => {
    office = await openTestBackOffice();
    ({ active } = await bankUnderWay(office));
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
  });

  for (const { language, scripts } of [
    { language: 'fr', scripts: true },
    { language: 'ar', scripts: true },
    { language: 'ar', scripts: false },
  ] as const)
    test(`${language}${scripts ? '' : ', without scripts'}: who certified this mandate, when and from where, with the keyboard alone`, async () => {
      await using yacine = await signInAs(browser, office.origin, 'auditor-yacine', { language, scripts });
      const { page } = yacine;
      const look = async (name: string) => (scripts ? yacine.look(name) : undefined);
      await look('audit-overview');
      await tabTo(page, 'a[href="/audit"]');
      await page.keyboard.press('Enter');
      await tabTo(page, '#field-subject');
      await page.keyboard.type('12');
      await page.keyboard.press('Enter');
      await page.locator('#field-subject-fault').waitFor();
      await look('audit-fault');
      await page.locator('#field-subject').fill(active);
      await page.locator('#field-kind').selectOption('mandate.certified');
      await tabTo(page, 'form.filter-form button[type="submit"]');
      await page.keyboard.press('Enter');
      await page.waitForURL(/kind=mandate.certified/);
      expect(await page.locator('tbody tr').count()).toBe(1);
      expect(await page.locator('tbody').textContent()).toContain('supervisor-samia');
      await look('audit-found');

      const downloading = page.waitForEvent('download');
      await page.locator('a[download]').press('Enter');
      const file = await readFile(await (await downloading).path(), 'utf8');
      expect(file.trim().split('\r\n')).toHaveLength(2);
      expect(file).toContain(active);

      await tabTo(page, 'tbody th a');
      await page.keyboard.press('Enter');
      await page.getByText(yacine.say('audit.sound')).waitFor();
      await look('audit-entry');
      await page.getByText(yacine.say('audit.all-of-subject')).press('Enter');
      await page.waitForURL(/subject=/);
      expect(await page.locator('tbody tr').count()).toBeGreaterThan(4);
    });
});
