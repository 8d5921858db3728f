import { html } from 'hono/html';
import type { FoundDebit } from '../../debits/search.sql.ts';
import type { Dossier, Warning } from '../../mandates/dossier.ts';
import type { AuthorisationRequest, Debtor, Mandate } from '../../mandates/mandate.ts';
import { groupRib } from '../../values/rib.ts';
import { debitBadge, mandateBadge, reasonText } from '../look/badge.ts';
import { type Compared, callout, comparison, descriptions, differing, section, usageBar } from '../look/blocks.ts';
import { csvLink, emptyState, table } from '../look/table.ts';
import { amountText, type Content, dayText, instantText, link, ltr, nameText, ribText } from '../look/text.ts';
import type { Html } from '../page.ts';
import type { Words } from '../words/words.ts';

const periodCeiling = (words: Words, { periodCeiling: ceiling, period }: Mandate): Html =>
  html`${amountText(words, ceiling)} ${words.say(`mandates.per.${period}`)}`;

/** Whom it concerns, and what it allows. */
export function termsSection(words: Words, { mandate, debtor, replacedBy }: Dossier): Html {
  const named = (one: string | undefined, other: string | undefined): Content =>
    html`${[one, other].filter((name) => name !== undefined).map((name, index) => html`${index === 0 ? '' : html`<br>`}${nameText(name)}`)}`;
  const mandateLink = (mandateId: string): Content => link(`/mandates/${mandateId}`, ltr(mandateId));
  return section(
    words.say('mandates.terms'),
    descriptions([
      [words.say('mandates.employer'), named(debtor.nameFr, debtor.nameAr)],
      [words.say('mandates.employer-number'), ltr(mandate.employerNumber)],
      [words.say('mandates.rib'), ribText(debtor.rib)],
      ...(debtor.representativeFr === undefined && debtor.representativeAr === undefined
        ? []
        : [[words.say('mandates.representative'), named(debtor.representativeFr, debtor.representativeAr)] as const]),
      ...(debtor.phone === undefined ? [] : [[words.say('mandates.phone'), ltr(debtor.phone)] as const]),
      [words.say('mandates.creditor'), ltr(mandate.creditor)],
      [words.say('mandates.per-debit-ceiling'), amountText(words, mandate.perDebitCeiling)],
      [words.say('mandates.period-ceiling'), periodCeiling(words, mandate)],
      [words.say('mandates.valid-from'), dayText(words, mandate.validFrom)],
      [words.say('mandates.valid-to'), dayText(words, mandate.validTo)],
      [words.say('mandates.origin'), words.say(`mandates.origin.${mandate.origin}`)],
      [words.say('mandates.mandate'), ltr(mandate.mandateId)],
      ...(mandate.replaces === undefined
        ? []
        : [[words.say('mandates.replaces'), mandateLink(mandate.replaces)] as const, ...whyReplaced(words, mandate)]),
      ...(replacedBy === undefined ? [] : [[words.say('mandates.replaced-by'), mandateLink(replacedBy)] as const]),
    ]),
  );
}

/** Why a mandate is to replace another: what the creditor is told, and the bank's own words. */
export const whyReplaced = (
  words: Words,
  { replaceReason, replaceRemark }: Pick<AuthorisationRequest, 'replaceReason' | 'replaceRemark'>,
): (readonly [string, Content])[] => [
  ...(replaceReason === undefined
    ? []
    : [[words.say('mandates.replace-told'), words.say(`mandates.reason.${replaceReason}`)] as const]),
  ...(replaceRemark === undefined ? [] : [[words.say('mandates.replace-remark'), nameText(replaceRemark)] as const]),
];

/** What is used of the ceiling in the period that runs: the chain's counter, the same that decides each debit. */
export function usageSection(words: Words, { mandate, usage }: Dossier): Content {
  if (usage === undefined) return '';
  const label = words.say(`mandates.used-in.${usage.period}`, { since: words.day(usage.since) });
  return section(
    words.say('mandates.usage'),
    html`${usageBar(words, { label, used: usage.used, ceiling: mandate.periodCeiling })}
<p>${words.say('mandates.per-debit-ceiling')} ${amountText(words, mandate.perDebitCeiling)}</p>`,
  );
}

export const warningCallout = (words: Words, warning: Warning): Html => {
  switch (warning.warning) {
    case 'MONTH_OVER_CEILING':
      return callout(
        'warning',
        words.say('mandates.warning.month'),
        words.say('mandates.warning.month-text', {
          month: words.month(warning.month),
          settled: words.amount(warning.settled),
          ceiling: words.amount(warning.ceiling),
        }),
      );
    case 'DEBIT_OVER_CEILING':
      return callout(
        'warning',
        words.say('mandates.warning.debit'),
        words.say('mandates.warning.debit-text', {
          largest: words.amount(warning.largestDebit),
          ceiling: words.amount(warning.ceiling),
        }),
      );
    case 'ENDS_SOON':
      return callout(
        'warning',
        words.say('mandates.warning.ends', { days: warning.days }),
        words.say('mandates.warning.ends-text', { day: words.day(warning.validTo) }),
      );
  }
};

/** Beside the one that it replaces: what changes. */
export function comparisonSection(words: Words, { mandate, debtor, replaced }: Dossier): Content {
  if (replaced === undefined) return '';
  const { mandate: old, debtor: oldDebtor } = replaced;
  const line = (label: string, one: string, other: string, shown: (text: string) => Content = nameText): Compared => ({
    label,
    values: [shown(one), shown(other)],
    same: one === other,
  });
  const name = (label: string, of: (from: Debtor) => string | undefined): Compared => {
    const [one, other] = [(oldDebtor && of(oldDebtor)) ?? '', of(debtor) ?? ''];
    return { label, values: [differing(one, other), differing(other, one)], same: one === other };
  };
  const caption = words.say('mandates.comparison');
  return section(
    caption,
    html`${oldDebtor === undefined ? html`<p>${words.say('mandates.old-elsewhere')}</p>` : ''}${comparison(
      words,
      caption,
      [words.say('mandates.old'), words.say('mandates.this-one')],
      [
        ...(oldDebtor === undefined
          ? []
          : [
              name(words.say('mandates.name-fr'), ({ nameFr }) => nameFr),
              name(words.say('mandates.name-ar'), ({ nameAr }) => nameAr),
              line(words.say('mandates.rib'), groupRib(oldDebtor.rib), groupRib(debtor.rib), ltr),
            ]),
        line(
          words.say('mandates.per-debit-ceiling'),
          words.amount(old.perDebitCeiling),
          words.amount(mandate.perDebitCeiling),
        ),
        line(
          words.say('mandates.period-ceiling'),
          `${words.amount(old.periodCeiling)} ${words.say(`mandates.per.${old.period}`)}`,
          `${words.amount(mandate.periodCeiling)} ${words.say(`mandates.per.${mandate.period}`)}`,
        ),
        line(words.say('mandates.valid-from'), words.day(old.validFrom), words.day(mandate.validFrom)),
        line(words.say('mandates.valid-to'), words.day(old.validTo), words.day(mandate.validTo)),
      ],
      'replaced',
    )}`,
    html`${mandateBadge(words, replaced.state)} ${oldDebtor === undefined ? '' : link(`/mandates/${old.mandateId}`, words.say('mandates.open-old'))}`,
  );
}

/** The last of its debits; the search has them all. */
export const debitsSection = (words: Words, { mandate }: Dossier, debits: readonly FoundDebit[]): Html =>
  section(
    words.say('mandates.debits'),
    table<FoundDebit>({
      caption: words.say('mandates.last-debits'),
      captionHidden: true,
      rows: debits,
      empty: emptyState({ title: words.say('mandates.no-debits'), advice: words.say('mandates.no-debits-advice') }),
      columns: [
        {
          heading: words.say('mandates.end-to-end-id'),
          names: true,
          cell: ({ debitId, endToEndId }) => link(`/debits/${debitId}`, ltr(endToEndId)),
        },
        { heading: words.say('mandates.received-at'), cell: ({ receivedAt }) => instantText(words, receivedAt) },
        {
          heading: words.say('mandates.amount'),
          numeric: true,
          cell: ({ amount }) => (amount === undefined ? '' : amountText(words, amount)),
        },
        { heading: words.say('mandates.state'), cell: ({ state }) => debitBadge(words, state) },
        {
          heading: words.say('mandates.reason'),
          cell: ({ reason }) => (reason === undefined ? '' : reasonText(words, reason)),
        },
      ],
    }),
    debits.length === 0
      ? ''
      : html`<div class="panel-links">${link(`/debits?mandate=${mandate.mandateId}`, words.say('mandates.all-debits'))} ${csvLink(words, { path: '/debits/export', query: new URLSearchParams({ mandate: mandate.mandateId }) })}</div>`,
  );
