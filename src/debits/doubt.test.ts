import { expect, test } from 'vitest';
import type { CoreProperties } from '../core-banking/port.ts';
import { afterInquiry, afterVoid, type DoubtFacts, propertyFaults } from './doubt.ts';

const expiresAt = new Date('2026-11-24T10:01:00Z');
const facts = (core: Partial<CoreProperties>, change: Partial<DoubtFacts> = {}): DoubtFacts => ({
  core: { memory: 'FOR_EVER', keepsRefusals: true, honoursNotAfter: true, canVoid: true, ...core },
  now: new Date('2026-11-24T10:00:30Z'),
  expiresAt,
  resolveBy: new Date('2026-11-24T10:16:00Z'),
  sends: 1,
  mandateAllows: true,
  ...change,
});
const expired = { now: new Date('2026-11-24T10:02:00Z') };

test('silence is never a yes or a no: asked again, then for people', () => {
  expect(afterInquiry(facts({}), 'NO_ANSWER')).toBe('ASK_LATER');
  expect(afterInquiry(facts({}, { now: new Date('2026-11-24T10:20:00Z') }), 'NO_ANSWER')).toBe('PEOPLE');
});

test('unknown is never a rejection: sent again while it may be, voided after, left to people where nothing can void', () => {
  expect(afterInquiry(facts({}), 'UNKNOWN')).toBe('SEND');
  expect(afterInquiry(facts({}, expired), 'UNKNOWN')).toBe('VOID');
  expect(afterInquiry(facts({}, { mandateAllows: false }), 'UNKNOWN')).toBe('VOID');
  expect(afterInquiry(facts({ canVoid: false }, expired), 'UNKNOWN')).toBe('PEOPLE');
});

test('a bus that neither keeps refusals nor voids is sent to once only', () => {
  const careless = { keepsRefusals: false, canVoid: false };
  expect(afterInquiry(facts(careless, { sends: 0 }), 'UNKNOWN')).toBe('SEND');
  expect(afterInquiry(facts(careless), 'UNKNOWN')).toBe('ASK_LATER');
});

test('a refusal is believed at once only where the bus keeps it, else after a void', () => {
  expect(afterInquiry(facts({}), 'REFUSED')).toBe('REJECT');
  expect(afterInquiry(facts({ keepsRefusals: false }), 'REFUSED')).toBe('VOID');
  expect(afterVoid(facts({ keepsRefusals: false }), 'REFUSED')).toBe('ASK_LATER');
  expect(afterVoid(facts({ keepsRefusals: false }), 'VOIDED')).toBe('REJECT');
});

test('past its memory a bus says nothing by unknown: people have it', () => {
  const forgetful = { memory: { secondsAfterNotAfter: 60 } } as const;
  expect(afterInquiry(facts(forgetful, { now: new Date('2026-11-24T10:02:01Z') }), 'UNKNOWN')).toBe('PEOPLE');
  expect(
    afterInquiry(facts({ ...forgetful, keepsRefusals: false }, { now: new Date('2026-11-24T10:02:01Z') }), 'REFUSED'),
  ).toBe('PEOPLE');
});

test('what has moved settles, whatever the time and the mandate; what is voided is rejected', () => {
  expect(afterInquiry(facts({}, { ...expired, mandateAllows: false }), 'MOVED')).toBe('SETTLE');
  expect(afterVoid(facts({}, expired), 'MOVED')).toBe('SETTLE');
  expect(afterInquiry(facts({}), 'VOIDED')).toBe('REJECT');
});

test('a bus that forgets and may execute late is refused at start-up', () => {
  expect(
    propertyFaults({
      memory: { secondsAfterNotAfter: 60 },
      honoursNotAfter: false,
      keepsRefusals: true,
      canVoid: true,
    }),
  ).toHaveLength(1);
  expect(propertyFaults({ memory: 'FOR_EVER', honoursNotAfter: false, keepsRefusals: false, canVoid: false })).toEqual(
    [],
  );
});
