import type { StaffMember } from '../../mandates/desk.ts';
import type { RequestFault } from '../../mandates/request-faults.ts';
import { type MandateId, parseMandateId } from '../../values/ids.ts';
import { PageFault } from '../fault.ts';
import type { Faults } from '../look/form.ts';
import type { PageAnswer, Visit } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import type { Role } from '../staff.ts';
import type { Words } from '../words/words.ts';

export type RequestParts = Pick<BackOfficeParts, 'db' | 'desk' | 'cursors' | 'bankCodes' | 'agencies'>;

/** Who looks at requests, who enters them, and who certifies them. */
export const readers: readonly Role[] = ['officer', 'supervisor', 'auditor'];
export const makers: readonly Role[] = ['officer'];
export const checkers: readonly Role[] = ['supervisor'];

/** Who acts, for the use cases. */
export const memberOf = ({
  staff,
  from,
}: Pick<Visit, 'staff' | 'from'>): StaffMember & Pick<Visit['staff'], 'agencies'> => ({
  by: staff.subject,
  from,
  agencies: staff.agencies,
});

export const requestPath = (mandateId: MandateId, part?: string): string =>
  `/requests/${mandateId}${part === undefined ? '' : `/${part}`}`;

/** The id in the address; anything else is as unknown as another agency's. */
export const mandateIdIn = ({ params }: Pick<Visit, 'params'>): MandateId =>
  parseMandateId(params.mandateId ?? '') ?? notFound();

export function notFound(): never {
  throw new PageFault('not-found');
}

/** Each fault in the reader's words, by its field; of several in one field the first. */
export function faultsOf(words: Words, faults: readonly RequestFault[]): Faults {
  const said: Record<string, string> = {};
  for (const { field, code, values } of faults) said[field] ??= words.say(`requests.fault.${code}`, values);
  return said;
}

/** A reason in a person's own words: what is wrong with it, or the text. */
export function remarkIn(
  { form, words }: Pick<Visit, 'form' | 'words'>,
  name = 'remark',
): { remark: string; fault?: string } {
  const remark = (form.get(name) ?? '').replaceAll('\r\n', '\n').trim();
  if (remark.length < 3) return { remark, fault: words.say('requests.fault.reason-missing') };
  return remark.length > 500 ? { remark, fault: words.say('requests.fault.reason-long') } : { remark };
}

/** Where somebody else was faster: back to the request, as it is now. */
export const overtaken = (visit: Visit, mandateId: MandateId): PageAnswer => ({
  answer: 'GO',
  to: requestPath(mandateId),
  notice: visit.words.say('requests.changed-meanwhile'),
});
