import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { expect, test } from 'vitest';
import { messagesOf } from './load.ts';
import { french } from './messages.ts';
import { type Language, languages } from './words.ts';

const others = languages.filter((language) => language !== 'fr');
const messages: Record<Language, Record<string, string>> = {
  ar: messagesOf('ar'),
  fr: messagesOf('fr'),
  en: messagesOf('en'),
};

test('the list of French messages names every file', () => {
  expect(Object.keys(french).sort()).toEqual(Object.keys(messages.fr).sort());
});

test('a file holds the keys of its own section only', () => {
  const strangers = languages.flatMap((language) =>
    filesOf(language).flatMap((file) =>
      Object.keys(JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')))
        .filter((key) => !key.startsWith(`${file.split('.', 1)[0]}.`))
        .map((key) => `${file}: ${key}`),
    ),
  );
  expect(strangers).toEqual([]);
});

for (const language of others) {
  test(`${language} has the keys that French has`, () => {
    expect(Object.keys(messages[language]).sort()).toEqual(Object.keys(messages.fr).sort());
  });

  test(`${language} names the values that French names, of the same kind`, () => {
    const differing = Object.entries(messages[language]).filter(
      ([key, message]) => valuesOf(message).join() !== valuesOf(messages.fr[key] ?? '').join(),
    );
    expect(differing.map(([key]) => key)).toEqual([]);
  });
}

for (const language of languages) {
  test(`${language}: each message says something, in ICU form`, () => {
    for (const [key, message] of Object.entries(messages[language])) {
      expect(message.trim(), key).not.toBe('');
      expect(() => parse(message, { ignoreTag: true }), key).not.toThrow();
    }
  });

  test(`${language}: each plural has every form of the language`, () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    // French has a form for millions ("un million de …"), which its other form says as well.
    const needed = pluralCategories.filter((category) => language === 'ar' || category !== 'many');
    const lacking = Object.entries(messages[language]).flatMap(([key, message]) =>
      pluralsIn(elementsOf(message)).flatMap((forms) =>
        needed.filter((category) => !forms.includes(category)).map((category) => `${key}: ${category}`),
      ),
    );
    expect(lacking).toEqual([]);
  });
}

test('each message is said somewhere', () => {
  const said = saidIn(join(import.meta.dirname, '..'));
  const unsaid = Object.keys(french).filter((key) => !said.some((pattern) => pattern.test(key)));
  expect(unsaid).toEqual([]);
});

function filesOf(language: Language): string[] {
  return readdirSync(import.meta.dirname).filter((name) => name.endsWith(`.${language}.json`));
}

const elementsOf = (message: string): MessageFormatElement[] => parse(message, { ignoreTag: true });

/** Every element, those inside plurals and choices too. */
function allOf(elements: readonly MessageFormatElement[]): MessageFormatElement[] {
  return elements.flatMap((element) =>
    element.type === TYPE.plural || element.type === TYPE.select
      ? [element, ...Object.values(element.options).flatMap(({ value }) => allOf(value))]
      : [element],
  );
}

/** The names of a message's values, each with what it is read as: a plural needs a number. */
function valuesOf(message: string): string[] {
  const names = new Set(allOf(elementsOf(message)).flatMap(kindOf));
  // A plural's number may be written out as well as counted.
  return [...names].filter((kind) => !names.has(kind.replace(/ text$/, ' number')) || kind.endsWith(' number')).sort();
}

function kindOf(element: MessageFormatElement): string[] {
  switch (element.type) {
    case TYPE.literal:
    case TYPE.pound:
      return [];
    case TYPE.select:
      return [`${element.value} of ${Object.keys(element.options).sort().join('|')}`];
    case TYPE.plural:
    case TYPE.number:
      return [`${element.value} number`];
    case TYPE.argument:
    case TYPE.date:
    case TYPE.time:
    case TYPE.tag:
      return [`${element.value} text`];
  }
}

const pluralsIn = (elements: readonly MessageFormatElement[]): string[][] =>
  allOf(elements).flatMap((element) => (element.type === TYPE.plural ? [Object.keys(element.options)] : []));

/** The keys in the code's strings; a key made of parts (`common.debit.${state}`) says every key of its shape. */
function saidIn(folder: string): RegExp[] {
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  return sources.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/(['`])([a-z-]+\.(?:(?!\1)[^\n])*)\1/g)].map(
      ([, , text = '']) => shapeOf(text),
    ),
  );
}

/** Where more than the section is written out, a part may hold points itself: the name of a kind. */
function shapeOf(text: string): RegExp {
  const [first = '', ...others] = text.split(/\$\{[^}]*\}/);
  const literal = [first, ...others].map((part) => part.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&'));
  return new RegExp(`^${literal.join(/\../.test(first) ? '.+' : '[^.]+')}$`);
}

test('a day or number with hyphens stands by itself in Arabic, where its parts would change places', () => {
  const parted = Object.entries(messages.ar).filter(([, message]) => /(?<!\u2066[\d-]*)\d-\d/u.test(message));
  expect(parted).toEqual([]);
});
