import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BackOfficePage } from '../src/back-office/page.ts';
import { type Role, roles } from '../src/back-office/staff.ts';
import type { DevelopmentSubject } from '../src/commands/development-staff.ts';
import { openTestBackOffice, type TestBackOffice, type Visitor } from './back-office.ts';

/** Every page and action that there is, whoever added it. */

const subjects: Record<Role, DevelopmentSubject> = {
  officer: 'officer-nadia',
  supervisor: 'supervisor-karim',
  auditor: 'auditor-yacine',
  administrator: 'administrator-lina',
};

let office: TestBackOffice;
let people: ReadonlyMap<Role, Visitor>;
let pages: readonly BackOfficePage[];

beforeAll(async () => {
  office = await openTestBackOffice();
  pages = office.gateway.backOfficePages;
  people = new Map(await Promise.all(roles.map(async (role) => [role, await office.signIn(subjects[role])] as const)));
});
afterAll(() => office?.[Symbol.asyncDispose]());

/** With a name in place of each parameter that is nobody's. */
const pathOf = ({ path }: BackOfficePage): string =>
  path.replaceAll(/:[^/.]+/g, '01890a5d-ac96-774b-bcce-b302099a8057');

const visitorFor = (role: Role): Visitor => {
  const visitor = people.get(role);
  if (visitor === undefined) throw new Error(`nobody is ${role}`);
  return visitor;
};

test('each section has pages, and each role some of them', () => {
  const sections = new Set(pages.map(({ section }) => section));
  expect([...sections].sort()).toEqual([
    'administration',
    'approvals',
    'audit',
    'debits',
    'mandates',
    'overview',
    'requests',
    'statements',
    'work',
  ]);
  for (const role of roles) expect(pages.some((page) => page.roles.includes(role))).toBe(true);
});

test('whoever is not signed in sees none of them', async () => {
  const visitor = office.visitor();
  for (const page of pages.filter(({ method }) => method === 'GET'))
    expect((await visitor.get(pathOf(page))).location?.pathname, page.path).toBe('/sign-in');
});

test.for(roles)("the %s reaches no page and no action of another role's", async (role) => {
  const visitor = visitorFor(role);
  await visitor.csrf();
  for (const page of pages.filter((one) => !one.roles.includes(role))) {
    const seen = page.method === 'GET' ? await visitor.get(pathOf(page)) : await visitor.post(pathOf(page));
    expect(seen.status, `${page.method} ${page.path}`).toBe(403);
  }
});

test.for(roles)(
  'the %s gets an answer of each page of theirs: what is not there is not found, and nothing is broken',
  async (role) => {
    const visitor = visitorFor(role);
    for (const page of pages.filter((one) => one.method === 'GET' && one.roles.includes(role))) {
      const seen = await visitor.get(pathOf(page));
      expect([200, 303, 404], `${page.path}: ${seen.status}`).toContain(seen.status);
    }
  },
);

test.for(roles)(
  'no action of the %s is done by a form with a forged token, nor breaks on an empty one',
  async (role) => {
    const visitor = visitorFor(role);
    for (const page of pages.filter((one) => one.method === 'POST' && one.roles.includes(role))) {
      const files = page.uploads === undefined ? {} : { files: {} };
      const forged = await visitor.post(pathOf(page), { csrf: 'forged' }, files);
      expect(forged.status, page.path).toBe(403);
      const empty = await visitor.post(pathOf(page), {}, files);
      expect([200, 303, 404, 409, 422], `${page.path}: ${empty.status}`).toContain(empty.status);
    }
  },
);
