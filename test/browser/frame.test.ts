import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { languages } from '../../src/back-office/words/words.ts';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { describeIf } from '../programs.ts';
import { openChromium } from './chromium.ts';
import { signInAs, tabTo } from './staff.ts';

describeIf('chromium', 'chromium')('the frame of every page, in a browser', () => {
  let browser: Browser;
  let office: TestBackOffice;

  beforeAll(async () => {
    office = await openTestBackOffice();
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
  });

  for (const language of languages) {
    test(`${language}: signs in, reads, and signs out, with the keyboard alone`, async () => {
      await using officer = await signInAs(browser, office.origin, 'officer-nadia', { language });
      await officer.look('overview-empty');
      // The first stop of the keyboard leads past the navigation.
      await officer.page.keyboard.press('Tab');
      await officer.page.keyboard.press('Enter');
      expect(new URL(officer.page.url()).hash).toBe('#main');
      await tabTo(officer.page, '.sign-out button');
      await officer.page.keyboard.press('Enter');
      // The identity provider asks whether its own session ends too.
      await tabTo(officer.page, 'button[name="logout"]');
      await officer.page.keyboard.press('Enter');
      await officer.page.getByText(officer.say('sign-in.signed-out-text')).waitFor();
      await officer.look('signed-out');
    });

    test(`${language}: what is not there, and what is not theirs, say what to do next`, async () => {
      await using officer = await signInAs(browser, office.origin, 'officer-nadia', { language });
      await officer.go('/no-such-page');
      await officer.look('not-found');
      await officer.page.getByRole('link', { name: officer.say('sign-in.to-overview') }).click();
      expect(new URL(officer.page.url()).pathname).toBe('/');
    });
  }

  test('another language stays on the same page, and for the next ones', async () => {
    await using officer = await signInAs(browser, office.origin, 'officer-nadia', { language: 'fr' });
    await officer.page.getByRole('link', { name: 'العربية' }).click();
    expect(await officer.page.locator('html').getAttribute('dir')).toBe('rtl');
    await officer.go('/no-such-page');
    expect(await officer.page.locator('html').getAttribute('lang')).toBe('ar');
  });
});
