import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureDevelopmentCertificates } from '../certs-dev/development-certificates.ts';
import { type BackOfficeDoorParts, openBackOfficeDoor } from '../src/back-office/door.ts';
import type { BackOfficePage } from '../src/back-office/page.ts';
import { openIdentityProvider } from '../src/back-office/sign-in/identity-provider.ts';
import { openProviderFetch } from '../src/back-office/sign-in/provider-fetch.ts';
import {
  type DevelopmentIdentityProvider,
  openDevelopmentIdentityProvider,
} from '../src/commands/development-identity-provider.ts';
import type { DevelopmentSubject } from '../src/commands/development-staff.ts';
import { developmentCertificates, readConfig } from '../src/config.ts';
import { type Visitor, visitorOf } from './back-office.ts';
import { openBrowser } from './browser.ts';
import { freshDatabase, type TestDatabase } from './database.ts';

/** The staff's door alone, with a test's own pages, before the development identity provider or another one. */
export type TestStaffDoor = AsyncDisposable & {
  origin: string;
  db: TestDatabase;
  provider: DevelopmentIdentityProvider;
  visitor: () => Visitor;
  signIn: (subject: DevelopmentSubject, at?: string) => Promise<Visitor>;
  /** The door's time from now on, in seconds from the real one. */
  moveTime: (seconds: number) => void;
  failures: Parameters<BackOfficeDoorParts['log']>[0][];
  signIns: string[];
};

export type StaffDoorWishes = {
  pages?: readonly BackOfficePage[];
  /** Another provider's settings: issuer, secret. */
  issuer?: string;
  limits?: Partial<BackOfficeDoorParts['sessions']>;
  /** Another door's database and identity provider: a second replica, or the same one after a restart. */
  beside?: TestStaffDoor;
};

export async function openTestStaffDoor(wishes: StaffDoorWishes = {}): Promise<TestStaffDoor> {
  await using open = new AsyncDisposableStack();
  const { beside } = wishes;
  const db = beside?.db ?? open.use(await freshDatabase());
  await ensureDevelopmentCertificates(developmentCertificates);
  const provider =
    beside?.provider ??
    open.use(await openDevelopmentIdentityProvider({ port: 0, certificates: developmentCertificates }));
  const config = readConfig({ GATEWAY_ENVIRONMENT: 'test', ...provider.settings });
  const secret = (await readFile(config.signInClientSecretFile ?? '', 'utf8')).trim();
  const authorities = await readFile(path.join(developmentCertificates, 'ca.pem'), 'utf8');
  let offset = 0;
  let port = 0;
  const now = () => new Date(Date.now() + offset * 1000);
  const sessions = { idleSeconds: 900, sessionSeconds: 28_800, freshSeconds: 300, ...wishes.limits };
  const failures: TestStaffDoor['failures'] = [];
  const signIns: string[] = [];
  const origin = () => `https://localhost:${port}`;
  const door = await openBackOfficeDoor({
    host: '127.0.0.1',
    port: 0,
    tls: { certificate: config.tlsCertificateFile, key: config.tlsKeyFile },
    limits: config,
    db: db.gateway,
    clock: { now },
    origin,
    provider: openIdentityProvider({
      issuer: wishes.issuer ?? provider.issuer,
      clientId: config.signInClientId,
      clientSecret: secret,
      scopes: config.signInScopes,
      claims: {
        nameClaim: config.staffNameClaim,
        rolesClaim: config.staffRolesClaim,
        roles: config.staffRoles,
        agenciesClaim: config.staffAgenciesClaim,
        allAgencies: config.staffAllAgencies,
      },
      ...sessions,
      now,
      fetch: openProviderFetch({ authorities }),
    }),
    secret,
    sessions,
    pages: wishes.pages ?? [],
    bank: { nameFr: 'Banque', nameAr: 'بنك' },
    environment: 'test',
    log: (failure) => failures.push(failure),
    onSessionFault: (fault) =>
      failures.push({ requestId: '', kind: 'internal', fault: { name: String(fault), frames: [] } }),
    onSignIn: (outcome) => signIns.push(outcome),
    observe: () => undefined,
    onTlsRefusal: () => undefined,
    onReload: () => undefined,
  });
  open.defer(() => door.drain());
  port = door.port;
  if (beside === undefined) await provider.serve(origin());
  const visitor = () => visitorOf(openBrowser(authorities), origin());
  const closing = open.move();
  return {
    origin: origin(),
    db,
    provider,
    visitor,
    async signIn(subject, at = '/') {
      const person = visitor();
      const arrived = await person.choose(await person.open(at), subject);
      if (arrived.url.origin !== origin()) throw new Error(`${subject} is still at ${arrived.url.origin}`);
      return person;
    },
    moveTime(seconds) {
      offset = seconds;
    },
    failures,
    signIns,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
