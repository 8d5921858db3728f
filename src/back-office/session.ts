import { hkdfSync } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import type pg from 'pg';
import type { Clock } from '../database/clock.ts';
import { SessionStore } from './session-store.ts';
import type { Transaction } from './sign-in/identity-provider.ts';
import type { Staff } from './staff.ts';

declare module 'express-session' {
  interface SessionData {
    /** Who is signed in. No token that opens anything at the identity provider is kept. */
    staff?: Omit<Staff, 'signedInAt'> & { signedInAt: string };
    startedAt?: string;
    /** Of the last request, to half a minute. */
    seenAt?: string;
    /** Said once, on the page that comes. */
    notice?: string;
    /** A sign-in that was begun and not yet finished. */
    transaction?: Transaction;
    /** Tells the identity provider, at sign-out, whose session is meant. */
    idToken?: string;
    /** The identity provider's own name for its session. */
    providerSession?: string;
  }
}

export type SessionLimits = { idleSeconds: number; sessionSeconds: number; freshSeconds: number };

export type SessionParts = Clock & {
  db: pg.Pool;
  /** Shared by all replicas: the cookie's key is derived from it. */
  secret: string;
  limits: SessionLimits;
  onFault: (fault: unknown) => void;
};

export type Sessions = {
  /** Gives each request its session, and ends one whose time is over. */
  handlers: RequestHandler[];
  /** Stops the removal of old sessions. */
  close: () => Promise<void>;
};

/** The prefix has the browser refuse a cookie of that name which is not ours alone: Secure, for this host, for every path. */
export const sessionCookie = '__Host-session';
const cookie = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;

/** How long a sign-in may take at the identity provider. */
const transactionSeconds = 900;

export function openSessions(parts: SessionParts): Sessions {
  const { db, limits, now, onFault } = parts;
  const store = new SessionStore({
    db,
    onFault,
    until: ({ staff, startedAt }) =>
      staff === undefined || startedAt === undefined
        ? later(now(), transactionSeconds)
        : later(new Date(startedAt), limits.sessionSeconds),
  });
  return {
    handlers: [
      session({
        name: sessionCookie,
        secret: Buffer.from(hkdfSync('sha256', parts.secret, '', 'back office session cookie', 32)).toString('hex'),
        store,
        cookie,
        resave: false,
        saveUninitialized: false,
      }),
      async (request, _response, next) => {
        const at = now();
        if (isOver(request, limits, at)) await renewSession(request);
        else if (request.session.seenAt !== undefined && secondsSince(request.session.seenAt, at) > noticeable(limits))
          request.session.seenAt = at.toISOString();
        next();
      },
    ],
    async close() {
      await store.close();
    },
  };
}

/** Every request a row changed would be dear; a thirtieth of the limit is not felt. */
const noticeable = ({ idleSeconds }: SessionLimits): number => idleSeconds / 30;

function isOver({ session: { staff, startedAt, seenAt } }: Request, limits: SessionLimits, at: Date): boolean {
  if (staff === undefined) return false;
  return (
    startedAt === undefined ||
    seenAt === undefined ||
    secondsSince(startedAt, at) > limits.sessionSeconds ||
    secondsSince(seenAt, at) > limits.idleSeconds
  );
}

/** Who is signed in; undefined where nobody is, or the session could not be read. */
export function staffOf(request: Request): Staff | undefined {
  const staff = request.session?.staff;
  return staff === undefined ? undefined : { ...staff, signedInAt: new Date(staff.signedInAt) };
}

/** Ends the session, here, and goes on with an empty one under a new id. */
export const renewSession = (request: Request): Promise<void> =>
  new Promise((resolve, reject) => {
    request.session.regenerate((fault: unknown) => (fault ? reject(fault) : resolve()));
  });

/** Saves what was changed now: what is saved with the answer fails too late to be told. */
export const saveSession = (request: Request): Promise<void> =>
  new Promise((resolve, reject) => {
    request.session.save((fault: unknown) => (fault ? reject(fault) : resolve()));
  });

const later = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000);
export const secondsSince = (instant: string | Date, at: Date): number =>
  (at.getTime() - new Date(instant).getTime()) / 1000;
