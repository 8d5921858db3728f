import { html } from 'hono/html';
import { type JournalKind, journalKinds, parseJournalKind } from '../../journal/kinds.ts';
import type { TrailFilter } from '../../journal/trail.sql.ts';
import { parseDay } from '../../values/dates.ts';
import { dateField, selectField, textField } from '../look/fields.ts';
import type { Faults } from '../look/form.ts';
import { addressWith } from '../look/table.ts';
import { type Content, link, nameText } from '../look/text.ts';
import type { Visit } from '../page.ts';
import { findStaffMembers, type StaffMember } from '../staff-names.sql.ts';
import { type AuditParts, auditPath, kindText, readsAll } from './shared.ts';

export type ReadFilter = {
  filter: TrailFilter;
  faults: Faults;
  /** Where a part of a name means several: whom the reader may have meant. */
  candidates: readonly StaffMember[];
};

/** More than these are not shown to choose from: the reader types more of the name. */
const mostCandidates = 10;

/** Reads the filters from the address. Whoever may not read everything sees their own acts, whatever is asked. */
export async function readFilter({ db }: Pick<AuditParts, 'db'>, visit: Visit): Promise<ReadFilter> {
  const { query, staff, words } = visit;
  const text = (name: string) => query.get(name)?.trim() ?? '';
  const faults: Record<string, string> = {};
  const read = <Value>(name: string, parse: (typed: string) => Value | undefined, fault: string) => {
    const typed = text(name);
    const value = typed === '' ? undefined : parse(typed);
    if (typed !== '' && value === undefined) faults[name] = fault;
    return value;
  };
  const from = read('from', parseDay, words.say('audit.fault.day'));
  const to = read('to', parseDay, words.say('audit.fault.day'));
  if (from !== undefined && to !== undefined && to < from) faults.to = words.say('audit.fault.days');
  const filter = {
    from,
    to,
    kind: read('kind', parseJournalKind, words.say('audit.fault.kind')),
    subjectId: read('subject', parseId, words.say('audit.fault.subject')),
  };
  const typed = text('person').slice(0, 255);
  if (!readsAll(staff)) return { filter: { ...filter, person: staff.subject }, faults, candidates: [] };
  if (typed === '') return { filter, faults, candidates: [] };
  const found = await findStaffMembers(db, typed, mostCandidates);
  const [first] = found;
  // A subject that has never signed in here may stand in the journal all the same: the command line's, or an old one.
  if (first === undefined || first.subject === typed)
    return { filter: { ...filter, person: typed }, faults, candidates: [] };
  if (found.length === 1) return { filter: { ...filter, person: first.subject }, faults, candidates: [] };
  faults.person = words.say('audit.fault.person');
  return { filter, faults, candidates: found };
}

const parseId = (typed: string): string | undefined => {
  const hex = typed.toLowerCase().replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(hex) ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : undefined;
};

export function filterFields(visit: Visit, { faults, candidates }: ReadFilter): Content[] {
  const { words, query, staff } = visit;
  const value = (name: string) => query.get(name) ?? '';
  const person = textField({
    name: 'person',
    label: words.say('audit.person'),
    hint: candidates.length === 0 ? words.say('audit.person-hint') : choices(visit, candidates),
    value: value('person'),
    fault: faults.person,
    size: 'medium',
    maxLength: 255,
  });
  return [
    ...(readsAll(staff) ? [person] : []),
    selectField({
      name: 'kind',
      label: words.say('audit.what'),
      value: value('kind'),
      fault: faults.kind,
      none: words.say('audit.any-kind'),
      choices: kindChoices(visit),
    }),
    textField({
      name: 'subject',
      label: words.say('audit.subject'),
      hint: words.say('audit.subject-hint'),
      value: value('subject'),
      fault: faults.subject,
      ltr: true,
      size: 'medium',
      maxLength: 40,
    }),
    dateField({ name: 'from', label: words.say('audit.from-day'), value: value('from'), fault: faults.from }),
    dateField({ name: 'to', label: words.say('audit.to-day'), value: value('to'), fault: faults.to }),
  ];
}

/** Each as a link with the filters as they are. */
const choices = ({ query }: Visit, candidates: readonly StaffMember[]): Content =>
  html`${candidates.map(
    ({ subject, name }, index) =>
      html`${index === 0 ? '' : ' · '}${link(addressWith(auditPath, query, { person: subject }), nameText(`${name} (${subject})`))}`,
  )}`;

const collators = new Map<string, Intl.Collator>();

/** In the order of the reader's alphabet. */
function kindChoices({ words }: Visit): { value: JournalKind; label: string }[] {
  const collator = collators.get(words.language) ?? new Intl.Collator(words.language);
  collators.set(words.language, collator);
  return journalKinds
    .map((kind) => ({ value: kind, label: kindText(words, kind) }))
    .sort((one, other) => collator.compare(one.label, other.label));
}
