import { html } from 'hono/html';
import type { TrailEntry } from '../../journal/trail.sql.ts';
import { type Content, link, ltr, nameText } from '../look/text.ts';
import type { BackOfficeParts } from '../parts.ts';
import type { Staff } from '../staff.ts';
import { isWordKey } from '../words/messages.ts';
import type { Words } from '../words/words.ts';

export type AuditParts = Pick<BackOfficeParts, 'db' | 'cursors'>;

export const auditPath = '/audit';
export const entryPath = (entryId: string): string => `${auditPath}/entries/${entryId}`;

/** Auditors read everything; everyone else their own acts, and no others'. */
export const readsAll = (staff: Pick<Staff, 'roles'>): boolean => staff.roles.some((role) => role === 'auditor');

/** What happened, in words. A row of a newer gateway, whose words this one lacks, shows its code. */
export function kindText(words: Words, kind: string): string {
  const key = `audit.kind.${kind.replace('.', '-')}`;
  return isWordKey(key) ? words.say(key) : kind;
}

/** A state of what the row is about, in words where its section has them or the audit trail itself. */
export function stateText(words: Words, kind: string, state: string): string {
  const [about = ''] = kind.split('.', 1);
  const keys = [
    `common.${about}.${state}`,
    `${about === 'proposal' ? 'approvals' : about}.state.${state}`,
    `audit.state.${about}-${state}`,
  ];
  const key = keys.find(isWordKey);
  return key === undefined ? state : words.say(key);
}

/** A reason's code, with its meaning where it is one of the debits'. */
export function reasonOf(words: Words, reason: string): Content {
  const key = `common.reason.${reason}`;
  return isWordKey(key) ? html`${ltr(reason)} – ${words.say(key)}` : ltr(reason);
}

export type Names = ReadonlyMap<string, string>;

/** Who did it, in one line of text. */
export function whoText(words: Words, entry: Pick<TrailEntry, 'side' | 'actor' | 'creditor'>, names: Names): string {
  switch (entry.side) {
    case 'bank':
      return entry.actor === undefined ? words.say('audit.bank') : (names.get(entry.actor) ?? entry.actor);
    case 'creditor':
      return words.say('audit.by-creditor', { creditor: entry.creditor ?? '' });
    case 'gateway':
      return words.say('audit.gateway');
  }
}

export function who(words: Words, entry: TrailEntry, names: Names): Content {
  const { side, actor } = entry;
  const name = actor === undefined ? undefined : names.get(actor);
  if (side === 'bank' && actor !== undefined)
    return name === undefined || name === actor ? ltr(actor) : html`${nameText(name)}<br>${ltr(actor)}`;
  return whoText(words, entry, names);
}

/** The page of what it was done to, where there is one. */
function subjectPath(kind: string, subjectId: string): string | undefined {
  const [feature] = kind.split('.', 1);
  switch (feature) {
    case 'mandate':
      return `/mandates/${subjectId}`;
    case 'debit':
    case 'contradiction':
      return `/debits/${subjectId}`;
    case 'proposal':
      return `/approvals/${subjectId}`;
    default:
      return undefined;
  }
}

/** A long id in short, as long as it leads on to the whole. */
export function subject(entry: Pick<TrailEntry, 'kind' | 'subjectId'>): Content {
  if (entry.subjectId === undefined) return '–';
  const path = subjectPath(entry.kind, entry.subjectId);
  return path === undefined ? ltr(entry.subjectId) : link(path, ltr(entry.subjectId));
}
