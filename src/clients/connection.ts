import type { components } from '../contract/generated.ts';
import type { Handlers } from '../contract/handler.ts';
import { malformed } from '../contract/problem.ts';
import type { Clock } from '../database/clock.ts';
import { formatInstant, parseInstant } from '../values/dates.ts';
import type { Registry } from './registry.ts';

export type ConnectionParts = {
  registry: Registry;
  clock: Clock;
  environment: components['schemas']['Environment'];
  issuer: string;
  /** Asked each time: a test knows its ports late. */
  apiOrigin: () => string;
  publicOrigin: () => string;
  signatureWindowSeconds: number;
};

/** What the gateway sees of its caller: the first thing to call, and the one that finds most mistakes of a set-up. */
export function connectionRoutes(parts: ConnectionParts): Handlers<'getConnection'> {
  return {
    async getConnection({ client, query }) {
      const now = parts.clock.now();
      const keys = await parts.registry.signingKeysOf(client.creditorCode);
      const { clientTime } = query;
      const told =
        clientTime === undefined ? undefined : (parseInstant(clientTime) ?? malformed('clientTime', 'not an instant'));
      return {
        status: 200,
        body: {
          creditorCode: client.creditorCode,
          environment: parts.environment,
          issuer: parts.issuer,
          origin: parts.apiOrigin(),
          publicOrigin: parts.publicOrigin(),
          certificate: {
            thumbprint: client.thumbprint,
            subject: client.subject,
            notAfter: formatInstant(client.notAfter),
            daysLeft: Math.floor((client.notAfter.getTime() - now.getTime()) / 86_400_000),
          },
          signingKeys: [...keys.values()]
            .filter(({ withdrawnAt }) => withdrawnAt === undefined)
            .slice(0, 50)
            .map(({ kid, algorithm, scopes, validFrom, validUntil }) => ({
              keyThumbprint: kid,
              algorithm,
              scopes: [...scopes],
              validFrom: formatInstant(validFrom),
              validUntil: formatInstant(validUntil),
            })),
          signatureWindowSeconds: parts.signatureWindowSeconds,
          serverTime: formatInstant(now),
          ...(told && { clockDifferenceMilliseconds: told.getTime() - now.getTime() }),
        },
      };
    },
  };
}
