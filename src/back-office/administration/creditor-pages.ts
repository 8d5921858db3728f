import { html } from 'hono/html';
import { proposalsOf } from '../../approvals/look-up.ts';
import { stateAt } from '../../approvals/proposal.ts';
import {
  type CertificateLine,
  type CreditorLine,
  certificatesOf,
  creditorsOf,
  lookUpCreditor,
  type SigningKeyLine,
  signingKeyLinesOf,
} from '../../clients/look-up.ts';
import { type CreditorCode, parseCreditorCode } from '../../values/ids.ts';
import { callout, details, section } from '../look/blocks.ts';
import { emptyState, table } from '../look/table.ts';
import { buttonLink, instantText, link, ltr, nameText, ribText } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import {
  type AdministrationParts,
  exportLink,
  factSection,
  isAdministrator,
  notFound,
  page,
  standingBadge,
  standingOf,
  untilText,
  withdrawLink,
} from './shared.ts';

/** Every creditor, and what it proves itself with. */
export async function creditorsPage({ db }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const rows = await creditorsOf(db);
  const content = html`
${isAdministrator(visit) ? html`<div class="mb-3">${buttonLink('/administration/creditors/new', words.say('administration.new-creditor'), 'primary')}</div>` : ''}
${exportLink(visit, '/administration/creditors/export')}
${table<CreditorLine>({
  caption: words.say('administration.tab.creditors'),
  captionHidden: true,
  rows,
  empty: emptyState({
    title: words.say('administration.no-creditors'),
    advice: words.say('administration.no-creditors-text'),
  }),
  mark: ({ certificates, signingKeys }) => (certificates === 0 || signingKeys === 0 ? 'danger' : undefined),
  columns: [
    {
      heading: words.say('administration.creditor'),
      names: true,
      cell: ({ creditorCode }) => link(`/administration/creditors/${creditorCode}`, ltr(creditorCode)),
    },
    {
      heading: words.say('administration.name'),
      cell: ({ nameFr, nameAr }) => nameText(words.language === 'ar' ? nameAr : nameFr),
    },
    {
      heading: words.say('administration.certificate-until'),
      cell: ({ certificateUntil }) => untilText(words, certificateUntil, now),
    },
    {
      heading: words.say('administration.key-until'),
      cell: ({ signingKeyUntil }) => untilText(words, signingKeyUntil, now),
    },
  ],
})}`;
  return page(visit, 'creditors', words.say('administration.tab.creditors'), content);
}

/** A creditor: its account, its certificates and its signing keys, each with what can be done to it. */
export async function creditorPage({ db }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const creditorCode = parseCreditorCode(visit.params.creditorCode ?? '');
  const creditor = creditorCode && (await lookUpCreditor(db, creditorCode));
  if (creditor === undefined) return notFound(visit, 'creditors');
  const path = `/administration/creditors/${creditor.creditorCode}`;
  const account = (await proposalsOf(db, creditor.creditorCode)).find(
    (one) => one.kind === 'creditor.account' && stateAt(one, now) === 'WAITING',
  );
  const may = isAdministrator(visit);
  const content = html`
${factSection(
  words,
  [
    [words.say('administration.creditor'), ltr(creditor.creditorCode)],
    [words.say('administration.name-fr'), nameText(creditor.nameFr)],
    [words.say('administration.name-ar'), nameText(creditor.nameAr)],
    [words.say('administration.account'), ribText(creditor.collectionAccount)],
    [words.say('administration.registered-at'), instantText(words, creditor.registeredAt)],
  ],
  may && account === undefined ? buttonLink(`${path}/account`, words.say('administration.change-account')) : '',
)}
${
  account === undefined
    ? ''
    : callout(
        'info',
        words.say('administration.account-waits'),
        link(`/approvals/${account.proposalId}`, words.say('administration.to-approval')),
      )
}
${section(
  words.say('administration.certificates'),
  html`${exportLink(visit, `${path}/certificates/export`)}${certificateTable(visit, creditor.creditorCode, await certificatesOf(db, creditor.creditorCode))}`,
  may ? buttonLink(`${path}/certificates/new`, words.say('administration.new-certificate')) : '',
)}
${section(
  words.say('administration.signing-keys'),
  html`${exportLink(visit, `${path}/signing-keys/export`)}${keyTable(visit, creditor.creditorCode, await signingKeyLinesOf(db, creditor.creditorCode))}`,
  may ? buttonLink(`${path}/signing-keys/new`, words.say('administration.new-key')) : '',
)}
${details(words.say('administration.rotation'), html`<p>${words.say('administration.rotation-text')}</p>`)}`;
  return page(
    visit,
    'creditors',
    words.say('administration.creditor-title', { creditor: creditor.creditorCode }),
    content,
  );
}

function certificateTable(visit: Visit, creditor: CreditorCode, rows: readonly CertificateLine[]): Html {
  const { words, now } = visit;
  const standing = (line: CertificateLine) => standingOf({ ...line, from: line.notBefore, until: line.notAfter }, now);
  return table<CertificateLine>({
    caption: words.say('administration.certificates'),
    captionHidden: true,
    rows,
    empty: emptyState({
      title: words.say('administration.no-certificates'),
      advice: words.say('administration.no-certificates-text'),
    }),
    columns: [
      {
        heading: words.say('administration.subject'),
        names: true,
        cell: ({ subject, thumbprint }) => html`${ltr(subject)}<br><small>${ltr(groups(thumbprint))}</small>`,
      },
      { heading: words.say('administration.valid-from'), cell: ({ notBefore }) => instantText(words, notBefore) },
      {
        heading: words.say('administration.valid-until'),
        cell: (line) =>
          standing(line) === 'VALID' ? untilText(words, line.notAfter, now) : instantText(words, line.notAfter),
      },
      { heading: words.say('administration.standing'), cell: (line) => standingBadge(words, standing(line)) },
      {
        heading: words.say('administration.withdraw'),
        quiet: true,
        cell: (line) =>
          line.withdrawnAt === undefined
            ? withdrawLink(
                visit,
                `/administration/creditors/${creditor}/certificates/${line.thumbprint}/withdrawal`,
                line.subject,
              )
            : '',
      },
    ],
  });
}

function keyTable(visit: Visit, creditor: CreditorCode, rows: readonly SigningKeyLine[]): Html {
  const { words, now } = visit;
  const standing = (line: SigningKeyLine) => standingOf({ ...line, from: line.validFrom, until: line.validUntil }, now);
  return table<SigningKeyLine>({
    caption: words.say('administration.signing-keys'),
    captionHidden: true,
    rows,
    empty: emptyState({ title: words.say('administration.no-keys'), advice: words.say('administration.no-keys-text') }),
    columns: [
      {
        heading: words.say('administration.thumbprint'),
        names: true,
        cell: ({ thumbprint, algorithm }) => html`${ltr(thumbprint)}<br><small>${ltr(algorithm)}</small>`,
      },
      { heading: words.say('administration.scopes'), cell: ({ scopes }) => scopesText(visit, scopes) },
      {
        heading: words.say('administration.valid-until'),
        cell: (line) =>
          standing(line) === 'VALID' ? untilText(words, line.validUntil, now) : instantText(words, line.validUntil),
      },
      { heading: words.say('administration.standing'), cell: (line) => standingBadge(words, standing(line)) },
      {
        heading: words.say('administration.record'),
        cell: ({ thumbprint }) =>
          link(
            `/administration/creditors/${creditor}/signing-keys/${thumbprint}/record`,
            words.say('administration.record-file'),
          ),
      },
      {
        heading: words.say('administration.withdraw'),
        quiet: true,
        cell: (line) =>
          line.withdrawnAt === undefined
            ? withdrawLink(
                visit,
                `/administration/creditors/${creditor}/signing-keys/${line.thumbprint}/withdrawal`,
                line.thumbprint,
              )
            : '',
      },
    ],
  });
}

/** The creditor's signed record as it was kept: the proof that it asked for the key itself. */
export async function recordFile({ db }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const creditorCode = parseCreditorCode(visit.params.creditorCode ?? '');
  const keys = creditorCode === undefined ? [] : await signingKeyLinesOf(db, creditorCode);
  const key = keys.find(({ thumbprint }) => thumbprint === visit.params.thumbprint);
  if (key === undefined) return notFound(visit, 'creditors');
  return {
    answer: 'FILE',
    type: 'application/jose',
    name: `${creditorCode}-${key.thumbprint}.jws`,
    content: Buffer.from(key.registration),
  };
}

export const scopesText = ({ words }: Visit, scopes: readonly ('mandates' | 'debits' | 'reversals')[]): string =>
  scopes.map((scope) => words.say(`administration.scope.${scope}`)).join(' · ');

/** A thumbprint in groups of eight, so that two people can compare it aloud. */
export const groups = (thumbprint: string): string => thumbprint.match(/.{1,8}/g)?.join(' ') ?? thumbprint;
