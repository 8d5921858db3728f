import { expect, test } from 'vitest';
import type { Behaviour } from './behaviour.ts';
import { openRules } from './rules.ts';

const refuse: Behaviour = { do: 'refuse', reason: 'AC06' };
const pause: Behaviour = { do: 'delay', ms: 1 };
const reference = (letter: string) => letter.repeat(32);
const debit = (letter: string, ribs: readonly string[] = []) => ({
  message: 'pacs.003' as const,
  reference: reference(letter),
  ribs,
});

test('a rule applies by reference, by either account, by message, and by nothing at all', () => {
  const rules = openRules('seed');
  rules.put('one', { when: { reference: reference('A') }, behaviour: refuse });
  rules.put('two', { when: { rib: '2' }, behaviour: pause });
  expect(rules.pick(debit('A'))?.name).toBe('one');
  expect(rules.pick(debit('B', ['1', '2']))?.name).toBe('two');
  expect(rules.pick(debit('B', ['1']))).toBeUndefined();
  rules.put('three', { when: { message: 'pacs.028' }, behaviour: pause });
  expect(rules.pick({ ...debit('B'), message: 'pacs.028' })?.name).toBe('three');
  rules.put('four', { when: {}, behaviour: pause });
  expect(rules.pick(debit('B'))?.name).toBe('four');
  rules.clear();
  expect(rules.pick(debit('A'))).toBeUndefined();
});

test('a rule for the next two is played twice, and a message that it does not concern uses nothing up', () => {
  const rules = openRules('seed');
  rules.put('refuse', { when: {}, times: 2, behaviour: refuse });
  expect(rules.pick({ ...debit('A'), message: 'camt.056' })).toBeUndefined();
  expect([debit('A'), debit('A'), debit('B')].map((subject) => rules.pick(subject)?.name)).toEqual([
    'refuse',
    'refuse',
    undefined,
  ]);
  expect(rules.list()).toMatchObject([{ name: 'refuse', left: 0 }]);
});

test('chance comes from the seed and what it is about: the order in which they come changes nothing', () => {
  const drawn = (seed: string, letters: readonly string[]) => {
    const rules = openRules(seed);
    rules.put('half', { when: {}, probability: 0.5, behaviour: refuse });
    return letters.filter((letter) => rules.pick(debit(letter)) !== undefined).toSorted();
  };
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const first = drawn('seed', letters);
  expect(drawn('seed', letters.toReversed())).toEqual(first);
  expect(drawn('another', letters)).not.toEqual(first);
  expect(first.length).toBeGreaterThan(4);
  expect(first.length).toBeLessThan(22);
});
