import { administrationKinds } from '../administration/kinds.ts';
import { debitKinds } from '../debits/kinds.ts';
import { mandateKinds } from '../mandates/kinds.ts';
import type { ApprovalKind, KindParts } from './kind.ts';

/** Everything that staff do under four eyes. Each section adds its own line: `...mandateKinds(parts),`. */
export function approvalKinds(parts: KindParts): ApprovalKind[] {
  return [...administrationKinds(parts), ...debitKinds(parts), ...mandateKinds(parts)];
}
