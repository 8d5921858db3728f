import type { SignedRequest } from '../clients/client.ts';
import type { MandateId } from '../values/ids.ts';
import { revoking } from './course.ts';
import { creditorWrite, type WriteDesk, type WriteOutcome, writing } from './creditor-write.ts';
import type { ActOutcome, Desk, StaffAct } from './desk.ts';
import { staffCourse } from './staff-course.ts';

/** Ends the mandate for its creditor: nothing new is debited, what was sent goes on to its end. */
export async function revokeForCreditor(
  desk: WriteDesk,
  { reason, ...write }: { mandateId: MandateId; request: SignedRequest; reason: string | undefined },
): Promise<WriteOutcome> {
  return creditorWrite(desk, write, ({ mandate, state }) => revoking(mandate, state), writing('revoked', reason));
}

/** The same for the bank, on the employer's word or its own, with the reason. */
export async function revokeForBank(
  desk: Pick<Desk, 'pool' | 'now'>,
  act: StaffAct & { remark: string },
): Promise<ActOutcome> {
  return staffCourse(desk, act, { event: 'revoked', about: 'revocation' }, revoking);
}
