import type pg from 'pg';
import type { Cursors } from '../contract/cursor.ts';
import type { components } from '../contract/generated.ts';
import type { Answer, Call, Handlers } from '../contract/handler.ts';
import { malformed, optional, Problem, problem } from '../contract/problem.ts';
import { batched } from '../database/batched.ts';
import type { Clock } from '../database/clock.ts';
import { readAttachedToken } from '../documents/read-certificate.ts';
import { type GatewayKey, verificationKeysOf } from '../signing/keys.ts';
import type { Sign } from '../signing/signer.ts';
import { algiersDay } from '../values/dates.ts';
import { type CreditorCode, type MandateId, parseEmployerNumber, parseMandateId } from '../values/ids.ts';
import { acceptMandate } from './accept.ts';
import { selectCertificate } from './certification.sql.ts';
import type { WriteOutcome } from './creditor-write.ts';
import { lookUpMandate, viewMandate, viewMandates } from './look-up.ts';
import { type Mandate, mayFetchCertificate } from './mandate.ts';
import { openRequest } from './open-request.ts';
import { askedIn, openedAnswer } from './opened-request.ts';
import { type PrintParts, printCertificate } from './print-certificate.ts';
import { type CertificateReader, certificateReader } from './read-certificate.ts';
import { mandateResource, pathOf } from './representation.ts';
import { resumeForCreditor } from './resume.ts';
import { revokeForCreditor } from './revoke.ts';
import { suspendForCreditor } from './suspend.ts';
import { readShown, type Showing } from './verification.sql.ts';
import { type VerifySteps, verdictMembers, verifyCertificate } from './verify.ts';

export type MandateRouteParts = Omit<PrintParts, 'db'> & {
  db: pg.Pool;
  clock: Clock;
  keys: readonly GatewayKey[];
  sign: Sign;
  cursors: Cursors;
  issuer: string;
  bankCodes: readonly string[];
  /** Told the size of each set of verifications. */
  onSet?: (size: number) => void;
};

type MandateOperation =
  | 'openAuthorisationRequest'
  | 'verifyMandate'
  | 'listMandates'
  | 'getMandate'
  | 'getMandateCertificate'
  | 'acceptMandate'
  | 'suspendMandate'
  | 'resumeMandate'
  | 'revokeMandate';

export function mandateRoutes(parts: MandateRouteParts): Handlers<MandateOperation> {
  const { db, clock, cursors, issuer, environment } = parts;
  const desk = { pool: db, now: clock.now };
  const read = certificateReader({ issuer, environment }, verificationKeysOf(parts.keys, 'certificates'));
  const verification: VerifySteps = {
    now: clock.now,
    read,
    sign: parts.sign,
    show: batched((showings: readonly Showing[]) => readShown(db, showings), {
      ...(parts.onSet && { onSet: parts.onSet }),
    }),
  };
  const found = async ({ client, path }: Call<'getMandate' | 'getMandateCertificate'>): Promise<Mandate> =>
    (await lookUpMandate(db, client.creditorCode, mandateIdIn(path))) ?? notFound();
  const answered = (outcome: WriteOutcome) => answer(outcome, (mandate) => viewMandate(db, mandate, clock.now()));

  return {
    async openAuthorisationRequest({ client, path, body, request }) {
      const asked = askedIn(client.creditorCode, body);
      const opening = { reference: path.requestReference, asked, request };
      const opened = await openRequest(
        { ...desk, bankCodes: parts.bankCodes, issuer: { issuer, environment } },
        opening,
      );
      return openedAnswer(opened, path.requestReference, algiersDay(clock.now()));
    },

    async verifyMandate({ client, body, rawBody, contentType }) {
      const isPdf = contentType === 'application/pdf';
      const token = isPdf ? await readAttachedToken(rawBody) : body.certificate;
      const expected = isPdf ? {} : (body.expected ?? {});
      const verdict = await verifyCertificate(verification, { creditor: client.creditorCode, token, expected });
      const { mandate } = verdict;
      return {
        status: 200,
        body: {
          ...verdictMembers(verdict),
          verdict: verdict.token,
          ...(mandate && { links: { mandate: pathOf(mandate.mandateId) } }),
        },
      };
    },

    async listMandates({ client, query }) {
      const { creditorCode } = client;
      const today = algiersDay(clock.now());
      // A cursor holds for the same filters only: they are part of the list's name.
      const list = `mandates ${query.employerNumber ?? '*'} ${query.state ?? '*'}`;
      const limit = query.limit ?? 50;
      const page = await viewMandates(db, {
        visibleTo: creditorCode,
        employerNumber: optional(query.employerNumber, parseEmployerNumber, 'employerNumber', 'ten digits'),
        state: query.state,
        before: optional(query.cursor, openCursor(cursors, creditorCode, list), 'cursor', 'not a cursor of this list'),
        // One more than asked for tells whether there is another page.
        limit: limit + 1,
        today,
      });
      const shown = page.slice(0, limit);
      const last = shown.at(-1);
      return {
        status: 200,
        body: {
          mandates: shown.map(mandateResource),
          ...(page.length > limit && last && { nextCursor: cursors.seal(creditorCode, list, last.mandate.mandateId) }),
        },
      };
    },

    async getMandate(call) {
      return { status: 200, body: mandateResource(await viewMandate(db, await found(call), clock.now())) };
    },

    async getMandateCertificate(call) {
      const mandate = await found(call);
      const certificate = await selectCertificate(db, mandate.mandateId);
      if (certificate === undefined)
        throw new Problem('mandate-certificate-not-found', 'The bank has not certified this mandate');
      if (!mayFetchCertificate(mandate))
        throw new Problem(
          'mandate-certificate-not-found',
          'The employer brings the certificate: send it for verification',
        );
      return call.accepts === 'application/pdf'
        ? { status: 200, contentType: call.accepts, body: await printCertificate(parts, mandate, certificate) }
        : { status: 200, contentType: 'application/jose', body: certificate.token };
    },

    async acceptMandate({ client, path, body, request }) {
      const mandateId = mandateIdIn(path);
      const certificate = await shownIn(body.certificate, read, { mandateId, creditor: client.creditorCode });
      return answered(await acceptMandate(desk, { mandateId, request, certificate }));
    },

    async suspendMandate({ path, body, request }) {
      return answered(await suspendForCreditor(desk, { mandateId: mandateIdIn(path), request, reason: body.reason }));
    },

    async resumeMandate({ path, body, request }) {
      return answered(await resumeForCreditor(desk, { mandateId: mandateIdIn(path), request, reason: body.reason }));
    },

    async revokeMandate({ path, body, request }) {
      return answered(await revokeForCreditor(desk, { mandateId: mandateIdIn(path), request, reason: body.reason }));
    },
  };
}

async function answer(
  outcome: WriteOutcome,
  view: (mandate: Mandate) => ReturnType<typeof viewMandate>,
): Promise<Answer> {
  switch (outcome.outcome) {
    case 'WRITTEN':
      return {
        status: 200,
        headers: outcome.replayed ? { 'Idempotent-Replayed': 'true' } : {},
        body: mandateResource(await view(outcome.mandate)),
      };
    case 'WRONG_STATE': {
      const mandate = mandateResource(await view(outcome.mandate));
      return problem('mandate-state', `The mandate is ${mandate.state}`, { mandate });
    }
    case 'NOT_FOUND':
      return notFound();
    case 'JTI_REUSED':
      return problem('jti-reused', 'The jti of this signature was seen with another name or body');
    case 'OVERTAKEN':
      return problem('overtaken', 'A write on this mandate that was signed later was applied before');
    case 'CERTIFICATE_INVALID':
      return problem('mandate-certificate-invalid', 'The certificate does not verify, or is of another mandate');
  }
}

/** Whether an acceptance carries a certificate, and if so whether it is this mandate's. */
async function shownIn(
  token: components['schemas']['MandateAcceptanceRequest']['certificate'],
  read: CertificateReader,
  { mandateId, creditor }: { mandateId: MandateId; creditor: CreditorCode },
): Promise<'NONE' | 'THIS' | 'OTHER'> {
  if (token === undefined) return 'NONE';
  const reading = await read(token, creditor);
  return reading.outcome === 'GENUINE' && reading.certified.mandateId === mandateId ? 'THIS' : 'OTHER';
}

const openCursor =
  (cursors: Cursors, creditor: CreditorCode, list: string) =>
  (cursor: string): MandateId | undefined => {
    const last = cursors.open(creditor, list, cursor);
    return last === undefined ? undefined : parseMandateId(last);
  };

const mandateIdIn = (path: { mandateId: string }): MandateId =>
  parseMandateId(path.mandateId) ?? malformed('mandateId', 'not a mandate id');

/** The same for an unknown id, another creditor's, and one whose certificate was not shown yet. */
function notFound(): never {
  throw new Problem('mandate-not-found', 'No mandate that you may see has this id');
}
