import { html } from 'hono/html';
import type { ProposalId } from '../../approvals/proposal.ts';
import { lookUpCreditor } from '../../clients/look-up.ts';
import { type CreditorCode, parseCreditorCode } from '../../values/ids.ts';
import { badge, type Tone } from '../look/badge.ts';
import { descriptions, section, tabs } from '../look/blocks.ts';
import { textareaField } from '../look/fields.ts';
import type { Faults } from '../look/form.ts';
import { csvLink, toolbar } from '../look/table.ts';
import { type Content, instantText } from '../look/text.ts';
import type { BackOfficePage, Html, PageAnswer, Visit } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import { hasRole, type Role } from '../staff.ts';
import type { Words } from '../words/words.ts';

export type AdministrationParts = Pick<
  BackOfficeParts,
  | 'db'
  | 'clock'
  | 'coreBanking'
  | 'cursors'
  | 'keys'
  | 'bankCodes'
  | 'issuer'
  | 'registry'
  | 'ownCertificates'
  | 'config'
>;

/** Who looks at what is administered, and who changes it. */
export const lookers = ['supervisor', 'auditor', 'administrator'] as const;
export const administrators = ['administrator'] as const;

export const isAdministrator = ({ staff }: Visit): boolean => hasRole(staff, administrators);

type Tab = 'home' | 'creditors' | 'webhooks' | 'calendar' | 'keys' | 'stops';
const tabPaths: Readonly<Record<Tab, string>> = {
  home: '/administration',
  creditors: '/administration/creditors',
  webhooks: '/administration/webhooks',
  calendar: '/administration/calendar',
  keys: '/administration/keys',
  stops: '/stops',
};

/** The section's pages beside each other. Who only stops sees no others. */
function sectionTabs({ words, staff }: Visit, current: Tab): Html {
  const names: readonly Tab[] = hasRole(staff, lookers)
    ? ['home', 'creditors', 'webhooks', 'calendar', 'keys', 'stops']
    : ['stops'];
  return tabs(
    words.say('administration.tabs'),
    names.map((name) => ({
      href: tabPaths[name],
      label: words.say(`administration.tab.${name}`),
      current: name === current,
    })),
  );
}

export const page = (visit: Visit, tab: Tab, title: string, content: Content, status: 200 | 404 | 409 | 422 = 200) =>
  ({ answer: 'PAGE', status, title, content: html`${sectionTabs(visit, tab)}${content}` }) satisfies PageAnswer;

/** Unknown, or another agency's: the same words. */
export const notFound = (visit: Visit, tab: Tab): PageAnswer =>
  page(
    visit,
    tab,
    visit.words.say('administration.not-found-title'),
    html`<p>${visit.words.say('administration.not-found')}</p>`,
    404,
  );

/** A page of the section, its roles by name. */
export const get = (path: string, roles: readonly Role[], run: BackOfficePage['run']): BackOfficePage => ({
  ...{ method: 'GET', path, section: 'administration', roles, run },
});
export const post = (path: string, roles: readonly Role[], run: BackOfficePage['run']): BackOfficePage => ({
  ...{ method: 'POST', path, section: 'administration', roles, run },
});
/** What concerns keys or clients, and the pages on which it begins, ask for a sign-in of the last minutes. */
export const fresh = (...pages: readonly BackOfficePage[]): BackOfficePage[] =>
  pages.map((one) => ({ ...one, fresh: true }));

/** A creditor that there is, by the page's path. */
export async function knownCreditor({ db }: AdministrationParts, { params }: Visit): Promise<CreditorCode | undefined> {
  const creditorCode = parseCreditorCode(params.creditorCode ?? '');
  return creditorCode && (await lookUpCreditor(db, creditorCode))?.creditorCode;
}

/** A form with faults is shown again, and is no success. */
export const statusOf = (faults: Faults): 200 | 422 => (Object.keys(faults).length > 0 ? 422 : 200);

export const textOf = (fields: URLSearchParams, name: string): string => (fields.get(name) ?? '').trim();

/** Why something is proposed: read by who approves it. */
export const reasonField = (visit: Visit, faults: Faults, name = 'reason'): Html =>
  textareaField({
    ...{ name, required: true, maxLength: 500, rows: 2, value: textOf(visit.form, name), fault: faults[name] },
    label: visit.words.say('administration.reason'),
    hint: visit.words.say('administration.reason-hint'),
  });

export function reasonFaults({ words, form }: Visit, name = 'reason'): Faults {
  const reason = textOf(form, name);
  if (reason === '') return { [name]: words.say('administration.reason-missing') };
  return reason.length > 500 ? { [name]: words.say('administration.too-long', { most: 500 }) } : {};
}

/** Who asks for a change, for the feature that proposes it. */
export const askingOf = ({ staff, from, now, form }: Visit) => ({
  ...{ reason: textOf(form, 'reason'), by: staff.subject, from, now },
});

/** To where something is taken out of use; said with its name to who hears the links alone. */
export const withdrawLink = (visit: Visit, to: string, what: string): Content =>
  isAdministrator(visit)
    ? html`<a href="${to}" aria-label="${visit.words.say('administration.withdraw-of', { what })}">${visit.words.say('administration.withdraw')}</a>`
    : '';

/** Above a table: the same table as a file. */
export const exportLink = ({ words }: Visit, path: string): Html =>
  toolbar(csvLink(words, { path, query: new URLSearchParams() }));

type Facts = Parameters<typeof descriptions>[0];

/** What something is, as a part of its page, and inside a form. */
export const factSection = (words: Words, facts: Facts, aside: Content = ''): Html =>
  section(words.say('administration.details'), descriptions(facts), aside);
export const factsOfForm = (facts: Facts): Html => html`<div class="mb-3">${descriptions(facts)}</div>`;

/** After a proposal: where a second person finds it. */
export const proposed = (
  { words }: Visit,
  { outcome, proposalId }: { outcome: 'PROPOSED' | 'ALREADY_WAITING'; proposalId: ProposalId },
): PageAnswer => ({
  answer: 'GO',
  to: `/approvals/${proposalId}`,
  notice: words.say(outcome === 'PROPOSED' ? 'administration.proposed' : 'administration.waiting-already'),
});

const day = 86_400_000;

/** Until when something may be used: in time, soon over, over. */
export function untilText(words: Words, until: Date | undefined, now: Date): Html {
  if (until === undefined) return badge('bad', words.say('administration.none-valid'));
  const days = Math.floor((until.getTime() - now.getTime()) / day);
  return html`${instantText(words, until)} ${until <= now ? badge('bad', words.say('administration.ended')) : days < 30 ? badge('attention', words.say('administration.days-left', { days })) : ''}`;
}

export type Standing = 'VALID' | 'NOT_YET' | 'ENDED' | 'WITHDRAWN' | 'REVOKED';

export function standingOf(
  dates: { from: Date; until: Date; withdrawnAt?: Date | undefined; revokedAt?: Date | undefined },
  now: Date,
): Standing {
  if (dates.withdrawnAt !== undefined) return 'WITHDRAWN';
  if (dates.revokedAt !== undefined) return 'REVOKED';
  if (now < dates.from) return 'NOT_YET';
  return now < dates.until ? 'VALID' : 'ENDED';
}

const standingTones: Record<Standing, Tone> = {
  VALID: 'good',
  NOT_YET: 'going',
  ENDED: 'over',
  WITHDRAWN: 'over',
  REVOKED: 'bad',
};

export const standingBadge = (words: Words, standing: Standing): Html =>
  badge(standingTones[standing], words.say(`administration.standing.${standing}`));
