export const roles = ['officer', 'supervisor', 'auditor', 'administrator'] as const;
export type Role = (typeof roles)[number];

/** A member of the bank's staff, as the identity provider names them. */
export type Staff = {
  /** The identity provider's `sub`: who the journal and the four eyes mean. */
  subject: string;
  name: string;
  roles: readonly Role[];
  /** Whose employers they see: the agency's five digits, as in a RIB. */
  agencies: 'ALL' | readonly string[];
  /** `auth_time`: when they last showed who they are. */
  signedInAt: Date;
};

export const hasRole = (staff: Staff, allowed: readonly Role[]): boolean =>
  staff.roles.some((role) => allowed.includes(role));
