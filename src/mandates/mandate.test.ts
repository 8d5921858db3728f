import { expect, test } from 'vitest';
import { must } from '../../test/bank.ts';
import { parseDay } from '../values/dates.ts';
import { resuming, revoking, suspending } from './course.ts';
import { debitable, leadsTo, type MandateState, mandateStates, stateOn, statesBefore } from './mandate.ts';

const day = (text: string) => must(parseDay(text));
const mandate = (state: MandateState) => ({
  state,
  stateSince: new Date('2026-01-01T08:00:00Z'),
  validFrom: day('2026-01-10'),
  validTo: day('2026-12-31'),
});

test('a mandate goes where the table of the design says, and nowhere else', () => {
  const allowed = mandateStates.flatMap((from) =>
    mandateStates.filter((to) => leadsTo(from, to)).map((to) => `${from} > ${to}`),
  );
  expect(allowed).toEqual([
    'DRAFT > PENDING_CERTIFICATION',
    'DRAFT > EXPIRED',
    'PENDING_CERTIFICATION > DRAFT',
    'PENDING_CERTIFICATION > CERTIFIED',
    'PENDING_CERTIFICATION > REFUSED',
    'PENDING_CERTIFICATION > EXPIRED',
    'CERTIFIED > ACTIVE',
    'CERTIFIED > REVOKED',
    'CERTIFIED > REPLACED',
    'CERTIFIED > EXPIRED',
    'ACTIVE > SUSPENDED',
    'ACTIVE > REVOKED',
    'ACTIVE > REPLACED',
    'ACTIVE > EXPIRED',
    'SUSPENDED > ACTIVE',
    'SUSPENDED > REVOKED',
    'SUSPENDED > REPLACED',
    'SUSPENDED > EXPIRED',
  ]);
  for (const to of mandateStates) for (const from of statesBefore(to)) expect(leadsTo(from, to)).toBe(true);
});

test.for([
  ['DRAFT', 'NOT_CERTIFIED'],
  ['PENDING_CERTIFICATION', 'NOT_CERTIFIED'],
  ['CERTIFIED', 'NOT_ACCEPTED'],
  ['ACTIVE', true],
  ['SUSPENDED', 'SUSPENDED'],
  ['REVOKED', 'REVOKED'],
  ['REPLACED', 'REPLACED'],
  ['REFUSED', 'REFUSED'],
  ['EXPIRED', 'EXPIRED'],
] as const)('%s is debitable: %s', ([state, expected]) => {
  expect(debitable(mandate(state), day('2026-01-20'))).toBe(expected);
});

test('the first day and the last are included', () => {
  expect(debitable(mandate('ACTIVE'), day('2026-01-09'))).toBe('NOT_YET_VALID');
  expect(debitable(mandate('ACTIVE'), day('2026-01-10'))).toBe(true);
  expect(debitable(mandate('ACTIVE'), day('2026-12-31'))).toBe(true);
  expect(debitable(mandate('ACTIVE'), day('2027-01-01'))).toBe('EXPIRED');
});

test('after the last day it is EXPIRED whatever is stored, unless it had ended before', () => {
  const states = mandateStates.map((state) => `${state} ${stateOn(mandate(state), day('2027-01-01'))}`);
  expect(states).toEqual([
    'DRAFT EXPIRED',
    'PENDING_CERTIFICATION EXPIRED',
    'CERTIFIED EXPIRED',
    'ACTIVE EXPIRED',
    'SUSPENDED EXPIRED',
    'REVOKED REVOKED',
    'REPLACED REPLACED',
    'REFUSED REFUSED',
    'EXPIRED EXPIRED',
  ]);
});

test('a request waits thirty days in one state', () => {
  expect(stateOn(mandate('DRAFT'), day('2026-01-31'))).toBe('DRAFT');
  expect(stateOn(mandate('DRAFT'), day('2026-02-01'))).toBe('EXPIRED');
});

test('each side raises and lifts a flag of its own; ACTIVE again only with none', () => {
  const none = { suspendedByBank: false, suspendedByCreditor: false };
  const both = { suspendedByBank: true, suspendedByCreditor: true };
  const bankOnly = { suspendedByBank: true, suspendedByCreditor: false };
  expect(suspending(none, 'ACTIVE', 'bank')).toMatchObject({ to: 'SUSPENDED', flags: { suspendedByBank: true } });
  expect(suspending(bankOnly, 'SUSPENDED', 'creditor')).toMatchObject({ flags: { suspendedByCreditor: true } });
  expect(suspending(bankOnly, 'SUSPENDED', 'bank')).toEqual({ course: 'UNCHANGED' });
  expect(resuming(both, 'SUSPENDED', 'creditor')).toMatchObject({ to: 'SUSPENDED' });
  expect(resuming(bankOnly, 'SUSPENDED', 'creditor')).toEqual({ course: 'UNCHANGED' });
  expect(resuming(bankOnly, 'SUSPENDED', 'bank')).toMatchObject({ to: 'ACTIVE', flags: { suspendedByBank: false } });
});

test('nothing that has ended, or has not begun, is suspended, resumed or revoked', () => {
  const flags = { suspendedByBank: true, suspendedByCreditor: false };
  for (const state of ['DRAFT', 'PENDING_CERTIFICATION', 'REPLACED', 'REFUSED', 'EXPIRED'] as const) {
    expect(suspending(flags, state, 'bank')).toEqual({ course: 'IMPOSSIBLE' });
    expect(resuming(flags, state, 'bank')).toEqual({ course: 'IMPOSSIBLE' });
    expect(revoking(state)).toEqual({ course: 'IMPOSSIBLE' });
  }
  expect(suspending(flags, 'CERTIFIED', 'bank')).toEqual({ course: 'IMPOSSIBLE' });
  expect(revoking('REVOKED')).toEqual({ course: 'UNCHANGED' });
});
