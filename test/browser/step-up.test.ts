import { html } from 'hono/html';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { form, submitButton } from '../../src/back-office/look/form.ts';
import type { BackOfficePage } from '../../src/back-office/page.ts';
import { describeIf } from '../programs.ts';
import { openTestStaffDoor } from '../staff-door.ts';
import { openChromium } from './chromium.ts';
import { chooseSubject, signInAs } from './staff.ts';

describeIf('chromium', 'chromium')('a form that needs a fresh sign-in, in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser?.close());

  test.for([true, false])('leads to the identity provider and back to its page (scripts: %s)', async (scripts) => {
    let acted = 0;
    await using door = await openTestStaffDoor({
      pages: certifyPages(() => {
        acted += 1;
      }),
    });
    await using karim = await signInAs(browser, door.origin, 'supervisor-karim', { scripts });
    await karim.go('/certify');
    door.moveTime(400);
    await karim.page.getByRole('button', { name: 'Certify' }).press('Enter');
    await karim.page.locator('input[name="subject"]').first().waitFor();
    // What the provider tells is in the world's time.
    door.moveTime(0);
    await chooseSubject(karim.page, 'supervisor-karim');
    await karim.page.getByText(karim.say('sign-in.form-needs-fresh')).waitFor();
    expect(new URL(karim.page.url()).pathname).toBe('/certify');
    expect(acted).toBe(0);
    if (scripts) await karim.look('after-step-up');
    await karim.page.getByRole('button', { name: 'Certify' }).press('Enter');
    await karim.page.getByText('It is certified').waitFor();
    expect(acted).toBe(1);
  });
});

const certifyPages = (onAct: () => void): BackOfficePage[] => {
  const all = { section: 'overview', roles: ['supervisor'] } as const;
  return [
    {
      ...all,
      method: 'GET',
      path: '/',
      run: async () => ({ answer: 'PAGE', title: 'Overview', content: html`<p>Nothing waits.</p>` }),
    },
    {
      ...all,
      method: 'GET',
      path: '/certify',
      run: async (visit) => ({
        answer: 'PAGE',
        title: 'A mandate',
        content: form({ visit, action: '/certify', content: submitButton({ label: 'Certify' }) }),
      }),
    },
    {
      ...all,
      method: 'POST',
      path: '/certify',
      fresh: true,
      async run() {
        onAct();
        return { answer: 'GO', to: '/', notice: 'It is certified' };
      },
    },
  ];
};
