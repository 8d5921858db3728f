import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestBackOffice } from '../back-office.ts';
import { describeIf } from '../programs.ts';
import { acceptMandate, bankUnderWay } from './bank-under-way.ts';
import { openChromium } from './chromium.ts';
import { type Person, signInAs, tabTo } from './staff.ts';

describeIf('chromium', 'chromium')('the staff’s ways through the back office, with the keyboard alone', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser?.close());

  for (const language of ['fr', 'ar'] as const) {
    test(`${language}: a mandate is revoked by two people, and its certificate printed`, async () => {
      await using office = await openTestBackOffice();
      const { active } = await bankUnderWay(office);
      await using nadia = await signInAs(browser, office.origin, 'officer-nadia', { language });
      await nadia.go(`/mandates/${active}`);
      await follow(nadia, `a[href="/mandates/${active}/revocation"]`);
      await tabTo(nadia.page, '#field-reason');
      await nadia.page.keyboard.press('ArrowDown');
      await write(nadia, '#field-remark', language === 'ar' ? 'بطلب من رب العمل' : 'À la demande de l’employeur');
      await follow(nadia, 'form[action$="/revocation"] button[type="submit"]');
      await nadia.page.getByText(nadia.say('mandates.proposed')).waitFor();

      await using karim = await signInAs(browser, office.origin, 'supervisor-karim', { language });
      await follow(karim, 'a[href="/approvals"]');
      await follow(karim, 'tbody a');
      await approve(karim);
      const what = karim.say('mandates.act.revocation');
      await karim.page.getByText(karim.say('approvals.done.APPROVE', { what })).waitFor();
      await karim.look('approval-done');

      await nadia.go(`/mandates/${active}`);
      const states = nadia.page.locator('.lead-line');
      await states.getByText(nadia.say('common.mandate.REVOKED'), { exact: true }).waitFor();
      await nadia.look('mandate-revoked');
      const printed = nadia.page.context().waitForEvent('response', (answer) => answer.url().endsWith('/certificate'));
      await press(nadia, 'a[href$="/certificate"][target]');
      expect((await printed).headers()['content-type']).toBe('application/pdf');
    }, 120_000);

    test(`${language}: a mandate is replaced, to the acceptance of the one that replaces it; a request is refused`, async () => {
      await using office = await openTestBackOffice();
      const { active, pending } = await bankUnderWay(office);
      await using nadia = await signInAs(browser, office.origin, 'officer-nadia', { language });
      await nadia.go(`/mandates/${active}`);
      await follow(nadia, `a[href="/requests/new?replaces=${active}"]`);
      const { page } = nadia;
      await page.locator('#field-perDebitCeiling').fill('900 000,00');
      await page.locator('#field-periodCeiling').fill('1 900 000,00');
      await page.locator('#field-replaceReason').selectOption('ceilings-changed');
      await page.locator('#field-replaceRemark').fill('Lettre du 3 mars – رسالة 3 مارس');
      await nadia.look('replacement');
      await follow(nadia, 'button[value="submit"]');
      await page.getByText(nadia.say('requests.submitted')).waitFor();
      const request = new URL(page.url()).pathname;
      const replacing = request.replace('/requests/', '');

      await using karim = await signInAs(browser, office.origin, 'supervisor-karim', { language });
      await karim.go(request);
      await follow(karim, 'a[href$="/certify"]');
      await karim.page.locator('input[name="paperSeen"]').check();
      await karim.look('replacement-certify');
      await follow(karim, 'form[action$="/certify"] button');
      await karim.page.getByText(karim.say('requests.certified')).waitFor();
      await acceptMandate(office, replacing);
      for (const [mandate, state] of [
        [active, 'REPLACED'],
        [replacing, 'ACTIVE'],
      ] as const) {
        await karim.go(`/mandates/${mandate}`);
        const states = karim.page.locator('.lead-line').first();
        await states.getByText(karim.say(`common.mandate.${state}`), { exact: true }).waitFor();
        await karim.look(`mandate-${state}`);
      }

      await karim.go(`/requests/${pending}`);
      await follow(karim, 'a[href$="/refuse"]');
      await write(karim, '#field-remark', language === 'ar' ? 'التوقيع غير مطابق' : 'La signature ne correspond pas');
      await karim.look('request-refuse');
      await follow(karim, 'form[action$="/refuse"] button');
      await karim.page.getByText(karim.say('requests.done.refuse')).waitFor();
      await karim.look('request-refused');
    }, 120_000);

    test(`${language}: an auditor finds who did what, reads one row of the journal, and takes the list along`, async () => {
      await using office = await openTestBackOffice();
      await bankUnderWay(office);
      await using yacine = await signInAs(browser, office.origin, 'auditor-yacine', { language });
      await follow(yacine, 'a[href="/audit"]');
      await write(yacine, '#field-person', 'supervisor-samia');
      await yacine.page.keyboard.press('Enter');
      await yacine.page.waitForURL(/person=supervisor-samia/);
      await yacine.look('audit-found');
      expect(await yacine.page.locator('tbody tr').count()).toBe(2);
      const saved = yacine.page.waitForEvent('download');
      await press(yacine, 'a[download]');
      const text = await streamText(await (await saved).createReadStream());
      // Its mark, its heading, and the two rows, each ended as spreadsheets want it.
      expect(text.startsWith('\uFEFF')).toBe(true);
      expect(text.trimEnd().split('\r\n')).toHaveLength(3);
      await follow(yacine, 'tbody th a');
      await yacine.page.waitForURL(/\/audit\/entries\//);
      await yacine.look('audit-entry');
    }, 120_000);
  }
});

/** To it by the tab key, and in by the enter key. */
async function press({ page }: Person, element: string): Promise<void> {
  await tabTo(page, element);
  await page.keyboard.press('Enter');
}

/** The same, to the page that it leads to. */
async function follow(person: Person, element: string): Promise<void> {
  const arrived = person.page.waitForEvent('load');
  await press(person, element);
  await arrived;
}

async function write(person: Person, field: string, text: string): Promise<void> {
  await tabTo(person.page, field);
  await person.page.keyboard.insertText(text);
}

/** The browser asks first. */
async function approve(person: Person): Promise<void> {
  person.page.once('dialog', (dialog) => void dialog.accept());
  await follow(person, 'button[data-confirm]');
}

async function streamText(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}
