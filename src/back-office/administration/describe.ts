import { html } from 'hono/html';
import type { Proposal } from '../../approvals/proposal.ts';
import { changeOf } from '../../calendar/change.ts';
import { readClientCertificate } from '../../clients/certificates.ts';
import { type RegistryChange, registryChangeOf } from '../../clients/registry-change.ts';
import { readSigningKey } from '../../clients/signing-keys.ts';
import { lookUpStop, underWayOf } from '../../stops/look-up.ts';
import { unaccountedOf } from '../../stops/start-again.ts';
import { parseStopId, type Unaccounted } from '../../stops/stop.ts';
import { addDays, algiersDay, parseDay } from '../../values/dates.ts';
import { type CreditorCode, parseCreditorCode } from '../../values/ids.ts';
import { askedWebhookOf } from '../../webhooks/register.ts';
import type { Description } from '../approvals/kind.ts';
import { dayText, instantText, ltr, nameText, ribText } from '../look/text.ts';
import type { Html, Visit } from '../page.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import { closedText, weekendText } from './calendar-page.ts';
import { groups, scopesText } from './creditor-pages.ts';
import { comparesIt, isToCompare } from './first-key.ts';
import type { AdministrationParts } from './shared.ts';
import { seesHeld } from './stop-roles.ts';
import { remarkText, stopLine, stopperText } from './stop-words.ts';
import { addressRows } from './webhook-pages.ts';

type Rows = Description['rows'];

export async function describeStart(
  { db }: AdministrationParts,
  visit: Visit,
  { subjectId = '', content }: Proposal,
): Promise<Description> {
  const { words, staff } = visit;
  const stopId = parseStopId(subjectId);
  const stop = stopId && (await lookUpStop(db, stopId, staff.agencies));
  if (stop === undefined) return { rows: [], subject: undefined };
  const { waiting, inDoubt } = await underWayOf(db, stop);
  const names = await selectStaffNames(db, [stop.stoppedBy]);
  return {
    rows: [
      { label: words.say('administration.what-stopped'), value: stopLine(visit, stop) },
      { label: words.say('administration.stopped-at'), value: instantText(words, stop.stoppedAt) },
      { label: words.say('administration.stopped-by'), value: nameText(stopperText(words, names, stop)) },
      { label: words.say('administration.stop-reason'), value: nameText(remarkText(words, stop)) },
      ...unaccountedRows(visit, unaccountedOf(content)),
      ...(seesHeld(visit, stop.scope)
        ? [
            { label: words.say('administration.waiting'), value: words.number(waiting) },
            { label: words.say('administration.in-doubt'), value: words.number(inDoubt) },
          ]
        : []),
    ],
    subject: { text: words.say('administration.stop-title'), to: `/stops/${stop.stopId}` },
  };
}

/** What a restore has left open, which whoever approves takes upon themselves. */
const unaccountedRows = ({ words }: Visit, { unclaimed, unexplained }: Unaccounted): Rows => [
  ...(unclaimed === 0
    ? []
    : [{ label: words.say('administration.restored-unclaimed'), value: words.number(unclaimed) }]),
  ...(unexplained === 0
    ? []
    : [{ label: words.say('administration.restored-unexplained'), value: words.number(unexplained) }]),
];

export async function describeRegistryChange(
  parts: AdministrationParts,
  visit: Visit,
  proposal: Proposal,
): Promise<Description> {
  const { words } = visit;
  const creditor = parseCreditorCode(String(proposal.content.creditor ?? ''));
  const change = await registryChangeOf(parts.db, proposal);
  const unseen = change !== undefined && (await isToCompare(parts, visit, change)) && comparesIt(visit, proposal);
  const rows: { label: string; value: Html | string }[] = [
    ...(creditor === undefined ? [] : [{ label: words.say('administration.creditor'), value: ltr(creditor) }]),
    ...(change === undefined ? withdrawalRows(visit, proposal) : await changeRows(parts, visit, change, unseen)),
  ];
  const showsHolder = change !== undefined && 'collectionAccount' in change;
  return {
    rows,
    subject: await subjectOf(visit, proposal, creditor),
    ...(showsHolder && { read: [{ kind: 'account.read' }] }),
  };
}

/** A creditor that is yet to be registered has no page. */
const subjectOf = async ({ words }: Visit, { kind }: Proposal, creditor: CreditorCode | undefined) =>
  creditor === undefined || kind === 'creditor.registration'
    ? undefined
    : { text: words.say('administration.creditor-title', { creditor }), to: `/administration/creditors/${creditor}` };

const withdrawalRows = ({ words }: Visit, { kind, subjectId = '' }: Proposal): Rows =>
  kind.endsWith('.withdrawal') ? [{ label: words.say('administration.thumbprint'), value: ltr(subjectId) }] : [];

async function changeRows(
  parts: AdministrationParts,
  visit: Visit,
  change: RegistryChange,
  unseen: boolean,
): Promise<Rows> {
  const { words, now } = visit;
  switch (change.kind) {
    case 'creditor.registration':
      return [
        { label: words.say('administration.name-fr'), value: nameText(change.nameFr) },
        { label: words.say('administration.name-ar'), value: nameText(change.nameAr) },
        ...(await accountRows(parts, visit, change.collectionAccount)),
      ];
    case 'creditor.account':
      return accountRows(parts, visit, change.collectionAccount);
    case 'client.registration': {
      const read = readClientCertificate(change.pem);
      if (read.outcome === 'REFUSED') return [];
      const { certificate } = read;
      return [
        { label: words.say('administration.subject'), value: ltr(certificate.subject) },
        { label: words.say('administration.issuer'), value: ltr(certificate.issuer) },
        { label: words.say('administration.thumbprint'), value: ltr(groups(certificate.thumbprint)) },
        { label: words.say('administration.valid-from'), value: instantText(words, certificate.notBefore) },
        { label: words.say('administration.valid-until'), value: instantText(words, certificate.notAfter) },
      ];
    }
    case 'signing-key.registration': {
      const read = await readSigningKey(parts.db, { ...change, issuer: parts.issuer, now });
      const lastDay = addDays(algiersDay(change.validUntil), -1);
      return [
        {
          label: words.say('administration.thumbprint'),
          value: unseen ? words.say('administration.thumbprint-unseen') : ltr(change.thumbprint),
        },
        ...(read.outcome === 'REFUSED'
          ? [{ label: words.say('administration.record'), value: ltr(read.detail) }]
          : [
              { label: words.say('administration.scopes'), value: scopesText(visit, read.key.scopes) },
              {
                label: words.say('administration.record'),
                value:
                  read.signedBy === 'ITSELF'
                    ? words.say('administration.signed-by-itself')
                    : html`${words.say('administration.signed-by-earlier')} ${ltr(read.signedBy.kid)}`,
              },
            ]),
        { label: words.say('administration.valid-from'), value: dayText(words, algiersDay(change.validFrom)) },
        { label: words.say('administration.last-day'), value: dayText(words, lastDay) },
      ];
    }
  }
}

/** The account, and what the core says of it now: for who is to approve. */
async function accountRows(
  { coreBanking }: AdministrationParts,
  { words }: Visit,
  rib: Extract<RegistryChange, { kind: 'creditor.account' }>['collectionAccount'],
): Promise<Rows> {
  const found = await coreBanking.lookUpAccount(rib);
  return [
    { label: words.say('administration.account-new'), value: ribText(rib) },
    {
      label: words.say('administration.holder'),
      value: found.outcome === 'FOUND' ? nameText(found.holder) : words.say(`administration.core.${found.outcome}`),
    },
  ];
}

export async function describeWebhook(
  { db }: AdministrationParts,
  { words }: Visit,
  proposal: Proposal,
): Promise<Description> {
  const creditor = parseCreditorCode(String(proposal.content.creditor ?? ''));
  const asked = await askedWebhookOf(db, proposal);
  return {
    rows: [
      ...(creditor === undefined ? [] : [{ label: words.say('administration.creditor'), value: ltr(creditor) }]),
      ...(asked === undefined ? [] : addressRows(words, asked).map(([label, value]) => ({ label, value }))),
    ],
    subject: creditor && {
      text: words.say('administration.webhook-title', { creditor }),
      to: `/administration/webhooks/${creditor}`,
    },
  };
}

export function describeCalendarChange({ words }: Visit, proposal: Proposal): Description {
  const change = changeOf(proposal);
  const source = { label: words.say('administration.source'), value: nameText(change.source) };
  const subject = { text: words.say('administration.tab.calendar'), to: '/administration/calendar' };
  switch (change.kind) {
    case 'calendar.feast': {
      const { on } = change;
      // A leap year has every day of the year.
      const yearly = 'yearly' in on ? parseDay(`2024-${on.yearly}`) : undefined;
      return {
        subject,
        rows: [
          { label: words.say('administration.name-fr'), value: nameText(change.nameFr) },
          { label: words.say('administration.name-ar'), value: nameText(change.nameAr) },
          'day' in on
            ? { label: words.say('common.day'), value: dayText(words, on.day) }
            : {
                label: words.say('administration.every-year'),
                value: yearly === undefined ? ltr(on.yearly) : words.dayAndMonth(yearly),
              },
          source,
        ],
      };
    }
    case 'calendar.week':
      return {
        subject,
        rows: [
          { label: words.say('administration.from-day'), value: dayText(words, change.fromDay) },
          { label: words.say('administration.weekend'), value: weekendText(words, change.weekend) },
          source,
        ],
      };
    case 'calendar.core':
      return {
        subject,
        rows: [
          { label: words.say('administration.from-day'), value: dayText(words, change.fromDay) },
          { label: words.say('administration.closing'), value: closedText(words, change.closed) },
          source,
        ],
      };
  }
}
