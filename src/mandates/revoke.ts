import type { SignedRequest } from '../clients/client.ts';
import type { MandateId } from '../values/ids.ts';
import { revoking } from './course.ts';
import { creditorWrite, type WriteDesk, type WriteOutcome, writing } from './creditor-write.ts';

/** Ends the mandate for its creditor: nothing new is debited, what was sent goes on to its end. */
export async function revokeForCreditor(
  desk: WriteDesk,
  { reason, ...write }: { mandateId: MandateId; request: SignedRequest; reason: string | undefined },
): Promise<WriteOutcome> {
  return creditorWrite(desk, write, ({ state }) => revoking(state), writing('revoked', reason));
}
