import { html } from 'hono/html';
import type { BackOfficePage } from '../src/back-office/page.ts';
import { roles } from '../src/back-office/staff.ts';
import type { Visitor } from './back-office.ts';
import type { TestStaffDoor } from './staff-door.ts';

/** Says who is there, and where. */
export const pageAt = (path: string): BackOfficePage => ({
  method: 'GET',
  path,
  section: 'overview',
  roles,
  run: async ({ staff, params, query }) => ({
    answer: 'PAGE',
    title: 'Who',
    content: html`<p id="who">${JSON.stringify({ ...staff, signedInAt: undefined, params, query: [...query] })}</p>`,
  }),
});
export const pages = [pageAt('/'), pageAt('/mandates/:mandateId')];
export const whoIn = (body: string): unknown =>
  JSON.parse((/<p id="who">([^<]*)/.exec(body)?.[1] ?? '').replaceAll('&quot;', '"'));

export const sessionOf = ({ browser }: Visitor): string =>
  [...browser.cookies.values()].find(({ name }) => name === '__Host-session')?.value ?? '';

export async function sessionsOf({ db }: TestStaffDoor): Promise<string[]> {
  const { rows } = await db.owner.query<{ subject: string }>(
    'select subject from staff_sessions where subject is not null order by 1',
  );
  return rows.map(({ subject }) => subject);
}

export async function journal({ db }: TestStaffDoor) {
  const { rows } = await db.owner.query<{ kind: string; actor: string; detail: object }>(
    "select kind, actor, detail from journal where kind like 'staff.%' order by entry_id",
  );
  return rows;
}

/** The button of the provider's own page. */
export function confirmSignOut({ browser }: Visitor, page: Awaited<ReturnType<typeof browser.ask>>) {
  const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(page.body)?.[1] ?? '';
  return browser.follow(new URL(value('action'), page.url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      xsrf: /name="xsrf" value="([^"]*)"/.exec(page.body)?.[1] ?? '',
      logout: 'yes',
    }).toString(),
  });
}
