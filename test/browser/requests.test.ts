import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RequestField } from '../../src/mandates/authorisation-request.ts';
import { addDays, algiersDay } from '../../src/values/dates.ts';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { hidhab } from '../mandates.ts';
import { describeIf } from '../programs.ts';
import { openChromium } from './chromium.ts';
import { signInAs, tabTo } from './staff.ts';

const today = algiersDay(new Date());
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const texts = ['employerNumber', 'nameFr', 'nameAr', 'rib', 'perDebitCeiling', 'periodCeiling'] as const;
const field = (name: RequestField) => `#field-${name}`;

describeIf('chromium', 'chromium')('authorisation requests, in a browser', () => {
  let browser: Browser;
  let office: TestBackOffice;
  let folder: string;
  beforeAll(async () => {
    office = await openTestBackOffice();
    browser = await openChromium();
    folder = await mkdtemp(path.join(os.tmpdir(), 'requests-'));
    await writeFile(path.join(folder, 'form.png'), png);
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  for (const language of ['fr', 'ar'] as const)
    for (const scripts of [true, false])
      test(`${language}: from paper to certificate with the keyboard alone (scripts: ${scripts})`, async () => {
        const wishes = { language, scripts };
        const said = `${language}-${scripts ? 'scripts' : 'plain'}`;
        await using amel = await signInAs(browser, office.origin, 'officer-amel', wishes);
        await enterByKeyboard(amel.page);
        await amel.page.locator('#field-scan').waitFor();
        if (scripts) await amel.look(`request-draft-${said}`);
        await tabTo(amel.page, '#field-scan');
        await amel.page.locator('#field-scan').setInputFiles(path.join(folder, 'form.png'));
        await tabTo(amel.page, 'form[action$="/scan"] button');
        await amel.page.keyboard.press('Enter');
        await amel.page.getByRole('img').waitFor();
        await tabTo(amel.page, 'form[action$="/submit"] button');
        await amel.page.keyboard.press('Enter');
        await amel.page.getByText(amel.say('requests.submitted')).waitFor();

        await using karim = await signInAs(browser, office.origin, 'supervisor-karim', wishes);
        await tabTo(karim.page, 'a[href="/requests"]');
        await karim.page.keyboard.press('Enter');
        await tabTo(karim.page, 'tbody th a');
        if (scripts) await karim.look(`requests-queue-${said}`);
        await karim.page.keyboard.press('Enter');
        await tabTo(karim.page, 'a[href$="/certify"]');
        if (scripts) await karim.look(`request-pending-${said}`);
        await karim.page.keyboard.press('Enter');
        await karim.page.locator('input[name="seen"]').waitFor({ state: 'attached' });
        if (scripts) await karim.look(`request-certify-${said}`);
        await tabTo(karim.page, 'form[action$="/certify"] button');
        await karim.page.keyboard.press('Enter');
        await karim.page.waitForURL(/\/mandates\//);
        await karim.page.getByText(karim.say('requests.certified')).waitFor();
        expect(await karim.page.locator('a[href$="/certificate"]').count()).toBeGreaterThan(0);
      }, 120_000);

  test('the form says what is wrong as it is typed, and names bank, agency and the amount in both languages', async () => {
    await using amel = await signInAs(browser, office.origin, 'officer-amel', { language: 'ar' });
    await amel.go('/requests/new');
    const { page } = amel;
    const said = page.locator('#rib-check');
    const counted = page.locator('#employer-check');
    const employer = page.locator(field('employerNumber'));
    await employer.pressSequentially('026299231');
    expect(await counted.textContent()).toBe(amel.say('requests.employer-digits', { count: '9' }));
    await employer.pressSequentially('23');
    expect(await counted.textContent()).toBe(amel.say('requests.employer-digits', { count: '11' }));
    await employer.fill('٠٢٦٢ 992 312');
    expect(await counted.textContent()).toBe(amel.say('requests.employer-good'));
    const rib = page.locator(field('rib'));
    await rib.pressSequentially('0050010244477127821');
    expect(await said.textContent()).toBe(amel.say('requests.rib-digits', { count: '19' }));
    await rib.pressSequentially('5');
    expect(await said.textContent()).toBe(amel.say('requests.rib-wrong-key'));
    await rib.fill('001 00102 4447712782 14');
    expect(await said.textContent()).toBe(amel.say('requests.rib-other-bank', { bank: 'BNA' }));
    await rib.fill('٠٠٥ 00102 4447712782 14');
    expect(await said.textContent()).toBe(
      amel.say('requests.rib-of', { bank: 'BDL', agency: '00102 (\u2068الشلف\u2069)' }),
    );
    await page.locator(field('perDebitCeiling')).pressSequentially('1 000 000,00');
    await page.getByText('un million de dinars').waitFor();
    await page.getByText('مليون دينار').waitFor();
    await amel.look('request-form-ar-typed');
    await page.locator('button[value="save"]').click();
    await page.locator('.fault-summary').waitFor();
    expect(await page.locator('.invalid-feedback').count()).toBeGreaterThan(3);
    await amel.look('request-form-ar-faults');
  }, 60_000);

  for (const language of ['fr', 'ar'] as const)
    test(`${language}: a file is previewed and entered, and its faults stand in their lines`, async () => {
      await using nadia = await signInAs(browser, office.origin, 'officer-nadia', { language });
      const { page } = nadia;
      await nadia.go('/requests/import');
      await nadia.look(`import-form-${language}`);
      await page.locator('#field-creditor').selectOption('CNAS');
      await page
        .locator('#field-file')
        .setInputFiles({ name: 'file.csv', mimeType: 'text/csv', buffer: fileOf(language) });
      await page.locator('form[action="/requests/import"] button').click();
      await page.getByText(nadia.say('requests.import-summary', { good: 1, faulty: 1 })).waitFor();
      await nadia.look(`import-preview-${language}`);
      await page.locator('button[value="save"]').click();
      await page.getByText(nadia.say('requests.import-entered', { count: 1 })).waitFor();
    }, 60_000);

  for (const language of ['fr', 'ar'] as const)
    test(`${language}: what differs from the creditor’s request and from the account is marked`, async () => {
      const { perDebitCeiling, periodCeiling, period, creditor: _, ...asked } = hidhab;
      const ceilings = { perDebit: perDebitCeiling, perPeriod: periodCeiling, period, currency: 'DZD' };
      const body = { ...asked, nameFr: 'SPA Hidhab Travaux', ceilings, validFrom: today, validTo: addDays(today, 365) };
      const { json } = await office.clientOf('cnas').put(`/v1/authorisation-requests/SEEN-${language}`, body);
      await using amel = await signInAs(browser, office.origin, 'officer-amel', { language });
      const { page } = amel;
      await amel.go('/requests');
      await page.locator('#field-reference').fill(`CNAS:SEEN-${language}`);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/requests/${String(json?.mandateId)}`);
      await page.locator('a[href$="/edit"]').click();
      await page.locator(field('periodCeiling')).fill('450 000,00');
      await page.locator('button[value="submit"]').click();
      await page.getByText(amel.say('requests.submitted')).waitFor();
      expect(await page.locator('tr.row-warning').count()).toBe(2);
      await amel.look(`request-differs-${language}`);
      await using karim = await signInAs(browser, office.origin, 'supervisor-karim', { language });
      await karim.go(`/requests/${String(json?.mandateId)}/send-back`);
      await karim.look(`request-send-back-${language}`);
      await karim.page.locator('#field-remark').fill('The form says 300 000,00');
      await karim.page.locator('form[action$="/send-back"] button').click();
      await karim.page.getByText(karim.say('requests.done.send-back')).waitFor();
      await karim.look(`request-sent-back-${language}`);
    }, 60_000);
});

/** The whole form by tab and typing, as its fields stand. */
async function enterByKeyboard(page: Page): Promise<void> {
  await tabTo(page, 'a[href="/requests"]');
  await page.keyboard.press('Enter');
  await tabTo(page, 'a[href="/requests/new"]');
  await page.keyboard.press('Enter');
  await tabTo(page, field('creditor'));
  await page.keyboard.type('CNAS');
  for (const name of texts) {
    await tabTo(page, field(name));
    await page.keyboard.type(hidhab[name]);
  }
  await tabTo(page, 'button[value="save"]');
  await page.keyboard.press('Enter');
}

function fileOf(language: string): Buffer {
  const columns = 'employer_number;rib;name_fr;name_ar;per_debit_ceiling;period_ceiling;period;valid_from;valid_to';
  const good = `${language === 'fr' ? '1681924865' : '1681924866'};00500116417777786841;EURL Sahel Transport;م.ذ.ش.و الساحل للنقل;25000000;50000000;mois;${today};${addDays(today, 365)}`;
  const bad = good.replace('86841', '86842').replace('25000000;', '-1;').replace(/^\d+/, '12');
  return Buffer.from([columns, good, bad].join('\n'));
}
