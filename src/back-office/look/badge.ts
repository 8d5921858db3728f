import { html } from 'hono/html';
import type { DebitState } from '../../debits/debit.ts';
import type { MandateState } from '../../mandates/mandate.ts';
import type { ReasonCode } from '../../values/reasons.ts';
import type { Html } from '../page.ts';
import type { Words } from '../words/words.ts';
import { ltr } from './text.ts';

/** How a thing stands: done well, under way, to be looked at, ended badly, or over. Each has a mark of its own beside its colour. */
export type Tone = 'good' | 'going' | 'attention' | 'bad' | 'over';

export const badge = (tone: Tone, text: string): Html => html`<span class="state state-${tone}">${text}</span>`;

const mandateTones: Record<MandateState, Tone> = {
  DRAFT: 'going',
  PENDING_CERTIFICATION: 'attention',
  CERTIFIED: 'going',
  ACTIVE: 'good',
  SUSPENDED: 'attention',
  REVOKED: 'over',
  REPLACED: 'over',
  REFUSED: 'bad',
  EXPIRED: 'over',
};

export const mandateBadge = (words: Words, state: MandateState): Html =>
  badge(mandateTones[state], words.say(`common.mandate.${state}`));

const debitTones: Record<DebitState, Tone> = {
  SCHEDULED: 'going',
  ACCEPTED: 'going',
  EXECUTING: 'going',
  IN_DOUBT: 'attention',
  SETTLED: 'good',
  REJECTED: 'bad',
  CANCELLED: 'over',
  REVERSED: 'over',
};

export const debitBadge = (words: Words, state: DebitState): Html =>
  badge(debitTones[state], words.say(`common.debit.${state}`));

/** A reason's code, and what it means. */
export const reasonText = (words: Words, code: ReasonCode): Html =>
  html`${ltr(code)} – ${words.say(`common.reason.${code}`)}`;
