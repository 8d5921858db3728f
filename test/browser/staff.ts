import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { wordsOf } from '../../src/back-office/words/load.ts';
import type { Language, Words } from '../../src/back-office/words/words.ts';
import type { DevelopmentSubject } from '../../src/commands/development-staff.ts';
import { barriers, fontsOf, openPage, overhang } from './chromium.ts';

/** Where pictures of what was seen are put, for people to look at. */
export const shots = process.env.GATEWAY_TESTS_SHOTS;

/** A member of staff before a browser of their own. */
export type Person = AsyncDisposable & {
  page: Page;
  language: Language;
  /** A message as this reader has it. */
  say: Words['say'];
  /** Goes to a path of the back office. */
  go: (path: string) => Promise<void>;
  /** Looks at the page that is there: no barrier, nothing too wide, nothing that the browser complained of so far. */
  look: (name: string) => Promise<void>;
};

export type PersonWishes = { language?: Language; scripts?: boolean; viewport?: { width: number; height: number } };

/** Signs in as one of development-staff.ts at the identity provider's own page, with the keyboard. */
export async function signInAs(
  browser: Browser,
  origin: string,
  subject: DevelopmentSubject,
  { language = 'fr', scripts = true, viewport }: PersonWishes = {},
): Promise<Person> {
  const { page, wrongs, ...watched } = await openPage(browser, {
    locale: `${language}-DZ`,
    javaScriptEnabled: scripts,
    ...(viewport !== undefined && { viewport }),
  });
  await page.goto(origin);
  await chooseSubject(page, subject);
  await page.waitForURL((url) => url.origin === origin);
  return {
    page,
    language,
    say: wordsOf(language).say,
    async go(path) {
      await page.goto(`${origin}${path}`);
    },
    async look(name) {
      await fontsOf(page);
      if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}-${language}.png`, fullPage: true });
      expect(await page.locator('html').getAttribute('lang'), name).toBe(language);
      expect(await overhang(page), name).toBe(0);
      expect(await barriers(page), name).toEqual([]);
      expect(wrongs, name).toEqual([]);
    },
    async [Symbol.asyncDispose]() {
      await watched[Symbol.asyncDispose]();
      expect(wrongs).toEqual([]);
    },
  };
}

/** On the identity provider's page: to the person by the arrow keys, and in by the enter key. */
export async function chooseSubject(page: Page, subject: DevelopmentSubject): Promise<void> {
  const chosen = page.locator(`input[name="subject"][value="${subject}"]`);
  await page.locator('input[name="subject"]').first().focus();
  for (let tries = 0; tries < 20 && !(await chosen.isChecked()); tries += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
}

/** Goes on by the tab key until `reached` has the focus, as somebody without a mouse does. */
export async function tabTo(page: Page, reached: string): Promise<void> {
  const there = page.locator(reached).first();
  await there.waitFor();
  for (let tries = 0; tries < 150; tries += 1) {
    await page.keyboard.press('Tab');
    if (await there.evaluate((element) => element === element.ownerDocument.activeElement)) return;
  }
  throw new Error(`the keyboard does not reach ${reached}`);
}
