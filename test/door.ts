import type { ClientLookUp } from '../src/clients/registry.ts';
import { defaultRates } from '../src/contract/admission.ts';
import { type ApiDoorParts, openApiDoor } from '../src/contract/api-door.ts';
import type { AnyHandlers } from '../src/contract/bind.ts';
import { type Contract, type Operation, readContract } from '../src/contract/contract-document.ts';
import type { Door } from '../src/contract/door.ts';
import type { Failure } from '../src/contract/failure.ts';
import type { Answer } from '../src/contract/handler.ts';
import { defaultHttpLimits, type HttpLimits } from '../src/contract/http-limits.ts';
import type { Observation } from '../src/contract/router.ts';
import type { TlsRefusal } from '../src/contract/tls-peer.ts';
import { parseCreditorCode } from '../src/values/ids.ts';
import { openTestAuthority, type TestAuthority, type TestCertificate } from './certificates.ts';

/** An API door with an authority of its own, whose handlers and registry a test sets. */
export type TestDoor = AsyncDisposable & {
  door: Door;
  port: number;
  authority: TestAuthority;
  server: TestCertificate;
  client: TestCertificate;
  /** What the registry says of every certificate, from now on. */
  setRegistry: (answer: ClientLookUp) => void;
  refusals: TlsRefusal[];
  reloads: string[];
  failures: Failure[];
  observations: Observation[];
  /** Answers that are not as the contract says: none, at the end of every test. */
  breaches: string[];
};

export type DoorWishes = Partial<Omit<ApiDoorParts, 'limits' | 'handlers'>> & {
  limits?: Partial<HttpLimits>;
  handlers?: AnyHandlers;
};

export const contract: Contract = readContract();
export const publicOrigin = 'https://public.bank.example';

export async function openTestDoor(wishes: DoorWishes = {}): Promise<TestDoor> {
  const authority = await openTestAuthority();
  const server = await authority.issue('server', { use: 'server' });
  const client = await authority.issue('client');
  let registered = registeredClient();
  const seen = { refusals: [], reloads: [], failures: [], observations: [], breaches: [] } satisfies Partial<TestDoor>;
  const told: Pick<TestDoor, keyof typeof seen> = seen;
  const door = await openApiDoor({
    contract,
    host: '127.0.0.1',
    port: 0,
    tls: { certificate: server.certFile, key: server.keyFile, clientAuthorities: authority.file },
    clock: { now: () => new Date() },
    rates: defaultRates,
    publicOrigin: () => publicOrigin,
    authenticate: async () => registered,
    checkSignature: async () => ({ outcome: 'UNSIGNED', detail: 'no key is registered' }),
    log: (failure) => told.failures.push(failure),
    observe: (observation) => told.observations.push(observation),
    onBreach: (breach) => told.breaches.push(breach),
    onTlsRefusal: (reason) => told.refusals.push(reason),
    onReload: (outcome) => told.reloads.push(outcome),
    ...wishes,
    handlers: { ...exampleHandlers(), ...wishes.handlers },
    limits: { ...defaultHttpLimits, lingerSeconds: 0.05, ...wishes.limits },
  });
  return {
    ...{ door, port: door.port, authority, server, client, ...told },
    setRegistry: (answer) => {
      registered = answer;
    },
    async [Symbol.asyncDispose]() {
      await door.drain();
      await authority[Symbol.asyncDispose]();
      if (told.breaches.length > 0) throw new Error(`not as the contract says: ${told.breaches.join('; ')}`);
    },
  };
}

export function registeredClient(): ClientLookUp {
  const creditorCode = parseCreditorCode('CNAS');
  if (creditorCode === undefined) throw new Error('CNAS is a creditor');
  const client = { creditorCode, thumbprint: '0'.repeat(64), subject: 'CN=client', notAfter: new Date('2100-01-01') };
  return { outcome: 'REGISTERED', client };
}

/** Every operation answers with the contract's own first example. */
const exampleHandlers = (): AnyHandlers =>
  Object.fromEntries(contract.operations.map((operation) => [operation.operationId, async () => exampleOf(operation)]));

function exampleOf({ operationId, answers }: Operation): Answer {
  const [answer] = answers.filter(({ status }) => status < 300);
  const [mediaType] = answer?.mediaTypes ?? [];
  const body = mediaType?.examples[0]?.value;
  if (answer === undefined || mediaType === undefined) throw new Error(`${operationId} has no example`);
  if (typeof body !== 'string' && (typeof body !== 'object' || body === null))
    throw new Error(`${operationId}: example`);
  return { status: answer.status, contentType: mediaType.type, body };
}
