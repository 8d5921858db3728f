import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assets } from '../../src/back-office/look/assets.ts';
import { layout } from '../../src/back-office/look/layout.ts';
import { wordsOf } from '../../src/back-office/words/load.ts';
import { languages } from '../../src/back-office/words/words.ts';
import { describeIf } from '../programs.ts';
import { barriers, fontsOf, openChromium, openPage, overhang, screens } from './chromium.ts';
import { gallery } from './gallery.ts';

/** Where pictures of what was seen are put, for people to look at. */
const shots = process.env.GATEWAY_TESTS_SHOTS;

describeIf('chromium', 'chromium')('the look, every part of it', () => {
  let browser: Browser;
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    browser = await openChromium();
    server = createServer((request, response) => {
      void answer(request.url ?? '/').then((send) => send(response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  for (const language of languages)
    for (const [name, viewport] of Object.entries(screens))
      test(`in ${language} on a ${name}: no barrier, nothing against the policy, nothing wider than the screen`, async () => {
        await using watched = await openPage(browser, { viewport });
        await watched.page.goto(`${origin}/?of=${language}`);
        await fontsOf(watched.page);
        if (shots !== undefined)
          await watched.page.screenshot({ path: `${shots}/gallery-${language}-${name}.png`, fullPage: true });
        expect(await overhang(watched.page)).toBe(0);
        expect(await barriers(watched.page)).toEqual([]);
        expect(watched.wrongs).toEqual([]);
      });

  test('a form whose button is pressed twice in a hurry is sent once', async () => {
    await using watched = await openPage(browser);
    const { page } = watched;
    await page.goto(`${origin}/?of=fr`);
    const pressed = `(() => {
      const event = new Event('submit', { bubbles: true, cancelable: true });
      document.querySelector('form.form').dispatchEvent(event);
      return !event.defaultPrevented;
    })()`;
    expect([await page.evaluate(pressed), await page.evaluate(pressed)]).toEqual([true, false]);
  });

  test('the fonts are our own, in both scripts', async () => {
    await using watched = await openPage(browser);
    await watched.page.goto(`${origin}/?of=ar`);
    const loaded = await fontsOf(watched.page);
    expect(loaded.some((range) => range.includes('U+600-6FF'))).toBe(true);
    expect(loaded.some((range) => range.includes('U+0-FF'))).toBe(true);
  });
});

type Send = (response: ServerResponse) => void;

async function answer(address: string): Promise<Send> {
  const url = new URL(address, 'http://gallery.invalid');
  const asset = assets.get(url.pathname);
  if (asset !== undefined)
    return (response) =>
      response.writeHead(200, { 'content-type': asset.type, 'cache-control': asset.cache }).end(asset.bytes);
  const language = languages.find((known) => known === url.searchParams.get('of')) ?? 'fr';
  const words = wordsOf(language);
  const page = String(
    await layout({
      title: words.say('common.section.overview'),
      words,
      address: `/?of=${language}`,
      bank: { nameFr: 'Banque d’exemple', nameAr: 'بنك المثال' },
      environment: 'development',
      notice: words.say('common.mandate.CERTIFIED'),
      content: gallery(words),
      visitor: {
        staff: {
          subject: 's',
          name: 'Samira Benali',
          roles: ['officer', 'supervisor'],
          agencies: ['00012', '00013'],
          signedInAt: new Date(),
        },
        csrf: 'token',
        section: 'overview',
        sections: [
          'overview',
          'requests',
          'mandates',
          'debits',
          'statements',
          'approvals',
          'work',
          'audit',
          'administration',
        ],
      },
    }),
  );
  return (response) =>
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      })
      .end(page);
}
