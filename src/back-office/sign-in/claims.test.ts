import { expect, test } from 'vitest';
import { type ClaimSettings, readClaims } from './claims.ts';

const settings: ClaimSettings = {
  nameClaim: 'name',
  rolesClaim: 'roles',
  roles: [
    { role: 'officer', value: 'clerks' },
    { role: 'officer', value: 'tellers' },
    { role: 'supervisor', value: 'heads' },
  ],
  agenciesClaim: 'agencies',
  allAgencies: 'ALL',
};
const read = (claims: object, more: Partial<ClaimSettings> = {}) =>
  readClaims(claims, 'subject-1', { ...settings, ...more });

test('roles come from the values that the settings name, each once, and from no other', () => {
  expect(read({ roles: ['clerks', 'tellers', 'heads', 'officer', 'administrator', 7, null] }).roles).toEqual([
    'officer',
    'supervisor',
  ]);
  expect(read({ roles: 'heads' }).roles).toEqual(['supervisor']);
  expect(read({ roles: 'heads clerks,x' }).roles).toEqual(['officer', 'supervisor']);
  for (const roles of [undefined, null, 1, true, {}, { heads: true }, ['HEADS'], 'headsx', [['heads']]])
    expect(read({ roles }).roles, JSON.stringify(roles)).toEqual([]);
});

test('a claim with dots is looked for inside, and a claim of that whole name comes first', () => {
  const rolesClaim = 'realm_access.roles';
  expect(read({ realm_access: { roles: ['clerks'] } }, { rolesClaim }).roles).toEqual(['officer']);
  expect(read({ 'realm_access.roles': ['heads'], realm_access: { roles: ['clerks'] } }, { rolesClaim }).roles).toEqual([
    'supervisor',
  ]);
  expect(read({ realm_access: 'clerks' }, { rolesClaim }).roles).toEqual([]);
  expect(read({}, { rolesClaim: '__proto__.roles' }).roles).toEqual([]);
});

test('agencies are five digits, or all of them; whoever is told none sees no employer', () => {
  expect(read({ agencies: ['00102', '00116', '00102', '102', '0010A', 116] }).agencies).toEqual(['00102', '00116']);
  expect(read({ agencies: '00102 00116' }).agencies).toEqual(['00102', '00116']);
  expect(read({ agencies: ['00102', 'ALL'] }).agencies).toBe('ALL');
  expect(read({ agencies: ['all', '*'] }).agencies).toEqual([]);
  expect(read({}).agencies).toEqual([]);
  expect(read({ agencies: '*' }, { allAgencies: '*' }).agencies).toBe('ALL');
});

test('who has no name is shown by the subject, and a name is no longer than a line', () => {
  expect(read({ name: ' Nadia  Belkacem ' }).name).toBe('Nadia  Belkacem');
  expect(read({}).name).toBe('subject-1');
  expect(read({ name: ['x'] }).name).toBe('subject-1');
  expect(read({ name: 'x'.repeat(500) }).name).toHaveLength(100);
});
