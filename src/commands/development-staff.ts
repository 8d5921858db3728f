/** One of the people that the development identity provider knows; `roles` and `agencies` as its claims have them. */
export type DevelopmentPerson = {
  subject: string;
  name: string;
  roles: readonly string[];
  agencies: readonly string[];
};

/** One user a role, and a second where four eyes need two. Chlef is agency 00102, Alger 00116. */
export const developmentStaff = [
  { subject: 'officer-nadia', name: 'Nadia Belkacem', roles: ['cnas-officer'], agencies: ['ALL'] },
  { subject: 'officer-amel', name: 'Amel Haddouche', roles: ['cnas-officer'], agencies: ['00102'] },
  { subject: 'supervisor-karim', name: 'Karim Meziane', roles: ['cnas-supervisor'], agencies: ['ALL'] },
  { subject: 'supervisor-samia', name: 'Samia Rahmani', roles: ['cnas-supervisor'], agencies: ['ALL'] },
  { subject: 'auditor-yacine', name: 'Yacine Ferhat', roles: ['cnas-auditor'], agencies: ['ALL'] },
  { subject: 'administrator-lina', name: 'Lina Boukhalfa', roles: ['cnas-administrator'], agencies: ['ALL'] },
  { subject: 'administrator-omar', name: 'Omar Saadi', roles: ['cnas-administrator'], agencies: ['ALL'] },
  { subject: 'visitor-sofiane', name: 'Sofiane Kaci', roles: [], agencies: [] },
] as const satisfies readonly DevelopmentPerson[];

export type DevelopmentSubject = (typeof developmentStaff)[number]['subject'];
