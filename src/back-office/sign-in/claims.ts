import type { Role } from '../staff.ts';

/** Where the identity provider says what, and in which words. */
export type ClaimSettings = {
  nameClaim: string;
  rolesClaim: string;
  /** A role may have several values. */
  roles: readonly { role: Role; value: string }[];
  agenciesClaim: string;
  /** The agencies claim's value for all of them. */
  allAgencies: string;
};

export type ClaimedStaff = { name: string; roles: readonly Role[]; agencies: 'ALL' | readonly string[] };

/** Reads name, roles and agencies. Whoever has no role, or none that is known, has an empty list: they are not staff here. */
export function readClaims(claims: object, subject: string, settings: ClaimSettings): ClaimedStaff {
  const said = new Set(textsOf(claimOf(claims, settings.rolesClaim)));
  const agencies = textsOf(claimOf(claims, settings.agenciesClaim));
  const name = claimOf(claims, settings.nameClaim);
  return {
    name: typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, 100) : subject,
    roles: [...new Set(settings.roles.filter(({ value }) => said.has(value)).map(({ role }) => role))],
    agencies: agencies.includes(settings.allAgencies)
      ? 'ALL'
      : [...new Set(agencies.filter((agency) => /^\d{5}$/.test(agency)))],
  };
}

/** The claim of that name; where there is none, the dots lead into it, as in `realm_access.roles`. */
export function claimOf(claims: object, name: string): unknown {
  if (Object.hasOwn(claims, name)) return Reflect.get(claims, name);
  const at = name.indexOf('.');
  const inner: unknown = at < 0 ? undefined : Reflect.get(claims, name.slice(0, at));
  return typeof inner === 'object' && inner !== null ? claimOf(inner, name.slice(at + 1)) : undefined;
}

/** A list of texts, or one text with spaces or commas between. */
function textsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(/[\s,]+/).filter((one) => one !== '');
  return Array.isArray(claim) ? claim.filter((one) => typeof one === 'string') : [];
}
