import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { journalKinds } from '../../journal/kinds.ts';
import { messagesOf, wordsOf } from '../words/load.ts';
import { languages } from '../words/words.ts';
import { stateText } from './shared.ts';

const source = join(import.meta.dirname, '../..');

/** Kinds that the code puts together: what stands before, and what may follow, read from where it is declared. */
const made: Readonly<Record<string, readonly string[]>> = {
  // changeMandate of mandates.sql.ts.
  'mandate.': textsOf('mandates/mandates.sql.ts', /export type MandateEvent =([^;]*);/),
  // storeDecision of proposals.sql.ts: the state in small letters.
  'proposal.': ['approved', 'refused', 'withdrawn'],
};

function textsOf(file: string, part: RegExp): string[] {
  const [, declared = ''] = part.exec(readFileSync(join(source, file), 'utf8')) ?? [];
  return [...declared.matchAll(/'([a-z-]+)'/g)].map(([, text = '']) => text);
}

/** Every kind in the files that insert into the journal, and in the type of what pages say that they read. */
function kindsInCode(): string[] {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => [file, readFileSync(join(source, file), 'utf8')] as const)
    .filter(([file, text]) => text.includes('into journal (') || file.endsWith('back-office/page.ts'));
  expect(files.length).toBeGreaterThan(15);
  return files.flatMap(([file, text]) => {
    const whole = [...text.matchAll(/['`]([a-z-]+\.[a-z-]+)['`]/g)].map(([, kind = '']) => kind);
    const begun = [...text.matchAll(/[`']([a-z-]{3,}\.)(?:\$\{|' \|\|)/g)].map(([, prefix = '']) => prefix);
    return [
      ...whole,
      ...begun.flatMap((prefix) => {
        const ends = made[prefix];
        if (ends === undefined) throw new Error(`${file} makes kinds that begin with ${prefix}: say here which`);
        return ends.map((end) => prefix + end);
      }),
    ];
  });
}

test('the list of kinds is what the code inserts, no more and no less', () => {
  expect([...new Set(kindsInCode())].sort()).toEqual([...journalKinds].sort());
});

test('every kind has its words in each language', () => {
  for (const language of languages) {
    const messages = messagesOf(language);
    const lacking = journalKinds.filter((kind) => messages[`audit.kind.${kind.replace('.', '-')}`] === undefined);
    expect(lacking, language).toEqual([]);
  }
});

test('a state of a proposal, a list or a statement is said in words, in every language', () => {
  const states = {
    'proposal.made': ['WAITING', 'APPROVED', 'REFUSED', 'WITHDRAWN', 'EXPIRED'],
    'reconciliation.matched': ['RECEIVED', 'MATCHED'],
    'statement.closed': ['DUE', 'CUT', 'CLOSED'],
  };
  for (const language of languages)
    for (const [kind, of] of Object.entries(states))
      for (const state of of) expect(stateText(wordsOf(language), kind, state), `${language} ${state}`).not.toBe(state);
});
