import type { Proposal, ProposalId } from '../../approvals/proposal.ts';
import { applyAct, type BankAct, bankActs, proposalKindOf, readProposedAct } from '../../mandates/bank-acts.ts';
import { mandateStates } from '../../mandates/mandate.ts';
import { debtorsOf, lookUpForStaff } from '../../mandates/search.ts';
import type { ApprovalKind, KindParts } from '../approvals/kind.ts';
import { PageFault } from '../fault.ts';
import { mandateBadge } from '../look/badge.ts';
import { amountText, ltr, nameText, ribText } from '../look/text.ts';
import { employerName } from './shared.ts';

/** Suspend, resume, revoke: proposed by an officer or a supervisor, approved by another supervisor. */
export const mandateKinds = (parts: Pick<KindParts, 'db'>): ApprovalKind[] => bankActs.map((act) => kindOf(act, parts));

const kindOf = (act: BankAct, { db }: Pick<KindParts, 'db'>): ApprovalKind => ({
  kind: proposalKindOf(act),
  title: `mandates.act.${act}`,
  approve: ['supervisor'],
  see: ['officer', 'auditor'],
  apply: applyAct(act),
  async about({ words }, proposals) {
    const mandateOf = (proposal: Proposal) => readProposedAct(act, proposal).mandateId;
    const debtors = await debtorsOf(db, proposals.map(mandateOf));
    const texts = proposals.flatMap((proposal): [ProposalId, string][] => {
      const debtor = debtors.get(mandateOf(proposal));
      return debtor === undefined ? [] : [[proposal.proposalId, employerName(words, debtor)]];
    });
    return { texts: new Map(texts), read: [{ kind: 'mandates.read' }] };
  },
  async describe({ words, staff, now }, proposal) {
    const { mandateId, reason } = readProposedAct(act, proposal);
    const found = await lookUpForStaff(db, mandateId, { agencies: staff.agencies, now });
    if (found === undefined) throw new PageFault('not-found');
    const { mandate, state, debtor } = found;
    return {
      rows: [
        { label: words.say('mandates.act'), value: words.say(`mandates.act.${act}`) },
        { label: words.say('mandates.mandate'), value: ltr(mandateId) },
        { label: words.say('mandates.state'), value: mandateBadge(words, state) },
        { label: words.say('mandates.creditor'), value: ltr(mandate.creditor) },
        { label: words.say('mandates.employer'), value: nameText(employerName(words, debtor)) },
        { label: words.say('mandates.employer-number'), value: ltr(mandate.employerNumber) },
        { label: words.say('mandates.rib'), value: ribText(debtor.rib) },
        { label: words.say('mandates.period-ceiling'), value: amountText(words, mandate.periodCeiling) },
        { label: words.say('mandates.reason-told'), value: words.say(`mandates.reason.${reason}`) },
        { label: words.say('mandates.consequence'), value: words.say(`mandates.consequence.${act}`) },
      ],
      subject: { text: words.say('mandates.open'), to: `/mandates/${mandateId}` },
      read: [{ kind: 'mandate.read', subjectId: mandateId }],
    };
  },
  impossible: (why) => {
    const state = mandateStates.find((one) => one === why);
    return state === undefined ? 'mandates.impossible' : `mandates.impossible.${state}`;
  },
});
