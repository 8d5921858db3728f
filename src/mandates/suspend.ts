import type { SignedRequest } from '../clients/client.ts';
import type { MandateId } from '../values/ids.ts';
import { suspending } from './course.ts';
import { creditorWrite, type WriteDesk, type WriteOutcome, writing } from './creditor-write.ts';

/** Raises the creditor's flag: nothing new is debited while one is up. */
export async function suspendForCreditor(
  desk: WriteDesk,
  { reason, ...write }: { mandateId: MandateId; request: SignedRequest; reason: string | undefined },
): Promise<WriteOutcome> {
  return creditorWrite(
    desk,
    write,
    ({ mandate, state }) => suspending(mandate, state, 'creditor'),
    writing('suspended', reason),
  );
}
