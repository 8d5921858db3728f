import { html } from 'hono/html';
import { amountInWords } from '../../documents/amount-in-words.ts';
import type { AccountSaid, AskedField, Review } from '../../mandates/review.ts';
import { type Centimes, parseTypedAmount } from '../../values/centimes.ts';
import { parseDay } from '../../values/dates.ts';
import { agencyOf, parseRib } from '../../values/rib.ts';
import { type AgencyNames, agencyText } from '../agencies.ts';
import { badge, mandateBadge } from '../look/badge.ts';
import { type Compared, callout, comparison, descriptions, differing, lead, section } from '../look/blocks.ts';
import {
  amountText,
  buttonLink,
  type Content,
  dayText,
  instantText,
  link,
  ltr,
  nameText,
  printLink,
  ribText,
} from '../look/text.ts';
import { type Named, reasonWords } from '../mandates/life.ts';
import { warningCallout, whyReplaced } from '../mandates/sections.ts';
import type { Html, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { bankNames } from './bank-names.ts';
import { requestPath } from './shared.ts';

/** A review with the names of the staff that had a part in it, and of the agencies. */
export type Shown = Review & { named: Named; agencies: AgencyNames };

/** What it is, and how it stands; what was said of it, and what asks to be looked at. */
export function standing({ words, now }: Pick<Visit, 'words' | 'now'>, review: Shown): Html {
  const { mandate, state, source, remarks, certifiableUntil } = review;
  const sentBack = mandate.state === 'DRAFT' ? remarks.findLast(({ about }) => about === 'send-back') : undefined;
  const refused = mandate.state === 'REFUSED' ? remarks.findLast(({ about }) => about === 'refusal') : undefined;
  const from = source?.source ?? 'BANK';
  return html`${lead(mandateBadge(words, state), ltr(mandate.creditor), words.say(`requests.source.${from}`), mandate.requestReference === undefined ? '' : ltr(mandate.requestReference))}
${state === 'EXPIRED' ? callout('warning', words.say('requests.expired'), words.say('requests.expired-advice')) : ''}
${sentBack === undefined ? '' : callout('warning', words.say('requests.was-sent-back'), html`<blockquote class="mb-0">${nameText(sentBack.remark)}</blockquote><p class="mb-0">${review.named(sentBack.writtenBy)} · ${instantText(words, sentBack.writtenAt)}</p>`)}
${refused === undefined ? '' : callout('danger', words.say('requests.was-refused'), html`<blockquote class="mb-0">${nameText(refused.remark)}</blockquote><p class="mb-0">${review.named(refused.writtenBy)} · ${instantText(words, refused.writtenAt)}</p>`)}
${certifiableUntil !== undefined && now > certifiableUntil ? callout('warning', words.say('requests.too-late'), words.say('requests.too-late-advice')) : ''}
${review.warnings.map((warning) => warningCallout(words, warning))}`;
}

/** What the employer asks for, as the certificate would say it. */
export function termsSection(words: Words, review: Shown): Html {
  const { agencies, mandate, debtor, waitsUntil, certifiableUntil, state } = review;
  const amount = (centimes: Centimes, period: Content = ''): Content => {
    const said = amountInWords(centimes);
    return html`${amountText(words, centimes)} ${period}<span class="d-block form-text"><bdi lang="fr" dir="ltr">${said.fr}</bdi></span><span class="d-block form-text"><bdi lang="ar" dir="rtl">${said.ar}</bdi></span>`;
  };
  const name = (key: Parameters<Words['say']>[0], text: string | undefined) =>
    text === undefined ? [] : [[words.say(key), nameText(text)] as const];
  const bank = debtor.rib.slice(0, 3);
  return section(
    words.say('requests.terms'),
    descriptions([
      [words.say('requests.field.nameFr'), nameText(debtor.nameFr)],
      [words.say('requests.field.nameAr'), nameText(debtor.nameAr)],
      [words.say('requests.field.employerNumber'), ltr(mandate.employerNumber)],
      [
        words.say('requests.field.rib'),
        html`${ribText(debtor.rib)}<span class="form-text d-block">${words.say('requests.rib-of', { bank: bankNames[bank] ?? bank, agency: agencyText(words, agencies, agencyOf(debtor.rib)) })}</span>`,
      ],
      ...name('requests.field.representativeFr', debtor.representativeFr),
      ...name('requests.field.representativeAr', debtor.representativeAr),
      ...(debtor.phone === undefined ? [] : [[words.say('requests.field.phone'), ltr(debtor.phone)] as const]),
      [words.say('requests.field.creditor'), ltr(mandate.creditor)],
      [words.say('requests.field.perDebitCeiling'), amount(mandate.perDebitCeiling)],
      [
        words.say('requests.field.periodCeiling'),
        amount(mandate.periodCeiling, words.say(`requests.period.${mandate.period}`)),
      ],
      [words.say('requests.field.validFrom'), dayText(words, mandate.validFrom)],
      [words.say('requests.field.validTo'), dayText(words, mandate.validTo)],
      ...(mandate.replaces === undefined
        ? []
        : [
            [
              words.say('requests.field.replaces'),
              link(`/mandates/${mandate.replaces}`, ltr(mandate.replaces)),
            ] as const,
            ...whyReplaced(words, mandate),
          ]),
      ...(mandate.origin === 'CREDITOR'
        ? [[words.say('requests.field.handOver'), words.say(mandate.handOver ? 'common.yes' : 'common.no')] as const]
        : []),
      ...(certifiableUntil === undefined
        ? []
        : [[words.say('requests.certifiable-until'), instantText(words, certifiableUntil)] as const]),
      ...(state === 'DRAFT' || state === 'PENDING_CERTIFICATION'
        ? [[words.say('requests.waits-until'), dayText(words, waitsUntil)] as const]
        : []),
    ]),
  );
}

/** The account as the core banking system has it, beside what the employer wrote. */
export function accountSection(words: Words, { account, debtor, mandate }: Review): Html {
  return section(words.say('requests.account'), accountContent(words, account, debtor, requestPath(mandate.mandateId)));
}

function accountContent(words: Words, account: AccountSaid, debtor: Review['debtor'], here: string): Html {
  switch (account.outcome) {
    case 'UNREACHABLE':
      return html`${callout('warning', words.say('requests.account-unreachable'), words.say('requests.account-unreachable-advice'))}
<div class="actions">${buttonLink(here, words.say('requests.try-again'))}</div>`;
    case 'UNKNOWN':
      return callout('danger', words.say('requests.account-unknown'), words.say('requests.account-unknown-advice'));
    case 'FOUND': {
      // Beside a holder in Latin letters alone there is nothing to compare an Arabic name with, and the other way round.
      const beside = (name: string, script: RegExp) =>
        script.test(account.holder) ? differing(name, account.holder) : nameText(name);
      const written = html`${beside(debtor.nameFr, /\p{Script=Latin}/u)}<br>${beside(debtor.nameAr, /\p{Script=Arabic}/u)}`;
      const both = `${debtor.nameFr} ${debtor.nameAr}`;
      const lines: Compared[] = [
        {
          label: words.say('requests.holder'),
          values: account.sameHolder
            ? [html`${nameText(debtor.nameFr)}<br>${nameText(debtor.nameAr)}`, nameText(account.holder)]
            : [written, differing(account.holder, both)],
          same: account.sameHolder,
        },
        {
          label: words.say('requests.account-state'),
          values: [words.say('requests.account.OPEN'), accountState(words, account.status)],
          same: account.status === 'OPEN',
        },
      ];
      const sources = [words.say('requests.as-written'), words.say('requests.as-account')];
      return html`${account.sameHolder ? '' : callout('warning', words.say('requests.holder-differs'), words.say('requests.holder-differs-advice'))}
${account.status === 'OPEN' ? '' : callout('danger', words.say(`requests.account-is.${account.status}`), words.say('requests.account-not-open-advice'))}
${comparison(words, words.say('requests.account'), sources, lines, 'account')}`;
    }
  }
}

const accountState = (words: Words, status: 'OPEN' | 'BLOCKED' | 'CLOSED'): Html =>
  badge(status === 'OPEN' ? 'good' : 'bad', words.say(`requests.account.${status}`));

/** What the file or the creditor said, where staff or the paper say otherwise now. Nothing for what was typed. */
export function sourceSection(words: Words, { source, asked }: Review): Content {
  if (source === undefined) return '';
  const heading = words.say(`requests.beside.${source.source}`);
  const lines = asked.map(
    (line): Compared => ({
      label: words.say(`requests.field.${line.field}`),
      values: [fieldText(words, line.field, line.asked), fieldText(words, line.field, line.now)],
      same: line.asked === line.now,
    }),
  );
  const different = lines.filter(({ same }) => !same).length;
  return section(
    heading,
    html`<p>${words.say('requests.differing-fields', { count: different })}</p>
${comparison(words, heading, [words.say(`requests.said-by.${source.source}`), words.say('requests.as-now')], lines, 'source')}`,
  );
}

function fieldText(words: Words, field: AskedField['field'], text: string): Content {
  if (text === '') return words.say('common.none');
  switch (field) {
    case 'nameFr':
    case 'nameAr':
    case 'representativeFr':
    case 'representativeAr':
    case 'replaceRemark':
      return nameText(text);
    case 'replaceReason':
      return reasonWords(words, text);
    case 'rib': {
      const rib = parseRib(text);
      return rib === undefined ? ltr(text) : ribText(rib);
    }
    case 'perDebitCeiling':
    case 'periodCeiling': {
      const amount = parseTypedAmount(text);
      return amount === undefined ? ltr(text) : amountText(words, amount);
    }
    case 'period':
      return text === 'MONTH' || text === 'QUARTER' || text === 'YEAR'
        ? words.say(`requests.period.${text}`)
        : ltr(text);
    case 'handOver':
      return words.say('common.yes');
    case 'validFrom':
    case 'validTo': {
      const day = parseDay(text);
      return day === undefined ? ltr(text) : dayText(words, day);
    }
    case 'creditor':
    case 'employerNumber':
    case 'phone':
    case 'replaces':
      return ltr(text);
  }
}

/** The signed form: an image beside what was typed of it, a PDF in its own tab. */
export function scanSection(words: Words, { scans, mandate, named }: Shown, attach: Content): Html {
  const [scan, ...older] = scans;
  const address = (digest: string) => requestPath(mandate.mandateId, `scans/${digest}`);
  const shown =
    scan === undefined
      ? html`<p>${words.say('requests.no-scan')}</p>`
      : html`<p>${words.say('requests.scan-attached')} ${instantText(words, scan.attachedAt)} · ${named(scan.attachedBy)}</p>
${scan.mediaType === 'application/pdf' ? '' : html`<p><a href="${address(scan.digest)}"><img class="img-fluid border" src="${address(scan.digest)}" alt="${words.say('requests.scan-alt')}"></a></p>`}
<p>${printLink(words, address(scan.digest), words.say('requests.scan-open'))}</p>
<p class="form-text">${words.say('requests.scan-digest')} ${ltr(scan.digest)}</p>
${older.length === 0 ? '' : html`<p>${words.say('requests.scans-older')}</p><ul>${older.map((one) => html`<li>${link(address(one.digest), instantText(words, one.attachedAt))} · ${named(one.attachedBy)}</li>`)}</ul>`}`;
  return section(words.say('requests.scan'), html`${shown}${attach}`);
}
