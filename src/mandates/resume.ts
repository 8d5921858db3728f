import type { SignedRequest } from '../clients/client.ts';
import type { MandateId } from '../values/ids.ts';
import { resuming } from './course.ts';
import { creditorWrite, type WriteDesk, type WriteOutcome, writing } from './creditor-write.ts';

/** Takes the creditor's flag down: ACTIVE again only when the bank's is down too. */
export async function resumeForCreditor(
  desk: WriteDesk,
  { reason, ...write }: { mandateId: MandateId; request: SignedRequest; reason: string | undefined },
): Promise<WriteOutcome> {
  return creditorWrite(
    desk,
    write,
    ({ mandate, state }) => resuming(mandate, state, 'creditor'),
    writing('resumed', reason),
  );
}
