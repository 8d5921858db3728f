import { html } from 'hono/html';
import type { BackOfficePage, PageAnswer, Visit } from '../src/back-office/page.ts';
import { roles } from '../src/back-office/staff.ts';

/** A page for everyone that shows what it was given. */
export function page(
  path: string,
  more: Partial<BackOfficePage> = {},
  answer: (visit: Visit) => PageAnswer = shown,
): BackOfficePage {
  return { method: 'GET', path, section: 'mandates', roles, run: async (visit) => answer(visit), ...more };
}
export const shown = (visit: Visit): PageAnswer => ({
  answer: 'PAGE',
  title: 'Page',
  content: html`<pre id="visit">${JSON.stringify({
    params: visit.params,
    form: [...visit.form],
    uploads: [...visit.uploads].map(([field, { name, bytes }]) => [field, name, bytes.length]),
    language: visit.words.language,
  })}</pre>`,
});
export const seenBy = (body: string): unknown =>
  JSON.parse((/<pre id="visit">([^<]*)/.exec(body)?.[1] ?? '{}').replaceAll('&quot;', '"'));

export const overview = page('/', { section: 'overview' });

export async function sessionIdsOf(db: {
  owner: { query: (text: string) => Promise<{ rows: { sid: string }[] }> };
}): Promise<string[]> {
  const { rows } = await db.owner.query('select sid from staff_sessions where subject is not null');
  return rows.map(({ sid }) => sid);
}
