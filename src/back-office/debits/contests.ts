import { html } from 'hono/html';
import { type Contest, selectContest } from '../../debits/contest.sql.ts';
import { openContest, parseContestId, proposeContestRefusal } from '../../debits/contest.ts';
import type { DebitFile } from '../../debits/file.ts';
import { debitBadge } from '../look/badge.ts';
import { callout, descriptions, lead } from '../look/blocks.ts';
import { textareaField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, submitButton } from '../look/form.ts';
import { amountText, buttonLink } from '../look/text.ts';
import type { BackOfficePage, Html, PageAnswer, Visit } from '../page.ts';
import type { WordKey } from '../words/words.ts';
import { contestEntries } from './attention.ts';
import { noSuchDebit, withFile } from './debit.ts';
import { proposerOf } from './ending.ts';
import { type DebitPageParts, debitPath, proposalPath, workers } from './parts.ts';
import { namesFor, peopleOf } from './people.ts';

const contestPath = (debitId: string) => `${debitPath(debitId)}/contest`;
const refusalPath = (debitId: string, contestId: string) => `${debitPath(debitId)}/contests/${contestId}`;

/** A debtor's contest: taken down by one, refused by two with a reason; the creditor's reversal ends it by itself. */
export function contestPages(parts: DebitPageParts): BackOfficePage[] {
  const opening = { path: contestPath(':debitId'), section: 'debits', roles: workers } as const;
  const refusing = { ...opening, path: refusalPath(':debitId', ':contestId') } as const;
  return [
    { ...opening, method: 'GET', run: (visit) => withFile(parts, visit, (file) => openingPage(visit, file, {})) },
    { ...opening, method: 'POST', run: (visit) => sendOpening(parts, visit) },
    {
      ...refusing,
      method: 'GET',
      run: (visit) => withContest(parts, visit, (contest) => refusalPage(parts, visit, contest, {})),
    },
    { ...refusing, method: 'POST', run: (visit) => sendRefusal(parts, visit) },
  ];
}

function openingPage(visit: Visit, { debit, contests }: DebitFile, faults: Faults): PageAnswer {
  const { words } = visit;
  const contestable = debit.state === 'SETTLED' && contests.every(({ endedAt }) => endedAt !== undefined);
  return {
    answer: 'PAGE',
    status: !contestable ? 409 : Object.keys(faults).length > 0 ? 422 : 200,
    title: words.say('debits.contest-opening-title', { reference: debit.endToEndId }),
    content: html`${lead(debitBadge(words, debit.state), debit.terms === undefined ? '' : amountText(words, debit.terms.amount))}
${
  contestable
    ? html`${callout('info', words.say('debits.contest-rule'), words.say('debits.contest-advice'))}${textForm(visit, {
        action: contestPath(debit.debitId),
        back: debitPath(debit.debitId),
        faults,
        label: 'debits.contest-claim',
        hint: 'debits.contest-claim-hint',
        submit: 'debits.open-contest',
      })}`
    : callout('warning', words.say('debits.not-contestable'))
}`,
    read: [{ kind: 'debit.read', subjectId: debit.debitId }],
  };
}

const sendOpening = (parts: DebitPageParts, visit: Visit): Promise<PageAnswer> =>
  withFile(parts, visit, async (file) => {
    const { words } = visit;
    const { debitId } = file.debit;
    const text = remarkIn(visit);
    if (text === undefined) return openingPage(visit, file, { remark: words.say('debits.fault.remark') });
    const opened = await openContest(parts.db, debitId, proposerOf(visit, text), parts.config.contestTermDays);
    switch (opened.outcome) {
      case 'OPENED':
        return { answer: 'GO', to: debitPath(debitId), notice: words.say('debits.contest-opened') };
      case 'ALREADY_OPEN':
      case 'NOT_SETTLED':
        return { answer: 'GO', to: debitPath(debitId), notice: words.say('debits.not-contestable') };
      case 'NOT_FOUND':
        return noSuchDebit(visit);
    }
  });

async function refusalPage(parts: DebitPageParts, visit: Visit, contest: Contest, faults: Faults): Promise<PageAnswer> {
  const { words } = visit;
  const named = await namesFor(parts, peopleOf([contest]));
  const open = contest.endedAt === undefined;
  return {
    answer: 'PAGE',
    status: !open ? 409 : Object.keys(faults).length > 0 ? 422 : 200,
    title: words.say('debits.contest-refusal-title', { reference: contest.endToEndId }),
    content: html`${lead(debitBadge(words, contest.state), amountText(words, contest.amount))}
${descriptions(contestEntries(words, contest, named))}
${
  open
    ? html`${callout('info', words.say('debits.refusal-rule'), words.say('debits.refusal-advice'))}${textForm(visit, {
        action: refusalPath(contest.debitId, contest.contestId),
        back: debitPath(contest.debitId),
        faults,
        label: 'debits.refusal',
        hint: 'debits.refusal-hint',
        submit: 'debits.propose-refusal',
      })}`
    : callout('warning', words.say('debits.contest-ended'))
}`,
    read: [{ kind: 'debit.read', subjectId: contest.debitId }],
  };
}

const sendRefusal = (parts: DebitPageParts, visit: Visit): Promise<PageAnswer> =>
  withContest(parts, visit, async (contest) => {
    const { words } = visit;
    const text = remarkIn(visit);
    if (text === undefined) return refusalPage(parts, visit, contest, { remark: words.say('debits.fault.remark') });
    const proposed = await proposeContestRefusal(parts.db, contest.contestId, proposerOf(visit, text));
    switch (proposed.outcome) {
      case 'PROPOSED':
        return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.proposed') };
      case 'ALREADY_WAITING':
        return { answer: 'GO', to: proposalPath(proposed.proposalId), notice: words.say('debits.already-proposed') };
      case 'NOT_FOUND':
        return noSuchDebit(visit);
      case 'ENDED':
        return { answer: 'GO', to: debitPath(contest.debitId), notice: words.say('debits.contest-ended') };
    }
  });

const remarkIn = ({ form: sent }: Visit): string | undefined => {
  const text = (sent.get('remark') ?? '').trim();
  return text === '' || text.length > 500 ? undefined : text;
};

type TextForm = { action: string; back: string; faults: Faults; label: WordKey; hint: WordKey; submit: WordKey };

const textForm = (visit: Visit, { action, back, faults, label, hint, submit }: TextForm): Html => {
  const { words } = visit;
  const field = textareaField({
    name: 'remark',
    label: words.say(label),
    hint: words.say(hint),
    value: visit.form.get('remark') ?? '',
    fault: faults.remark,
    maxLength: 500,
    rows: 5,
    required: true,
  });
  const buttons = actions(submitButton({ label: words.say(submit) }), buttonLink(back, words.say('common.cancel')));
  return form({ visit, action, content: html`${faultSummary(words, faults)}${field}${buttons}` });
};

async function withContest(
  { db }: DebitPageParts,
  visit: Visit,
  answer: (contest: Contest) => PageAnswer | Promise<PageAnswer>,
): Promise<PageAnswer> {
  const contestId = parseContestId(visit.params.contestId ?? '');
  const contest = contestId && (await selectContest(db, contestId, visit.staff.agencies));
  return contest === undefined || contest.debitId !== visit.params.debitId ? noSuchDebit(visit) : answer(contest);
}
