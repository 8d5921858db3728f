import { html } from 'hono/html';
import type { BackOfficePage, Html, Section } from '../page.ts';
import { hasRole, type Staff } from '../staff.ts';
import type { Words } from '../words/words.ts';

/** In the order of the navigation, each with the page that it leads to. */
const sectionPaths: Record<Section, string> = {
  overview: '/',
  requests: '/requests',
  mandates: '/mandates',
  debits: '/debits',
  statements: '/statements',
  approvals: '/approvals',
  work: '/work',
  audit: '/audit',
  administration: '/administration',
};

const sections: readonly Section[] = [
  'overview',
  'requests',
  'mandates',
  'debits',
  'statements',
  'approvals',
  'work',
  'audit',
  'administration',
];

/** The sections whose first page there is, and is open to this member of staff. */
export const sectionsOf = (pages: readonly BackOfficePage[], staff: Staff): Section[] =>
  sections.filter((section) =>
    pages.some(
      ({ method, path, roles }) => method === 'GET' && path === sectionPaths[section] && hasRole(staff, roles),
    ),
  );

export const navigation = (words: Words, shown: readonly Section[], current: Section | undefined): Html =>
  html`<nav class="site-navigation" aria-label="${words.say('common.navigation')}"><ul>${shown.map(
    (section) =>
      html`<li><a href="${sectionPaths[section]}" ${section === current ? html`aria-current="true"` : ''}>${words.say(`common.section.${section}`)}</a></li>`,
  )}</ul></nav>`;
