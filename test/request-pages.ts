import { addDays, algiersDay } from '../src/values/dates.ts';
import type { TestBackOffice, Visitor } from './back-office.ts';
import type { Seen } from './browser.ts';
import { hidhab } from './mandates.ts';

export const today = algiersDay(new Date());

/** What an officer types into the form, to be saved as a draft. */
export const typedForm = { ...hidhab, validFrom: today, validTo: addDays(today, 365), act: 'save' };

export const signedForm = {
  name: 'form.pdf',
  type: 'application/pdf',
  bytes: new TextEncoder().encode('%PDF-1.7\n%%EOF'),
};

/** The content hash that a form carries: what its reader has seen. */
export const seenIn = (seen: Seen): string => /name="seen" value="([0-9a-f]{64})"/.exec(seen.body)?.[1] ?? '';

/** Enters a request through the form; answers its mandate's id. */
export async function enterByForm(officer: Visitor, more: Record<string, string> = {}): Promise<string> {
  const { status, url } = await officer.send('/requests/new', { ...typedForm, ...more });
  const [mandateId] = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/.exec(url.pathname) ?? [];
  if (status !== 200 || mandateId === undefined) throw new Error(`nothing was entered: ${status}`);
  return mandateId;
}

export const rowsOf = async (bank: TestBackOffice, text: string): Promise<object[]> =>
  (await bank.db.owner.query<object>(text)).rows;
