import { tabs } from '../look/blocks.ts';
import type { Html } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import type { Role } from '../staff.ts';
import type { Words } from '../words/words.ts';

export type StatementPageParts = Pick<BackOfficeParts, 'db' | 'cursors'>;

/** Who watches over the bank, and who has a day compared again. */
export const lookers: readonly Role[] = ['supervisor', 'auditor', 'administrator'];
export const askers: readonly Role[] = ['supervisor', 'administrator'];

export const statementsPath = '/statements';
export const reconciliationsPath = '/reconciliations';
export const booksPath = '/books';

/** The section's three lists. */
export const sectionTabs = (words: Words, current: string): Html =>
  tabs(words.say('statements.title'), [
    { href: statementsPath, label: words.say('statements.title'), current: current === statementsPath },
    {
      href: reconciliationsPath,
      label: words.say('statements.reconciliations'),
      current: current === reconciliationsPath,
    },
    { href: booksPath, label: words.say('statements.books'), current: current === booksPath },
  ]);
