import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** The distribution's own, which needs no download. As root it has no sandbox of its own; it visits our pages only. */
export const openChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu', '--disable-software-rasterizer'],
  });

export const screens = { desk: { width: 1366, height: 768 }, tablet: { width: 820, height: 1180 } };

/** A page, and everything that went wrong on it: none, at the end of every test. */
export type WatchedPage = AsyncDisposable & { page: Page; wrongs: string[] };

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: screens.desk, ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  const wrongs: string[] = [];
  page.on('console', (message) => {
    // A page that answers 404 or 422 as it should is told of as an error too.
    const ofAnswer = message.text().startsWith('Failed to load resource: the server responded with a status of 4');
    if (message.type() === 'error' && !ofAnswer) wrongs.push(message.text());
  });
  page.on('pageerror', (error) => wrongs.push(String(error)));
  page.on('requestfailed', (request) => {
    const failure = request.failure()?.errorText;
    // What is being loaded when the reader goes on is dropped.
    if (failure !== 'net::ERR_ABORTED') wrongs.push(`${request.url()} ${failure}`);
  });
  await context.addInitScript(tellViolations);
  return { page, wrongs, [Symbol.asyncDispose]: () => context.close() };
}

/** Runs in the browser, whose types are not ours: as text. */
const tellViolations = `document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
  console.error('content security policy: ' + effectiveDirective + ' ' + blockedURI))`;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const runAxe = `axe.run(document, {
  // Of what is right only one of each kind is told, and no style sheet is fetched again for rules that we don't ask for.
  resultTypes: ['violations'], preload: false,
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ': ' + failureSummary)))`;

/** What a person with a disability would stumble over on this page, as axe finds it. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(runAxe);
}

/** How far the page can be pushed aside: nothing but a table in its own frame may be wider than the screen. */
export const overhang = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Waits for the page's fonts, and answers the ranges of those that it needed. */
export const fontsOf = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`document.fonts.ready.then((fonts) =>
    [...fonts].filter(({ status }) => status === 'loaded').map(({ unicodeRange }) => unicodeRange))`);
