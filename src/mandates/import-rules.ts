import type { Branded } from '../values/branded.ts';
import { type CreditorCode, isUuidV7, type MandateId, uuidV7 } from '../values/ids.ts';
import {
  contentHashOf,
  type RequestRules,
  readAuthorisationRequest,
  sees,
  type TypedRequest,
} from './authorisation-request.ts';
import type { AuthorisationRequest, Mandate } from './mandate.ts';
import { cannotReplace } from './replacement.ts';
import { type RequestFault, requestFault } from './request-faults.ts';

/** An import's name: UUIDv7. */
export type ImportId = Branded<string, 'ImportId'>;

export const parseImportId = (text: string): ImportId | undefined => (isUuidV7(text) ? (text as ImportId) : undefined);

export const newImportId = (now: Date): ImportId => uuidV7(now) as ImportId;

/** One line, and the mandate that it is to become. */
export type NamedLine = { line: number; mandateId: MandateId; typed: TypedRequest };
export type ReadLine = NamedLine &
  ({ request: AuthorisationRequest; chainId: MandateId; contentHash: string } | { faults: readonly RequestFault[] });

/** What the lines are held against: looked up once for all of them. */
export type ImportContext = {
  rules: RequestRules;
  creditors: ReadonlySet<CreditorCode>;
  /** The mandates that lines name as replaced, with the agency of each. */
  replaced: ReadonlyMap<string, { mandate: Mandate; agency: string }>;
};

/** Reads every line by the rules of a typed request; the same employer, account and creditor twice is a fault too. */
export function readLines(lines: readonly NamedLine[], context: ImportContext): ReadLine[] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const read = readLine(line, context);
    if ('faults' in read) return read;
    const { creditor, employerNumber, debtor } = read.request;
    const key = `${creditor} ${employerNumber} ${debtor.rib}`;
    const earlier = seen.get(key);
    if (earlier !== undefined)
      return { ...line, faults: [requestFault('employerNumber', 'same-as-line', { line: earlier })] };
    seen.set(key, line.line);
    return read;
  });
}

function readLine(line: NamedLine, { rules, creditors, replaced }: ImportContext): ReadLine {
  const read = readAuthorisationRequest(line.typed, rules);
  if ('faults' in read) return { ...line, faults: read.faults };
  const { request } = read;
  const good = (chainId: MandateId): ReadLine => ({
    ...line,
    request,
    chainId,
    contentHash: contentHashOf(line.mandateId, request, undefined),
  });
  if (!creditors.has(request.creditor)) return { ...line, faults: [requestFault('creditor', 'creditor-unknown')] };
  if (request.replaces === undefined) return good(line.mandateId);
  const old = replaced.get(request.replaces);
  if (old === undefined || !sees(rules.agencies, old.agency))
    return { ...line, faults: [requestFault('replaces', 'replaces-unknown')] };
  const why = cannotReplace(old.mandate, request, rules.today);
  return why === undefined
    ? good(old.mandate.chainId)
    : { ...line, faults: [requestFault('replaces', why.code, why.values)] };
}
