import { proposalsOf } from '../approvals/look-up.ts';
import type { Proposal } from '../approvals/proposal.ts';
import type { Queryable } from '../database/queryable.ts';
import { type Deed, deedsOf } from '../journal/history.ts';
import type { Centimes } from '../values/centimes.ts';
import { addDays, algiersDay, type Day } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { agencyOf } from '../values/rib.ts';
import { selectDebtor } from './debtors.sql.ts';
import {
  type AuthorisationRequest,
  type Debtor,
  isReplaceable,
  type Mandate,
  type MandateState,
  stateOn,
} from './mandate.ts';
import { selectMandate } from './mandates.sql.ts';
import { reissueKind } from './reissue.ts';
import { selectOthersOfChain } from './search.sql.ts';
import { type MandateFile, showMandate } from './show.ts';
import { type LargestMonth, selectLargestMonth, selectUsage, type Usage } from './usage.sql.ts';

/** Everything that the mandate's page shows. */
export type Dossier = MandateFile & {
  /** What counts against its ceiling in this period; undefined before certification. */
  usage: Usage | undefined;
  /** The one that it replaces, or asks to; without its debtor where that is another agency's than the reader's. */
  replaced: { mandate: Mandate; debtor: Debtor | undefined; state: MandateState } | undefined;
  /** All that replaced each other, itself too: what is stopped under one is stopped under all. */
  chain: readonly MandateId[];
  /** Requests and mandates that would replace this one, and have not yet. */
  successors: readonly Successor[];
  /** When its certificate was handed out again. */
  reissues: readonly Deed[];
  proposals: readonly Proposal[];
  warnings: readonly Warning[];
};

/** Why it is to replace, where staff said so. */
export type Successor = Pick<Mandate, 'mandateId' | 'state'> &
  Pick<AuthorisationRequest, 'replaceReason' | 'replaceRemark'>;

export type Warning =
  | { warning: 'MONTH_OVER_CEILING'; month: Day; settled: Centimes; ceiling: Centimes }
  | { warning: 'DEBIT_OVER_CEILING'; largestDebit: Centimes; ceiling: Centimes }
  | { warning: 'ENDS_SOON'; validTo: Day; days: number };

/** Undefined where there is none, and where staff of these agencies don't see it. */
export async function openDossier(
  db: Queryable,
  mandateId: MandateId,
  { agencies, now }: { agencies: 'ALL' | readonly string[]; now: Date },
): Promise<Dossier | undefined> {
  const file = await showMandate(db, mandateId, now);
  if (file === undefined) return undefined;
  if (seenBy(agencies, file.debtor) === undefined) return undefined;
  const { mandate } = file;
  const today = algiersDay(now);
  const [usage, largestMonth, replaced, others, proposals, reissues] = await Promise.all([
    selectUsage(db, mandate, today),
    selectLargestMonth(db, mandate.chainId, now),
    mandate.replaces === undefined ? undefined : selectMandate(db, mandate.replaces),
    selectOthersOfChain(db, mandate),
    proposalsOf(db, mandateId),
    deedsOf(db, mandateId, [reissueKind]),
  ]);
  const successors = others
    .filter(({ replaces }) => replaces === mandateId)
    .map((other) => ({
      mandateId: other.mandateId,
      state: stateOn(other, today),
      ...(other.replaceReason && { replaceReason: other.replaceReason }),
      ...(other.replaceRemark && { replaceRemark: other.replaceRemark }),
    }))
    .filter(({ state }) => state === 'DRAFT' || state === 'PENDING_CERTIFICATION' || state === 'CERTIFIED');
  return {
    ...file,
    usage,
    replaced: replaced && {
      mandate: replaced,
      debtor: seenBy(agencies, await selectDebtor(db, replaced.mandateId)),
      state: stateOn(replaced, today),
    },
    chain: [mandateId, ...others.map((other) => other.mandateId)],
    successors,
    reissues,
    proposals,
    warnings: warningsOf(mandate, { state: file.state, largestMonth, today, isFollowed: successors.length > 0 }),
  };
}

const seenBy = (agencies: 'ALL' | readonly string[], debtor: Debtor): Debtor | undefined =>
  agencies === 'ALL' || agencies.includes(agencyOf(debtor.rib)) ? debtor : undefined;

/** How long before its last day an employer is told to ask for another. */
const soonDays = 30;

type Weighed = { state: MandateState; largestMonth: LargestMonth | undefined; today: Day; isFollowed: boolean };

/** What staff should know before it is too late. Nothing of a mandate that has ended. */
function warningsOf(mandate: Mandate, { state, largestMonth, today, isFollowed }: Weighed): Warning[] {
  const { perDebitCeiling, periodCeiling, validTo } = mandate;
  const asked = state === 'DRAFT' || state === 'PENDING_CERTIFICATION';
  if (!asked && !isReplaceable(state)) return [];
  const warnings: Warning[] = [];
  // Whatever its period, a month must fit into it.
  if (largestMonth !== undefined && largestMonth.settled > periodCeiling) {
    const { month, settled } = largestMonth;
    warnings.push({ warning: 'MONTH_OVER_CEILING', month, settled, ceiling: periodCeiling });
  }
  if (largestMonth !== undefined && largestMonth.largestDebit > perDebitCeiling) {
    const { largestDebit } = largestMonth;
    warnings.push({ warning: 'DEBIT_OVER_CEILING', largestDebit, ceiling: perDebitCeiling });
  }
  if (!asked && !isFollowed && validTo <= addDays(today, soonDays)) {
    const days = Math.round((Date.parse(validTo) - Date.parse(today)) / 86_400_000);
    warnings.push({ warning: 'ENDS_SOON', validTo, days });
  }
  return warnings;
}
