import type { Gateway } from '../gateway.ts';
import { developmentStaff } from './development-staff.ts';

type Told = { gateway: Pick<Gateway, 'backOfficeOrigin'>; identityProvider: string | undefined };

/** Where to sign in, and as whom. Nothing where there is no back office. */
export function backOfficeLines({ gateway, identityProvider }: Told): string {
  const { backOfficeOrigin } = gateway;
  if (backOfficeOrigin === undefined) return '';
  if (identityProvider === undefined)
    return `  back office         ${backOfficeOrigin}     sign in at the identity provider that is set`;
  const people = developmentStaff.map(({ subject, roles, agencies }) => {
    const role = roles.map((one) => one.replace('cnas-', '')).join(', ') || 'no role: is turned away';
    const limit = agencies.some((agency) => agency !== 'ALL') ? `, agency ${agencies.join(', ')} only` : '';
    return `    ${subject.padEnd(20)} ${role}${limit}`;
  });
  return [
    `  back office         ${backOfficeOrigin}     sign in as one of these, no password:`,
    ...people,
    '  A browser must be told to trust certs-dev/out/ca.pem, or that it may go on.',
  ].join('\n');
}
