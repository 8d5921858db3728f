import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { languages } from '../../src/back-office/words/words.ts';
import type { DevelopmentSubject } from '../../src/commands/development-staff.ts';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { describeIf } from '../programs.ts';
import { bankOfAWeek } from './bank-of-a-week.ts';
import { openChromium, overhang, screens } from './chromium.ts';
import { addressesToShow, takePictures } from './pictures.ts';
import { type Person, shots, signInAs } from './staff.ts';

const readers = ['officer-nadia', 'supervisor-karim', 'auditor-yacine', 'administrator-lina'] as const;

describeIf('chromium', 'chromium')('every page that a link leads to', () => {
  let browser: Browser;
  let office: TestBackOffice;

  beforeAll(async () => {
    office = await openTestBackOffice();
    await bankOfAWeek(office);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
  });

  for (const language of ['fr', 'ar'] as const) {
    const lookedAt = new Map<string, number>();
    const reached = new Set<string>();
    // The other way round in the other language, so that what two of them see is looked at as both see it.
    for (const subject of language === 'ar' ? readers.toReversed() : readers)
      test(`${language}, ${subject}: no barrier, nothing against the policy, nothing wider than either screen`, async () => {
        await using person = await signInAs(browser, office.origin, subject, { language });
        const seen = await lookAtAll(person, subject, lookedAt);
        expect(seen).toContain('/');
        for (const kind of seen) reached.add(kind);
      }, 300_000);

    test(`${language}: no page of the door was left out, whoever added it`, () => {
      const unseen = office.gateway.backOfficePages
        .filter(({ method, path }) => method === 'GET' && !unreached.some((known) => known.test(path)))
        .filter(({ path }) => ![...reached].some((kind) => patternOf(path).test(kind)))
        .map(({ path }) => path);
      expect(unseen).toEqual([]);
    });
  }

  if (shots !== undefined)
    for (const language of languages)
      test(`${language}: pictures of what no link leads to`, async () => {
        const ofOne = Map.groupBy(await addressesToShow(office), ({ subject }) => subject);
        for (const [subject, addresses] of ofOne) {
          await using person = await signInAs(browser, office.origin, subject, { language });
          for (const address of addresses) await takePictures(person, address);
        }
      }, 300_000);
});

/** Which pages a bank under way leads nobody to: files, and what needs a state that it has not. Each is tested elsewhere. */
const unreached = [
  // Files, followed by no look; an address that answers another's form.
  /\/export$|\/certificate$|\/receipt$|\/record$|\/scans\/|\/evidence\/|\/faults$|\/sample$|\/amount-in-words$/,
  /\/messages\/:messageId$|^\/statements\/:creditor\/:date\/:format$/,
  /^\/(requests\/open|mandates\/search|debits\/search)$/,
  // Of a debit in doubt or contested, and of a mandate that is suspended: debits.test.ts and mandates.test.ts have them.
  /^\/debits\/:debitId\/(ending|contradictions|contest|reversals)|^\/mandates\/:mandateId\/resumption$/,
  // Of what is not there: a file that was imported, a proposal, a debit in doubt, a stop, a feast that was entered.
  /^\/requests\/import\/:importId|^\/approvals\/:proposalId$|^\/stops\/:stopId|\/calendar\/feasts\/:feastId/,
];

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:[^/]+/g, '[^/]+')}$`);

/**
 * Each table is a file: by a link of its own, or by the export of its part of the page. What stands in the table itself,
 * such as the files of a day, is not the table. Answers the captions of the others.
 */
const tablesWithoutFile = (page: Page): Promise<string[]> =>
  page.locator('table:not([data-csv])').evaluateAll((tables) =>
    tables
      .filter((table) => {
        const part = table.closest('section') ?? table.ownerDocument.body;
        const exported = [...part.querySelectorAll('a[href*="/export"], form[action$="/export"]')];
        return !exported.some((link) => link.closest('section') === table.closest('section'));
      })
      .map((table) => String(table.querySelector('caption')?.textContent)),
  );

/**
 * From the overview along every link, once for each kind of page: each leads somewhere that this reader may go. A whole
 * look is for a kind's first reader in each language, since it differs little for the others. Answers the kinds.
 */
async function lookAtAll(
  person: Person,
  subject: DevelopmentSubject,
  lookedAt: Map<string, number>,
): Promise<string[]> {
  const { page } = person;
  const home = new URL(page.url());
  const seen = new Set<string>();
  const ahead = ['/'];
  for (let path = ahead.shift(); path !== undefined; path = ahead.shift()) {
    const kind = kindOf(path);
    if (seen.has(kind)) continue;
    seen.add(kind);
    const status = await arriveAt(page, new URL(path, home));
    if (status === 'FILE') continue;
    expect(status, path).toBe(200);
    const times = lookedAt.get(kind) ?? 0;
    lookedAt.set(kind, times + 1);
    if (times < 1) await lookClosely(person, `${subject}${kind.replaceAll('/', '-')}`);
    ahead.push(...(await linksOf(person)));
  }
  return [...seen];
}

async function lookClosely(person: Person, name: string): Promise<void> {
  await person.look(name);
  expect(await tablesWithoutFile(person.page), name).toEqual([]);
  await person.page.setViewportSize(screens.tablet);
  expect(await overhang(person.page), `${name} on a tablet`).toBe(0);
  await person.page.setViewportSize(screens.desk);
}

/** A file is saved, and the page stays the one before. */
async function arriveAt(page: Page, url: URL): Promise<number | 'FILE' | undefined> {
  try {
    return (await page.goto(url.href))?.status();
  } catch (fault) {
    if (String(fault).includes('Download is starting')) return 'FILE';
    throw fault;
  }
}

/** A page and its like: ids are all alike, and of the query only which words it has matters not. */
const kindOf = (path: string): string =>
  (path.split('?', 1)[0] ?? path)
    .split('/')
    .map((part) => (/\d/.test(part) ? 'one' : part))
    .join('/');

/** Where the page's links lead: pages of ours, in this language; files are others' to look at. */
async function linksOf({ page }: Person): Promise<string[]> {
  const { origin } = new URL(page.url());
  const hrefs = await page
    .locator('a[href]:not([hreflang]):not([download]):not([target])')
    .evaluateAll((links) => links.map((link) => String(link.getAttribute('href'))));
  return hrefs
    .map((href) => new URL(href, page.url()))
    .filter((url) => url.origin === origin && url.hash === '')
    .map((url) => `${url.pathname}${url.search}`)
    .filter((path) => !path.startsWith('/sign-'));
}
