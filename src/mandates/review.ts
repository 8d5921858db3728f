import type { AccountOutcome } from '../core-banking/port.ts';
import { addDays, algiersDay, type Day } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { type RequestField, readAuthorisationRequest, requestFields, typedFrom } from './authorisation-request.ts';
import { type Desk, requestOf } from './desk.ts';
import { type Dossier, openDossier } from './dossier.ts';
import { type AuthorisationRequest, draftDays } from './mandate.ts';
import { sameHolder } from './names.ts';
import { type Scan, selectScans } from './scans.sql.ts';
import { type RequestSource, selectSource } from './sources.sql.ts';

/** A field as the file or the creditor said it, beside what the request says now. */
export type AskedField = { field: RequestField; asked: string; now: string };

/** `sameHolder`: whether the account's holder is the employer, by the rules of names.ts. */
export type AccountSaid =
  | (Extract<AccountOutcome, { outcome: 'FOUND' }> & { sameHolder: boolean })
  | Exclude<AccountOutcome, { outcome: 'FOUND' }>;

/** Everything that is looked at before a request is certified. */
export type Review = Dossier & {
  request: AuthorisationRequest;
  source: RequestSource | undefined;
  /** Empty where staff typed it from paper. */
  asked: readonly AskedField[];
  scans: readonly Scan[];
  account: AccountSaid;
  /** Until when it waits untouched. */
  waitsUntil: Day;
  /** Until when what was submitted may be certified. */
  certifiableUntil: Date | undefined;
};

/** Undefined where there is none, and where staff of these agencies don't see it. */
export async function reviewRequest(
  desk: Pick<Desk, 'pool' | 'coreBanking' | 'bankCodes' | 'issuer' | 'submissionHours'>,
  mandateId: MandateId,
  { agencies, now }: { agencies: 'ALL' | readonly string[]; now: Date },
): Promise<Review | undefined> {
  const dossier = await openDossier(desk.pool, mandateId, { agencies, now });
  if (dossier === undefined) return undefined;
  const { mandate, debtor } = dossier;
  const [source, scans, account] = await Promise.all([
    selectSource(desk.pool, mandateId),
    selectScans(desk.pool, mandateId),
    desk.coreBanking.lookUpAccount(debtor.rib),
  ]);
  const request = requestOf(mandate, debtor);
  const { submittedAt, state } = mandate;
  return {
    ...dossier,
    request,
    source,
    asked: source === undefined ? [] : askedBeside(source, request, { ...desk, today: algiersDay(mandate.enteredAt) }),
    scans,
    account: account.outcome === 'FOUND' ? { ...account, sameHolder: sameHolder(account.holder, debtor) } : account,
    waitsUntil: addDays(algiersDay(mandate.stateSince), draftDays),
    certifiableUntil:
      state !== 'PENDING_CERTIFICATION' || submittedAt === undefined
        ? undefined
        : new Date(submittedAt.getTime() + desk.submissionHours * 3_600_000),
  };
}

const unasked: readonly RequestField[] = ['handOver', 'replaceReason', 'replaceRemark'];

/** In one form where it can be read, so that only what means another thing differs. */
function askedBeside(
  { source, asked }: RequestSource,
  request: AuthorisationRequest,
  rules: Parameters<typeof readAuthorisationRequest>[1],
): AskedField[] {
  const read = readAuthorisationRequest(asked, rules);
  const said = 'request' in read ? typedFrom(read.request) : asked;
  const present = typedFrom(request);
  return (
    requestFields
      // The consent is given on the paper form only, and so never by the creditor; nor has it to say why it replaces.
      .filter((field) => source === 'IMPORT' || !unasked.includes(field))
      .map((field) => ({ field, asked: said[field] ?? '', now: present[field] ?? '' }))
      .filter(({ asked: one, now }) => one !== '' || now !== '')
  );
}
