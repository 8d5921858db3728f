import { expect, test } from 'vitest';
import type { CoreProperties } from '../core-banking/port.ts';
import { afterInquiry, afterSend, afterVoid, type DoubtFacts, propertyFaults } from './doubt.ts';

const expiresAt = new Date('2026-11-24T10:01:00Z');
const facts = (core: Partial<CoreProperties>, change: Partial<DoubtFacts> = {}): DoubtFacts => ({
  core: { memory: 'FOR_EVER', keepsRefusals: true, honoursNotAfter: true, canVoid: true, ...core },
  now: new Date('2026-11-24T10:00:30Z'),
  expiresAt,
  resolveBy: new Date('2026-11-24T10:16:00Z'),
  sends: 1,
  mandateAllows: true,
  stopped: false,
  refused: false,
  shownMoved: false,
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

test('past its memory, and a minute before, a bus says nothing but that it has moved: people have it', () => {
  const forgetful = { memory: { secondsAfterNotAfter: 1800 } } as const;
  const [before, past] = [new Date('2026-11-24T10:29:59Z'), new Date('2026-11-24T10:30:00Z')].map((now) => ({ now }));
  for (const answer of ['UNKNOWN', 'REFUSED', 'VOIDED'] as const) {
    expect(afterInquiry(facts(forgetful, before), answer)).toBe(answer === 'UNKNOWN' ? 'VOID' : 'REJECT');
    expect(afterInquiry(facts(forgetful, past), answer)).toBe('PEOPLE');
  }
  expect(afterVoid(facts(forgetful, before), 'VOIDED')).toBe('REJECT');
  for (const answer of ['REFUSED', 'VOIDED'] as const) expect(afterVoid(facts(forgetful, past), answer)).toBe('PEOPLE');
  expect(afterInquiry(facts(forgetful, past), 'MOVED')).toBe('SETTLE');
});

test('under a stop it is only asked about: nothing is sent and nothing voided, and past its time people have it', () => {
  const stopped = { stopped: true };
  expect(afterInquiry(facts({}, stopped), 'UNKNOWN')).toBe('ASK_LATER');
  expect(afterInquiry(facts({}, { ...stopped, mandateAllows: false }), 'UNKNOWN')).toBe('ASK_LATER');
  expect(afterInquiry(facts({}, { ...stopped, ...expired }), 'UNKNOWN')).toBe('ASK_LATER');
  expect(afterInquiry(facts({ keepsRefusals: false }, stopped), 'REFUSED')).toBe('ASK_LATER');
  expect(afterInquiry(facts({}, { ...stopped, now: new Date('2026-11-24T10:20:00Z') }), 'UNKNOWN')).toBe('PEOPLE');
  expect(afterInquiry(facts({}, stopped), 'REFUSED')).toBe('REJECT');
});

test('a refusal of a send is believed while it can not be of a late copy, else it is asked about', () => {
  expect(afterSend(facts({}), 'REFUSED')).toBe('REJECT');
  expect(afterSend(facts({}, expired), 'REFUSED')).toBe('ASK_LATER');
  expect(afterSend(facts({ keepsRefusals: false }), 'REFUSED')).toBe('VOID');
  expect(afterSend(facts({ keepsRefusals: false }, expired), 'REFUSED')).toBe('ASK_LATER');
  expect(afterSend(facts({ keepsRefusals: false, canVoid: false }), 'REFUSED')).toBe('REJECT');
  expect(afterSend(facts({}), 'LATE')).toBe('ASK_LATER');
  expect(afterSend(facts({ keepsRefusals: false }), 'LATE')).toBe('VOID');
  expect(afterSend(facts({ keepsRefusals: false, canVoid: false }), 'LATE')).toBe('REJECT');
  expect(afterSend(facts({}, expired), 'MOVED')).toBe('SETTLE');
  expect(afterSend(facts({}), 'IN_DOUBT')).toBe('ASK_LATER');
});

test('what was refused once is never sent again: voided, asked about where a stop forbids it, left to people where nothing can void', () => {
  const refused = { refused: true };
  expect(afterInquiry(facts({ keepsRefusals: false }, refused), 'UNKNOWN')).toBe('VOID');
  expect(afterInquiry(facts({}, refused), 'UNKNOWN')).toBe('VOID');
  expect(afterInquiry(facts({}, { ...refused, stopped: true }), 'UNKNOWN')).toBe('ASK_LATER');
  expect(afterInquiry(facts({ canVoid: false }, refused), 'UNKNOWN')).toBe('ASK_LATER');
  expect(afterInquiry(facts({ canVoid: false }, { ...refused, ...expired }), 'UNKNOWN')).toBe('PEOPLE');
});

test('what its own movements show to have moved is only asked about, whatever its new request allows; where the bus denies it people have it', () => {
  const shown = { shownMoved: true };
  const late = { now: new Date('2026-11-24T10:20:00Z') };
  for (const core of [{}, { canVoid: false }, { memory: { secondsAfterNotAfter: 3600 } }]) {
    for (const change of [{}, expired, { mandateAllows: false }, { sends: 0 }])
      expect(afterInquiry(facts(core, { ...shown, ...change }), 'UNKNOWN')).toBe('ASK_LATER');
    expect(afterInquiry(facts(core, { ...shown, ...late }), 'UNKNOWN')).toBe('PEOPLE');
    for (const answer of ['REFUSED', 'VOIDED'] as const)
      expect(afterInquiry(facts(core, shown), answer)).toBe('PEOPLE');
    expect(afterInquiry(facts(core, { ...shown, ...late }), 'MOVED')).toBe('SETTLE');
  }
});

test('what has moved settles, whatever the time and the mandate; what is voided is rejected', () => {
  expect(afterInquiry(facts({}, { ...expired, mandateAllows: false }), 'MOVED')).toBe('SETTLE');
  expect(afterVoid(facts({}, expired), 'MOVED')).toBe('SETTLE');
  expect(afterInquiry(facts({}), 'VOIDED')).toBe('REJECT');
});

test('start-up refuses a bus that forgets and may execute late, and one that forgets before people are called', () => {
  const forgetful = (secondsAfterNotAfter: number, honoursNotAfter = true) => ({
    memory: { secondsAfterNotAfter },
    honoursNotAfter,
    keepsRefusals: true,
    canVoid: true,
  });
  const times = { resolveWithinSeconds: 900 };
  expect(propertyFaults(forgetful(3600, false), times)).toEqual([expect.stringContaining('must honour notAfter')]);
  expect(propertyFaults(forgetful(959), times)).toEqual([
    expect.stringContaining('GATEWAY_RESOLVE_WITHIN_SECONDS must be at most 899'),
  ]);
  expect(propertyFaults(forgetful(960), times)).toEqual([]);
  const careless = { memory: 'FOR_EVER', honoursNotAfter: false, keepsRefusals: false, canVoid: false } as const;
  expect(propertyFaults(careless, times)).toEqual([]);
});
