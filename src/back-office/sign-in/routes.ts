import express, { type Request, type Response, Router } from 'express';
import type pg from 'pg';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Clock } from '../../database/clock.ts';
import { checkCsrf, checkOrigin, csrfTokenOf } from '../csrf.ts';
import { PageFault } from '../fault.ts';
import type { Frame } from '../frame.ts';
import { insertStaffEvent } from '../journal-entries.sql.ts';
import { languageOf } from '../language.ts';
import { deleteSessionsOf, deleteSessionsOfOtherRights } from '../session.sql.ts';
import { renewSession, saveSession, sessionCookie, staffOf } from '../session.ts';
import { noteStaffMember } from '../staff-names.sql.ts';
import { wordsOf } from '../words/load.ts';
import type { Finished, IdentityProvider, SignedIn, Transaction } from './identity-provider.ts';
import { ProviderAway } from './provider-fetch.ts';
import { localPath } from './return-to.ts';

/** What a sign-in came to: a closed set, for the metric. */
export type SignInOutcome =
  | 'signed-in'
  | 'signed-in-again'
  | 'no-role'
  | 'refused'
  | 'stale'
  | 'invalid'
  | 'provider-away';

export type SignInParts = {
  db: pg.Pool;
  clock: Clock;
  provider: IdentityProvider;
  origin: () => string;
  frame: Frame;
  onOutcome: (outcome: SignInOutcome) => void;
};

/** From one address, behind which a whole agency may stand. Each is a row until it ends. */
const signInsAMinute = 300;

/** Sign-in and sign-out; each needs the session, but for what the identity provider itself sends. */
export function signInRoutes(parts: SignInParts): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const begun = new RateLimiterMemory({ points: signInsAMinute, duration: 60 });
  router.get('/sign-in', async (request, response) => {
    await begun.consume(request.socket.remoteAddress ?? '').catch(() => {
      throw new PageFault('too-many-sign-ins', { headers: { 'Retry-After': '60' } });
    });
    await begin(request, response, parts);
  });
  router.get('/sign-in/return', (request, response) => finish(request, response, parts));
  router.post('/sign-out', express.text({ type: formType, limit: 4_096 }), (request, response) =>
    signOut(request, response, parts),
  );
  router.get('/signed-out', (request, response) =>
    parts.frame.sendMessage(request, response, {
      status: 200,
      title: 'sign-in.signed-out-title',
      text: request.query.here === '1' ? 'sign-in.signed-out-here-text' : 'sign-in.signed-out-text',
      action: { href: '/sign-in', label: 'sign-in.sign-in-again' },
    }),
  );
  return router;
}

const formType = 'application/x-www-form-urlencoded';

/** Where the identity provider tells that it has ended a session of its own. No cookie comes with it: the token is signed. */
export function backChannelRoutes({ db, provider }: Pick<SignInParts, 'db' | 'provider'>): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.post(
    '/sign-in/back-channel-logout',
    express.text({ type: formType, limit: 16_384 }),
    async (request, response) => {
      const token = fieldsOf(request).get('logout_token') ?? '';
      const ended = await provider.readLogout(token);
      if (ended === undefined) return void response.status(400).json({ error: 'invalid_request' });
      await deleteSessionsOf(db, ended);
      response.status(200).end();
    },
  );
  return router;
}

async function begin(request: Request, response: Response, parts: SignInParts): Promise<void> {
  const { fresh, sent, to } = request.query;
  const returnTo = localPath(to);
  const asked = {
    redirectUri: `${parts.origin()}/sign-in/return`,
    returnTo,
    // A cookie that leads to nobody is of a session that has ended: the provider's own may live on, and would
    // bring back whoever left this browser idle.
    fresh: fresh === '1' || (staffOf(request) === undefined && hasCookie(request)),
    language: languageOf(request),
  };
  const { address, transaction } = await parts.provider.begin(asked).catch((fault: unknown) => {
    if (fault instanceof ProviderAway) parts.onOutcome('provider-away');
    throw fault;
  });
  request.session.transaction = {
    ...transaction,
    ...(sent === '1' && { notice: fresh === '1' ? 'sign-in.form-needs-fresh' : 'sign-in.form-not-sent' }),
  };
  await saveSession(request);
  response.redirect(303, address.href);
}

async function finish(request: Request, response: Response, parts: SignInParts): Promise<void> {
  const { transaction } = request.session;
  // An answer to something else leaves the sign-in that is under way as it is.
  if (transaction === undefined || request.query.state !== transaction.state) {
    parts.onOutcome('invalid');
    throw new PageFault('sign-in-failed');
  }
  // Good for one answer, whatever it is.
  delete request.session.transaction;
  await saveSession(request);
  const finished = await parts.provider
    .finish(new URL(request.originalUrl, parts.origin()), transaction)
    .catch((fault: unknown) => {
      if (fault instanceof ProviderAway) parts.onOutcome('provider-away');
      throw fault;
    });
  await letIn(finished, transaction, { request, response, parts });
}

type Exchange = { request: Request; response: Response; parts: SignInParts };

async function letIn(finished: Finished, transaction: Transaction, exchange: Exchange): Promise<void> {
  const { onOutcome } = exchange.parts;
  switch (finished.outcome) {
    case 'REFUSED':
      onOutcome('refused');
      throw new PageFault('sign-in-refused');
    case 'STALE':
      onOutcome('stale');
      throw new PageFault('sign-in-failed');
    case 'INVALID':
      onOutcome('invalid');
      throw new PageFault('sign-in-failed', { cause: finished.fault });
    case 'SIGNED_IN':
      return openSession(finished.signedIn, transaction, exchange);
  }
}

async function openSession(
  { staff, idToken, providerSession }: SignedIn,
  transaction: Transaction,
  { request, response, parts }: Exchange,
): Promise<void> {
  const { db, clock, onOutcome } = parts;
  const { subject, roles } = staff;
  const by = { subject, roles, from: request.socket.remoteAddress ?? '' };
  const before = request.session;
  const same = before.staff?.subject === subject;
  if (roles.length === 0) {
    await renewSession(request);
    // What was given before was taken: it is over in every browser.
    await deleteSessionsOf(db, { subject });
    await insertStaffEvent(db, { ...by, kind: 'staff.turned-away' });
    onOutcome('no-role');
    throw new PageFault('no-role');
  }
  const { startedAt, notice } = before;
  // A new id, or whoever planted the old one would be signed in too.
  await renewSession(request);
  // Nobody goes on elsewhere with roles or agencies that they no longer have.
  await deleteSessionsOfOtherRights(db, staff);
  const now = clock.now().toISOString();
  request.session.staff = { ...staff, signedInAt: staff.signedInAt.toISOString() };
  // Signing in again makes a session no longer.
  request.session.startedAt = same && startedAt !== undefined ? startedAt : now;
  request.session.seenAt = now;
  request.session.idToken = idToken;
  if (providerSession !== undefined) request.session.providerSession = providerSession;
  csrfTokenOf(request);
  const said = transaction.notice === undefined ? undefined : wordsOf(languageOf(request)).say(transaction.notice);
  const told = said ?? (same ? notice : undefined);
  if (told !== undefined) request.session.notice = told;
  await insertStaffEvent(db, { ...by, kind: same ? 'staff.signed-in-again' : 'staff.signed-in' });
  await noteStaffMember(db, { subject, name: staff.name, at: clock.now() });
  await saveSession(request);
  onOutcome(same ? 'signed-in-again' : 'signed-in');
  // Somebody else does not go on where the one before stood.
  response.redirect(303, before.staff === undefined || same ? transaction.returnTo : '/');
}

/** Ends the session here first, so that it is over whatever the provider does; then there. */
async function signOut(request: Request, response: Response, { db, provider, origin }: SignInParts): Promise<void> {
  checkOrigin(request, origin());
  const staff = staffOf(request);
  if (staff === undefined) return response.redirect(303, '/signed-out');
  checkCsrf(request, fieldsOf(request));
  const { idToken } = request.session;
  await insertStaffEvent(db, {
    kind: 'staff.signed-out',
    subject: staff.subject,
    from: request.socket.remoteAddress ?? '',
    roles: staff.roles,
  });
  await renewSession(request);
  response.clearCookie(sessionCookie, { path: '/', secure: true, httpOnly: true, sameSite: 'lax' });
  const returnTo = `${origin()}/signed-out`;
  const address = await provider.endSession({ idToken, returnTo }).catch((fault: unknown) => {
    if (fault instanceof ProviderAway) return '/signed-out?here=1';
    throw fault;
  });
  response.redirect(303, String(address ?? '/signed-out'));
}

function fieldsOf(request: Request): URLSearchParams {
  const body: unknown = request.body;
  return new URLSearchParams(typeof body === 'string' ? body : '');
}

const hasCookie = ({ headers }: Request): boolean =>
  (headers.cookie ?? '').split(';').some((pair) => pair.trim().startsWith(`${sessionCookie}=`));
