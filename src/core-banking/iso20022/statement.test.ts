import { expect, test } from 'vitest';
import { booked, entryOf, statementPage } from '../../../test/bus-answers.ts';
import type { Answering } from '../../../test/misbehaving-bus.ts';
import { instruction, speakTo } from '../../../test/spoken-bus.ts';
import { algiersDay } from '../../values/dates.ts';

const pageOf = (path: string): number => Number(new URL(path, 'https://bus').searchParams.get('page'));
const bookedOn = algiersDay(booked.executedAt);

test.for<[string, Answering, { entries: number; seconds: number }, string]>([
  [
    'with an empty page that is not the last',
    ({ path }) => statementPage(pageOf(path), [], { last: false }),
    { entries: 10, seconds: 30 },
    "page 1 of the bus's statement is empty",
  ],
  [
    'with ever more entries',
    ({ path }) => statementPage(pageOf(path), [entryOf(instruction)], { last: false }),
    { entries: 10, seconds: 30 },
    'more than 10 entries',
  ],
  [
    'with ever more pages, and time',
    ({ path }) => statementPage(pageOf(path), [entryOf(instruction)], { last: false }),
    { entries: 1_000_000_000, seconds: 2 },
    "of the bus's statement: ",
  ],
])('a statement that never ends is given up: %s', async ([, answer, bounds, fault]) => {
  await using spoken = await speakTo(answer, { statementBounds: bounds });
  await expect(spoken.port.movements(bookedOn)).rejects.toThrow(fault);
  spoken.bus.answer = ({ path }) =>
    statementPage(pageOf(path), [entryOf(instruction)], { totals: { count: '1', sum: '125000.00' } });
  expect(await spoken.port.movements(bookedOn)).toMatchObject([{ reference: instruction.reference }]);
});
