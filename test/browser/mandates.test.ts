import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestBackOffice, type TestBackOffice } from '../back-office.ts';
import { must } from '../bank.ts';
import { describeIf } from '../programs.ts';
import { bankUnderWay } from './bank-under-way.ts';
import { openChromium } from './chromium.ts';
import { type Person as Member, signInAs } from './staff.ts';

type Person = Member & { scripts: boolean };

describeIf('chromium', 'chromium')('a mandate, from the search to its revocation', () => {
  let browser: Browser;
  let office: TestBackOffice;
  let name: { fr: string; ar: string };
  let path: string;
  /** Each is revoked once. */
  let paths: { fr: string; ar: string };

  beforeAll(async () => {
    office = await openTestBackOffice();
    const { active, certified } = await bankUnderWay(office);
    const { rows } = await office.db.owner.query<{ name_fr: string; name_ar: string }>(
      'select name_fr, name_ar from mandate_debtors where mandate_id = $1',
      [active],
    );
    const { name_fr: fr, name_ar: ar } = must(rows[0]);
    name = { fr, ar };
    path = `/mandates/${active}`;
    paths = { fr: path, ar: `/mandates/${certified}` };
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.[Symbol.asyncDispose]();
  });

  /** Proposed by the officer, approved by the supervisor: the page of the proposal says so. */
  async function byTwo(
    officer: Person,
    supervisor: Person,
    act: 'suspension' | 'resumption' | 'revocation',
    of = path,
  ) {
    await officer.go(of);
    await press(officer, 'link', officer.say(`mandates.do.${act}`));
    await look(officer, `mandate-${act}`);
    await officer.page.locator('select[name="reason"]').selectOption('employer-request');
    await officer.page.locator('textarea[name="remark"]').fill('Lettre du 3 mars – رسالة 3 مارس');
    await press(officer, 'button', officer.say(`mandates.propose.${act}`));
    await officer.page.getByText(officer.say('mandates.proposed')).waitFor();
    await look(officer, `mandate-${act}-proposed`);
    await supervisor.go('/approvals');
    await look(supervisor, 'approvals');
    await press(supervisor, 'link', supervisor.say(`mandates.act.${act}`));
    await look(supervisor, `mandate-${act}-approval`);
    await press(supervisor, 'button', supervisor.say('approvals.approve'));
    const done = supervisor.say('approvals.done.APPROVE', { what: supervisor.say(`mandates.act.${act}`) });
    await supervisor.page.getByText(done).waitFor();
  }

  for (const [language, scripts] of [
    ['fr', false],
    ['ar', true],
  ] as const)
    test(`${language}, ${scripts ? 'with' : 'without'} scripts: found by name, suspended and resumed by two people, its certificate handed out`, async () => {
      await using officer = await signInAs(browser, office.origin, 'officer-nadia', { language, scripts });
      await using supervisor = await signInAs(browser, office.origin, 'supervisor-karim', { language, scripts });
      const [nadia, karim] = [
        { ...officer, scripts },
        { ...supervisor, scripts },
      ];
      karim.page.on('dialog', (dialog) => void dialog.accept());
      await nadia.go('/mandates');
      await nadia.page.locator('input[name="name"]').fill(must(name[language].split(' ').at(-1)));
      await press(nadia, 'button', nadia.say('common.search'));
      await look(nadia, 'mandates-found');
      await press(nadia, 'link', name[language]);
      expect(new URL(nadia.page.url()).pathname).toBe(path);
      await byTwo(nadia, karim, 'suspension');
      await nadia.go(path);
      await nadia.page.getByText(nadia.say('mandates.suspended-by.bank')).waitFor();
      await look(nadia, 'mandate-suspended');
      await byTwo(nadia, karim, 'resumption');
      await nadia.go(path);
      await press(nadia, 'button', nadia.say('mandates.reissue'));
      await nadia.page.getByText(nadia.say('mandates.reissued')).waitFor();
      await look(nadia, 'mandate-reissued');
    }, 180_000);

  for (const language of ['fr', 'ar'] as const)
    test(`${language}, without scripts: revoked by two people, its life says so from first to last, and nothing more can be done to it`, async () => {
      const wishes = { language, scripts: false };
      await using officer = await signInAs(browser, office.origin, 'officer-nadia', wishes);
      await using supervisor = await signInAs(browser, office.origin, 'supervisor-karim', wishes);
      const [nadia, karim] = [
        { ...officer, scripts: false },
        { ...supervisor, scripts: false },
      ];
      await byTwo(nadia, karim, 'revocation', paths[language]);
      await nadia.go(paths[language]);
      const life = await nadia.page.locator('.timeline li').allInnerTexts();
      const first = ['entered', 'certified'] as const;
      const before = ['accepted', 'suspended', 'resumed', 'certificate-reissued'] as const;
      for (const event of [...first, ...(language === 'fr' ? before : []), 'revoked' as const])
        expect(life.join('\n')).toContain(nadia.say(`mandates.event.${event}`));
      const again = nadia.page.getByRole('link', { name: nadia.say('mandates.do.revocation'), exact: true });
      expect(await again.count()).toBe(0);
    }, 180_000);
});

/** Where scripts are off, axe has none either: the same page is looked at where they are on. */
const look = async (person: Person, name: string): Promise<void> => {
  if (person.scripts) await person.look(name);
};

/** With the keyboard: to it, and the enter key. */
async function press(person: Person, role: 'link' | 'button', name: string): Promise<void> {
  const control = person.page.getByRole(role, { name, exact: true }).first();
  await control.focus();
  await Promise.all([person.page.waitForEvent('framenavigated'), person.page.keyboard.press('Enter')]);
  await person.page.waitForLoadState();
}
