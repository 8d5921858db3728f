import type { DevelopmentSubject } from '../../src/commands/development-staff.ts';
import type { TestBackOffice } from '../back-office.ts';
import { screens } from './chromium.ts';
import { type Person, shots } from './staff.ts';

export type Address = { subject: DevelopmentSubject; name: string; path: string };

/** What no link of a bank under way leads to first: each state, lists without rows, faults, pages that are refused. */
export async function addressesToShow({ db }: TestBackOffice): Promise<Address[]> {
  const { rows } = await db.owner.query<{ name: string; path: string }>(
    `select 'debit-' || lower(state) as name, '/debits/' || debit_id as path
       from (select distinct on (state) state, debit_id from debits order by state, debit_id) debits
      union all select 'mandate-' || lower(state), '/mandates/' || mandate_id
       from (select distinct on (state) state, mandate_id from mandates order by state, mandate_id) mandates
      union all select 'stop-' || lower(scope), '/stops/' || stop_id from stops where ended_at is null`,
  );
  const as =
    (subject: DevelopmentSubject) =>
    ([name, path]: readonly [name: string, path: string]): Address => ({ subject, name, path });
  return [
    ...rows.map(({ name, path }) => as('supervisor-karim')([name, path])),
    ...(
      [
        ['none-debits', '/debits?reference=NOTHING'],
        ['fault-debits', '/debits?employer=12&from=2026-02-02&to=2026-01-01'],
        ['none-mandates', '/mandates?employer=0000000000'],
        ['none-in-doubt', '/debits/queue/in-doubt'],
        ['none-contests', '/debits/queue/contests'],
        ['none-reconciliations', '/reconciliations?creditor=CACOBATPH'],
        ['work-waiting', '/work/waiting'],
        ['refused', '/administration/creditors/CNAS/account'],
        ['not-found', '/nowhere'],
      ] as const
    ).map(as('supervisor-karim')),
    ...(
      [
        ['none-webhook', '/administration/webhooks/CACOBATPH'],
        ['dead-pushes', '/administration/webhooks/CNAS?state=DEAD'],
        ['none-read', '/administration/webhooks/CNAS?state=READ'],
        ['feast-new', '/administration/calendar/feasts/new'],
      ] as const
    ).map(as('administrator-lina')),
    ...(
      [
        ['none-journal', '/audit?person=nobody'],
        ['fault-journal', '/audit?from=x&subject=y'],
      ] as const
    ).map(as('auditor-yacine')),
  ];
}

/** One picture on either screen, for people to look at. */
export async function takePictures({ page, language, go }: Person, { name, path }: Address): Promise<void> {
  for (const [screen, size] of Object.entries(screens)) {
    await page.setViewportSize(size);
    await go(path);
    await page.screenshot({ path: `${shots}/of-${name}-${screen}-${language}.png`, fullPage: true });
  }
}
