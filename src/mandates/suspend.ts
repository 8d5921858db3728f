import type { SignedRequest } from '../clients/client.ts';
import type { MandateId } from '../values/ids.ts';
import { suspending } from './course.ts';
import { creditorWrite, type WriteDesk, type WriteOutcome, writing } from './creditor-write.ts';
import type { ActOutcome, Desk, StaffAct } from './desk.ts';
import { staffCourse } from './staff-course.ts';

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

/** Raises the bank's flag, with the reason, which is the bank's own. */
export async function suspendForBank(
  desk: Pick<Desk, 'pool' | 'now'>,
  act: StaffAct & { remark: string },
): Promise<ActOutcome> {
  return staffCourse(desk, act, { event: 'suspended', about: 'suspension' }, (mandate, state) =>
    suspending(mandate, state, 'bank'),
  );
}
