import type { InquiryOutcome, VoidOutcome } from '../../src/core-banking/port.ts';
import type { DoubtFacts, NextStep, SendAnswer } from '../../src/debits/doubt.ts';
import { memory, ours, type Rules } from './rules.ts';
import { claimedStart, type State, start } from './state.ts';

/** The gateway with one rule taken out, and what that breaks. */
export type Mutation = { without: string; breaks: string; rules: Rules; from: State };

const expired = ({ now, expiresAt }: Pick<DoubtFacts, 'now' | 'expiresAt'>) => now >= expiresAt;
const mayBeSent = (facts: DoubtFacts) => !expired(facts) && facts.mandateAllows && !facts.stopped && !facts.refused;
const past = ({ now, resolveBy }: DoubtFacts) => now >= resolveBy;
const aMinuteBefore = (now: Date) => new Date(now.getTime() - 60_000);
/** Past its memory, as our rules count it. */
const forgets = ({ core, now, expiresAt }: DoubtFacts) =>
  core.memory !== 'FOR_EVER' && now.getTime() >= expiresAt.getTime() + (memory.secondsAfterNotAfter - 60) * 1000;

type Change<Answer, Step> = (facts: DoubtFacts, answer: Answer) => Step | undefined;

const inquiry = (change: Change<InquiryOutcome['outcome'], NextStep>): Partial<Rules> => ({
  afterInquiry: (facts, answer) => change(facts, answer) ?? ours.afterInquiry(facts, answer),
});
const voiding = (change: Change<VoidOutcome['outcome'], NextStep>): Partial<Rules> => ({
  afterVoid: (facts, answer) => change(facts, answer) ?? ours.afterVoid(facts, answer),
});
const sending = (change: Change<SendAnswer, 'SETTLE' | 'REJECT'>): Partial<Rules> => ({
  afterSend: (facts, answer) => change(facts, answer) ?? ours.afterSend(facts, answer),
});
const claimBlindTo = (what: 'state' | 'expiresAt' | 'mandate' | 'stops' | 'refusal' | 'movements'): Partial<Rules> => ({
  claim: { looksAt: new Set([...ours.claim.looksAt].filter((one) => one !== what)) },
});

/** Claimed after a restore, it is decided upon like any other. */
const asAnyOther = inquiry((facts, answer) => ours.afterInquiry({ ...facts, shownMoved: false }, answer));

const without: readonly [rule: string, breaks: string, change: Partial<Rules>][] = [
  [
    'a bus that neither keeps refusals nor voids is sent to once only',
    'rejected, yet moved',
    {
      maySend: () => true,
      ...inquiry((facts, answer) => (answer === 'UNKNOWN' && mayBeSent(facts) ? 'SEND' : undefined)),
    },
  ],
  ['a duplicate reference is doubt, never a refusal', 'rejected, yet moved', { duplicate: 'REFUSED' }],
  [
    'a refusal of a bus that forgets refusals, when asked, is voided before it is believed',
    'rejected, yet moved',
    inquiry((facts, answer) => (answer === 'REFUSED' && !forgets(facts) ? 'REJECT' : undefined)),
  ],
  [
    'so is one in answer to the send',
    'rejected, yet moved',
    sending((facts, answer) => (answer === 'REFUSED' && !expired(facts) ? 'REJECT' : undefined)),
  ],
  [
    'so is one in answer to the void itself',
    'rejected, yet moved',
    voiding((facts, answer) => (answer === 'REFUSED' && !forgets(facts) ? 'REJECT' : undefined)),
  ],
  [
    'a refusal of a send that comes after expiresAt is asked about first',
    'rejected, yet moved',
    sending((facts, answer) =>
      answer === 'REFUSED' && (facts.core.keepsRefusals || !facts.core.canVoid) ? 'REJECT' : undefined,
    ),
  ],
  [
    'a copy that is called late before expiresAt, by a clock ahead of ours, is asked about first',
    'rejected, yet moved',
    sending((facts, answer) => (answer === 'LATE' && !expired(facts) ? 'REJECT' : undefined)),
  ],
  [
    "unknown is not 'never', however old",
    'rejected, yet moved',
    inquiry((facts, answer) => (answer === 'UNKNOWN' && expired(facts) ? 'REJECT' : undefined)),
  ],
  [
    "unknown past the bus's memory says nothing",
    'rejected, yet moved',
    inquiry((facts, answer) => (answer === 'UNKNOWN' && forgets(facts) ? 'REJECT' : undefined)),
  ],
  [
    "a refusal past the bus's memory says nothing",
    'rejected, yet moved',
    inquiry((facts, answer) => (answer === 'REFUSED' && facts.core.keepsRefusals ? 'REJECT' : undefined)),
  ],
  [
    "a void that was there past the bus's memory says nothing",
    'rejected, yet moved',
    inquiry((_facts, answer) => (answer === 'VOIDED' ? 'REJECT' : undefined)),
  ],
  [
    "a void past the bus's memory voids what it has forgotten",
    'rejected, yet moved',
    voiding((_facts, answer) => (answer === 'VOIDED' ? 'REJECT' : undefined)),
  ],
  [
    "the bus's memory is not relied on to its last second",
    'rejected, yet moved',
    voiding((facts, answer) =>
      answer === 'VOIDED' ? ours.afterVoid({ ...facts, now: aMinuteBefore(facts.now) }, answer) : undefined,
    ),
  ],
  [
    'a timer never rejects',
    'rejected, yet moved',
    inquiry((facts, answer) => (answer === 'NO_ANSWER' && past(facts) ? 'REJECT' : undefined)),
  ],
  [
    'silence is no refusal of an inquiry',
    'rejected, yet moved',
    inquiry((_facts, answer) => (answer === 'NO_ANSWER' ? 'REJECT' : undefined)),
  ],
  [
    'silence is no refusal of a send',
    'rejected, yet moved',
    sending((_facts, answer) => (answer === 'IN_DOUBT' ? 'REJECT' : undefined)),
  ],
  [
    'silence is no success of a send',
    'confirmed, not moved',
    sending((_facts, answer) => (answer === 'IN_DOUBT' ? 'SETTLE' : undefined)),
  ],
  [
    'silence is no void',
    'rejected, yet moved',
    voiding((_facts, answer) => (answer === 'NO_ANSWER' ? 'REJECT' : undefined)),
  ],
  [
    'what moved before its void settles',
    'rejected, yet moved',
    voiding((_facts, answer) => (answer === 'MOVED' ? 'REJECT' : undefined)),
  ],
  ['the claim of a send looks at the state again', 'sent after its end', claimBlindTo('state')],
  ['the claim of a send looks at expiresAt again', 'sent after expiresAt', claimBlindTo('expiresAt')],
  ['the claim of a send looks at the mandate again', 'sent under a mandate that had ended', claimBlindTo('mandate')],
  ['the claim of a send looks at the stops again', 'sent under a stop', claimBlindTo('stops')],
  [
    'the claim of a send looks at a refusal that was kept',
    'sent again, though it was refused',
    claimBlindTo('refusal'),
  ],
  [
    'the claim of a void looks at the stops again',
    'voided under a stop',
    { voidClaim: { looksAt: new Set(['movements']) } },
  ],
  ['a refusal that is not believed yet is kept', 'sent again, though it was refused', { refusal: 'DROPPED' }],
  [
    'what was refused is not sent again',
    'tried for ever, and never sent or voided',
    inquiry((facts, answer) => ours.afterInquiry({ ...facts, refused: false }, answer)),
  ],
  [
    'what was refused is voided at once',
    'it was refused, and is not voided',
    inquiry((facts, answer) => (answer === 'UNKNOWN' && facts.refused && !expired(facts) ? 'ASK_LATER' : undefined)),
  ],
  [
    'a refusal of a bus that can not void is believed: it was sent to once only, or keeps what it refused',
    'voided for ever at a bus that can not',
    inquiry((facts, answer) =>
      answer === 'REFUSED' && !facts.core.keepsRefusals && !facts.stopped && !forgets(facts) ? 'VOID' : undefined,
    ),
  ],
  [
    'what is too old is not sent again',
    'tried for ever, and never sent or voided',
    inquiry((facts, answer) =>
      answer === 'UNKNOWN' && expired(facts) && !facts.stopped && !forgets(facts) ? 'SEND' : undefined,
    ),
  ],
  [
    'what a mandate no longer allows is not sent again',
    'tried for ever, and never sent or voided',
    inquiry((facts, answer) => ours.afterInquiry({ ...facts, mandateAllows: true }, answer)),
  ],
  [
    'what is stopped is only asked about',
    'voided under a stop',
    inquiry((facts, answer) => ours.afterInquiry({ ...facts, stopped: facts.stopped && !expired(facts) }, answer)),
  ],
  [
    'what the bus does not know is sent again while there is time',
    'it could be sent, and never is',
    inquiry((facts, answer) => (ours.afterInquiry(facts, answer) === 'SEND' ? 'ASK_LATER' : undefined)),
  ],
  [
    'what the bus does not know is voided past its time',
    'past its time, and not voided',
    inquiry((facts, answer) => (answer === 'UNKNOWN' && expired(facts) && !past(facts) ? 'ASK_LATER' : undefined)),
  ],
  [
    'what is unknown to a bus that can not void is people’s at expiresAt',
    'past its time, and people do not have what only they can end',
    inquiry((facts, answer) =>
      answer === 'UNKNOWN' && expired(facts) && !facts.core.canVoid && !past(facts) ? 'ASK_LATER' : undefined,
    ),
  ],
  [
    'what a mandate no longer allows is voided at once',
    'its mandate has ended, and it is not voided',
    inquiry((facts, answer) =>
      answer === 'UNKNOWN' && !facts.mandateAllows && !past(facts) ? 'ASK_LATER' : undefined,
    ),
  ],
  [
    'past resolveBy people have it',
    'past resolveBy, and nobody has it',
    inquiry((facts, answer) => (ours.afterInquiry(facts, answer) === 'PEOPLE' ? 'ASK_LATER' : undefined)),
  ],
  [
    'people are called only when their time has come',
    'people are called before its time',
    inquiry((_facts, answer) => (answer === 'NO_ANSWER' ? 'PEOPLE' : undefined)),
  ],
  [
    'people are not called for what the core can end',
    'left to people, though the core can end it',
    inquiry((facts, answer) => (answer === 'UNKNOWN' && expired(facts) ? 'PEOPLE' : undefined)),
  ],
];

/** The same after a restore, of what its creditor has claimed. */
const withoutOfClaimed: typeof without = [
  ['what its movement shows to have moved is only asked about', 'tried for ever, and never sent or voided', asAnyOther],
  [
    'it is not sent again, whatever time its new request has',
    'moved twice',
    { ...asAnyOther, ...claimBlindTo('movements') },
  ],
  [
    'it is neither voided nor rejected',
    'rejected, yet moved',
    {
      ...inquiry((facts, answer) => (answer === 'UNKNOWN' && expired(facts) && !facts.stopped ? 'VOID' : undefined)),
      voidClaim: { looksAt: new Set(['stops']) },
    },
  ],
];

const taking = (rules: typeof without, from: State): Mutation[] =>
  rules.map(([rule, breaks, change]) => ({ without: rule, breaks, rules: { ...ours, ...change }, from }));

export const mutations: readonly Mutation[] = [...taking(without, start), ...taking(withoutOfClaimed, claimedStart)];
