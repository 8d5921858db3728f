import { html } from 'hono/html';
import { proposalsOf } from '../../approvals/look-up.ts';
import { stateAt } from '../../approvals/proposal.ts';
import { placeText } from '../../journal/event-token.ts';
import type { CreditorCode } from '../../values/ids.ts';
import { lookUpWebhook, lookUpWebhooks, retryDeliveries } from '../../webhooks/look-up.ts';
import { proposeWebhook } from '../../webhooks/register.ts';
import {
  type AskedWebhook,
  type RunningWebhook,
  readAuthorities,
  type WebhookStanding,
} from '../../webhooks/webhook.ts';
import { badge } from '../look/badge.ts';
import { callout, section } from '../look/blocks.ts';
import { actions, type Faults, faultSummary, form, hiddenField, postButton, submitButton } from '../look/form.ts';
import { emptyState, table } from '../look/table.ts';
import { buttonLink, type Content, instantText, link, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { groups } from './creditor-pages.ts';
import { answerText, deliveriesSection, instantOrNone, webhookPath as pathOf } from './deliveries.ts';
import {
  type AdministrationParts,
  askingOf,
  factSection,
  factsOfForm,
  isAdministrator,
  knownCreditor,
  notFound,
  page,
  proposed,
  reasonFaults,
  reasonField,
  statusOf,
  textOf,
} from './shared.ts';

/** So far the pages count: each visit would count more anew, and more says no more. */
const countedTo = 10_000;

const countText = (words: Words, count: number): Content =>
  count < countedTo ? words.number(count) : ltr(`${words.number(count)}+`);

type Line = { creditor: CreditorCode; standing: WebhookStanding; waiting: number; dead: number };

/** Where events are pushed, and how that goes. */
export async function webhooksPage({ db }: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words } = visit;
  const content = table<Line>({
    caption: words.say('administration.tab.webhooks'),
    captionHidden: true,
    rows: await lookUpWebhooks(db, countedTo),
    csv: 'webhooks',
    mark: ({ standing: { running } }) => (running?.state === 'PAUSED' ? 'danger' : undefined),
    empty: emptyState({
      title: words.say('administration.no-webhooks'),
      advice: words.say('administration.no-webhooks-text'),
    }),
    columns: [
      {
        heading: words.say('administration.creditor'),
        names: true,
        cell: ({ creditor }) => link(pathOf(creditor), ltr(creditor)),
      },
      { heading: words.say('administration.standing'), cell: ({ standing }) => standingBadges(words, standing) },
      {
        heading: words.say('administration.webhook-received-at'),
        cell: ({ standing }) => instantOrNone(words, standing.running?.receivedAt),
      },
      {
        heading: words.say('administration.webhook-waiting'),
        numeric: true,
        cell: ({ standing, waiting }) => countText(words, standing.running === undefined ? 0 : waiting),
      },
      { heading: words.say('administration.webhook-dead'), numeric: true, cell: ({ dead }) => countText(words, dead) },
    ],
  });
  return page(visit, 'webhooks', words.say('administration.tab.webhooks'), content);
}

/** One creditor's: the address, the one that waits for two people, and each event's pushes. */
export async function webhookPage(parts: AdministrationParts, visit: Visit, faults: Faults = {}): Promise<PageAnswer> {
  const { db } = parts;
  const { words } = visit;
  const creditor = await knownCreditor(parts, visit);
  if (creditor === undefined) return notFound(visit, 'webhooks');
  const { standing, read, waiting } = await lookUpWebhook(db, creditor, countedTo);
  const { running, asked } = standing;
  const content = html`
${running?.state === 'PAUSED' ? pausedCallout(words, running) : ''}
${asked === undefined ? '' : await askedSection(parts, visit, asked, faults)}
${factSection(words, [
  [words.say('administration.creditor'), ltr(creditor)],
  [words.say('administration.standing'), standingBadges(words, standing)],
  ...(running === undefined ? [] : runningFacts(words, running)),
  [words.say('administration.webhook-read'), ltr(placeText(read))],
  [words.say('administration.webhook-waiting'), countText(words, waiting)],
])}
${
  running !== undefined && isAdministrator(visit)
    ? html`<p>${words.say('administration.webhook-retry-text')}</p>${actions(postButton({ visit, action: `${pathOf(creditor)}/retry`, label: words.say(running.state === 'PAUSED' ? 'administration.webhook-resume' : 'administration.webhook-retry') }))}`
    : ''
}
${await deliveriesSection(parts, visit, creditor)}`;
  return page(visit, 'webhooks', words.say('administration.webhook-title', { creditor }), content, statusOf(faults));
}

/** Asks a second person to register what the creditor asked for. */
export async function postWebhook(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const creditor = await knownCreditor(parts, visit);
  const asked = creditor && (await lookUpWebhook(parts.db, creditor, countedTo)).standing.asked;
  // Another address may have been asked for since the form was shown.
  if (asked === undefined || textOf(visit.form, 'seen') !== asked.digest) return notFound(visit, 'webhooks');
  const faults = reasonFaults(visit);
  if (Object.keys(faults).length > 0) return webhookPage(parts, visit, faults);
  return proposed(visit, await proposeWebhook(parts.db, asked, askingOf(visit)));
}

/** Lets a paused receiver go on, or tries everything that waits now. */
export async function postRetry(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, from } = visit;
  const creditor = await knownCreditor(parts, visit);
  if (creditor === undefined) return notFound(visit, 'webhooks');
  await retryDeliveries(parts.db, creditor, { by: staff.subject, from });
  return { answer: 'GO', to: pathOf(creditor), notice: words.say('administration.webhook-retried') };
}

/** What two people compare with the creditor. */
export const addressRows = (words: Words, { url, authorities, askedAt }: AskedWebhook): [string, Content][] => [
  [words.say('administration.webhook-url'), ltr(url)],
  [words.say('administration.webhook-asked-at'), instantText(words, askedAt)],
  [words.say('administration.webhook-authorities'), authoritiesText(words, authorities)],
];

async function askedSection(
  { db }: AdministrationParts,
  visit: Visit,
  asked: AskedWebhook,
  faults: Faults,
): Promise<Html> {
  const { words, now } = visit;
  const proposals = await proposalsOf(db, asked.webhookId);
  const waiting = proposals.find((proposal) => stateAt(proposal, now) === 'WAITING');
  const act =
    waiting !== undefined
      ? html`<p>${words.say('administration.webhook-proposed')}</p>${actions(buttonLink(`/approvals/${waiting.proposalId}`, words.say('administration.to-approval'), 'primary'))}`
      : !isAdministrator(visit)
        ? ''
        : form({
            visit,
            action: `${pathOf(asked.creditor)}/registration`,
            content: html`${faultSummary(words, faults)}${hiddenField('seen', asked.digest)}${reasonField(visit, faults)}${actions(submitButton({ label: words.say('administration.propose') }))}`,
          });
  return section(
    words.say('administration.webhook-asked'),
    html`<p>${words.say('administration.webhook-asked-text')}</p>${factsOfForm(addressRows(words, asked))}${act}`,
  );
}

/** With no time for the next try it goes on by hand alone: a restore has paused it. */
const pausedCallout = (words: Words, { probeAt }: RunningWebhook): Html =>
  probeAt === undefined
    ? callout('danger', words.say('administration.restored-stop'), words.say('administration.webhook-restored-text'))
    : callout('danger', words.say('administration.webhook-paused'), words.say('administration.webhook-paused-text'));

const runningFacts = (words: Words, running: RunningWebhook): [string, Content][] => [
  [words.say('administration.webhook-url'), ltr(running.url)],
  [words.say('administration.webhook-authorities'), authoritiesText(words, running.authorities)],
  [words.say('administration.registered-at'), instantText(words, running.registeredAt)],
  [words.say('administration.webhook-received-at'), instantOrNone(words, running.receivedAt)],
  [words.say('administration.webhook-tried-at'), instantOrNone(words, running.triedAt)],
  [words.say('administration.webhook-answer'), answerText(words, running.answer)],
  ...(running.probeAt === undefined
    ? []
    : ([[words.say('administration.webhook-next'), instantText(words, running.probeAt)]] as [string, Content][])),
];

const standingBadges = (words: Words, { running, asked }: WebhookStanding): Html =>
  html`${
    running === undefined
      ? badge('over', words.say('administration.webhook-state.NONE'))
      : badge(running.state === 'PAUSED' ? 'bad' : 'good', words.say(`administration.webhook-state.${running.state}`))
  }${asked === undefined ? '' : html` ${badge('attention', words.say('administration.webhook-asked'))}`}`;

function authoritiesText(words: Words, pem: string | undefined): Content {
  const certificates = pem === undefined ? [] : (readAuthorities(pem) ?? []);
  if (certificates.length === 0) return words.say('administration.webhook-public-authorities');
  return html`${certificates.map(
    ({ subject, fingerprint256, validToDate }) =>
      html`<div>${ltr(subject.replaceAll('\n', ', '))}<br><small>${ltr(groups(fingerprint256.replaceAll(':', '').toLowerCase()))} · ${instantText(words, validToDate)}</small></div>`,
  )}`;
}
