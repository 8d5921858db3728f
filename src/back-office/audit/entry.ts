import { html } from 'hono/html';
import { placeText } from '../../journal/canonical.ts';
import { selectEntry, type WholeEntry } from '../../journal/trail.sql.ts';
import { verifyEntry } from '../../journal/verify.ts';
import { PageFault } from '../fault.ts';
import { callout, descriptions, section } from '../look/blocks.ts';
import { buttonLink, type Content, instantText, link, ltr } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import { isWordKey } from '../words/messages.ts';
import type { WordKey, Words } from '../words/words.ts';
import {
  type AuditParts,
  auditPath,
  kindText,
  type Names,
  readsAll,
  reasonOf,
  stateText,
  subject,
  who,
} from './shared.ts';

/** One row with all that it holds, verified on the spot. Another's act is as unknown to whoever sees only their own. */
export async function entryPage({ db }: AuditParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, params } = visit;
  const entryId = /^[1-9]\d{0,17}$/.exec(params.entryId ?? '')?.[0];
  const entry = entryId === undefined ? undefined : await selectEntry(db, entryId);
  const own = entry?.side === 'bank' && entry.actor === staff.subject;
  if (entry === undefined || !(own || readsAll(staff))) throw new PageFault('not-found');
  const names = await selectStaffNames(db, entry.actor === undefined ? [] : [entry.actor]);
  const seal = await verifyEntry(db, entry.entryId);
  const { subjectId } = entry;
  const all =
    subjectId === undefined || !readsAll(staff)
      ? ''
      : buttonLink(`${auditPath}?subject=${subjectId}`, words.say('audit.all-of-subject'));
  const content = html`${section(kindText(words, entry.kind), descriptions(facts(words, entry, names)), all)}
${details(words, entry)}
${sealSection(words, entry, seal)}
<p>${link(auditPath, words.say('audit.back'))}</p>`;
  return { answer: 'PAGE', title: words.say('audit.entry-title', { number: entry.entryId }), content };
}

function facts(words: Words, entry: WholeEntry, names: Names): (readonly [string, Content])[] {
  const known: readonly (readonly [WordKey, Content])[] = [
    ['audit.when', instantText(words, entry.at)],
    ['audit.who', who(words, entry, names)],
    ...(entry.side === 'creditor' ? [['audit.key', textOr(entry.actor)] as const] : []),
    ['audit.from-where', textOr(entry.from)],
    ['audit.subject', subject(entry)],
    ['audit.creditor', textOr(entry.creditor)],
    ['audit.state-before', stateOr(words, entry, entry.fromState)],
    ['audit.state-after', stateOr(words, entry, entry.toState)],
    ['audit.why', entry.reason === undefined ? '–' : reasonOf(words, entry.reason)],
    ['audit.code', ltr(entry.kind)],
    ['audit.token', textOr(entry.tokenJti)],
    ['audit.request', textOr(entry.requestJti)],
  ];
  return known.map(([key, value]) => [words.say(key), value] as const);
}

const textOr = (text: string | undefined): Content => (text === undefined ? '–' : ltr(text));

const stateOr = (words: Words, { kind }: WholeEntry, state: string | undefined): Content =>
  state === undefined ? '–' : stateText(words, kind, state);

/** What the row holds beside its columns: codes, ids and digests. One that has no words here shows its own name. */
function details(words: Words, { detail }: WholeEntry): Content {
  // Where it came from is told above.
  const entries = Object.entries(detail).filter(([name]) => name !== 'from');
  if (entries.length === 0) return '';
  return section(
    words.say('audit.details'),
    descriptions(entries.map(([name, value]) => [detailName(words, name), ltr(detailText(value))] as const)),
  );
}

function detailName(words: Words, name: string): string {
  const key = `audit.detail.${name}`;
  return isWordKey(key) ? words.say(key) : name;
}

function detailText(value: unknown): string {
  if (Array.isArray(value)) return value.map(detailText).join(', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, member]) => `${name}: ${detailText(member)}`)
      .join(', ');
  return String(value);
}

function sealSection(words: Words, entry: WholeEntry, seal: Awaited<ReturnType<typeof verifyEntry>>): Content {
  if (seal === undefined)
    return section(
      words.say('audit.seal'),
      callout('info', words.say('audit.waiting'), words.say('audit.waiting-advice')),
    );
  return section(
    words.say('audit.seal'),
    html`${
      seal.sound
        ? callout('good', words.say('audit.sound'), words.say('audit.sound-advice'))
        : callout('danger', words.say('audit.altered'), words.say('audit.altered-advice'))
    }${descriptions([
      [words.say('audit.number'), ltr(placeText(seal.place))],
      [words.say('audit.entry'), ltr(entry.entryId)],
      [words.say('audit.transaction'), ltr(entry.transactionId)],
      [words.say('audit.leaf'), ltr(seal.leaf.toString('hex'))],
      [words.say('audit.hash'), ltr(seal.hash.toString('hex'))],
    ])}`,
  );
}
