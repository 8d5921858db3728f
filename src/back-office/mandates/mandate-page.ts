import { html } from 'hono/html';
import { stateAt } from '../../approvals/proposal.ts';
import { searchDebits } from '../../debits/search.sql.ts';
import { type BankAct, possibleActs } from '../../mandates/bank-acts.ts';
import { type Dossier, openDossier } from '../../mandates/dossier.ts';
import { isReplaceable } from '../../mandates/mandate.ts';
import { standingStops } from '../../stops/look-up.ts';
import type { Stop } from '../../stops/stop.ts';
import { parseMandateId } from '../../values/ids.ts';
import { PageFault } from '../fault.ts';
import { badge, mandateBadge } from '../look/badge.ts';
import { callout, columns, descriptions, lead, section } from '../look/blocks.ts';
import { actions, postButton } from '../look/form.ts';
import { buttonLink, type Content, link, ltr, nameText, printLink } from '../look/text.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import { lifeOf, peopleIn } from './life.ts';
import {
  comparisonSection,
  debitsSection,
  termsSection,
  usageSection,
  warningCallout,
  whyReplaced,
} from './sections.ts';
import { actors, employerName, enterers, type MandateParts, readingsOf } from './shared.ts';

const debitsShown = 20;

/** Everything about one mandate, and what can be done to it. */
export async function mandatePage({ db }: MandateParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, now, params } = visit;
  const mandateId = parseMandateId(params.mandateId ?? '');
  const dossier = mandateId && (await openDossier(db, mandateId, { agencies: staff.agencies, now }));
  if (dossier === undefined) throw new PageFault('not-found');
  const { mandate, debtor, state, debitable, certificate } = dossier;
  const [debits, stops, names] = await Promise.all([
    certificate === undefined
      ? []
      : searchDebits(db, { agencies: staff.agencies, mandateId: mandate.mandateId }, { limit: debitsShown }),
    standingStops(db, staff.agencies),
    selectStaffNames(db, peopleIn(dossier)),
  ]);
  const content = html`
${lead(
  mandateBadge(words, state),
  debitable === true
    ? badge('good', words.say('mandates.debitable'))
    : badge('over', words.say(`mandates.not-debitable.${debitable}`)),
  ltr(mandate.creditor),
  ltr(mandate.employerNumber),
)}
${stops.filter((stop) => holds(stop, dossier)).map((stop) => callout('danger', words.say('mandates.stopped'), link(`/stops/${stop.stopId}`, words.say('mandates.stopped-see'))))}
${suspendedCallout(visit, dossier)}
${waitingCallouts(visit, dossier)}
${successorCallouts(visit, dossier)}
${dossier.warnings.map((warning) => warningCallout(words, warning))}
${actsBar(visit, dossier)}
${columns(termsSection(words, dossier), html`${usageSection(words, dossier)}${certificateSection(visit, dossier)}`)}
${comparisonSection(words, dossier)}
${certificate === undefined ? '' : debitsSection(words, dossier, debits)}
${section(words.say('mandates.life'), lifeOf(words, dossier, { now, named: (person) => nameText(names.get(person) ?? person) }))}`;
  return {
    answer: 'PAGE',
    title: words.say('mandates.page-title', { employer: employerName(words, debtor) }),
    content,
    read: readingsOf(dossier),
  };
}

function holds(stop: Stop, { mandate, chain }: Dossier): boolean {
  switch (stop.scope) {
    case 'ALL':
      return true;
    case 'CREDITOR':
      return stop.creditor === mandate.creditor;
    case 'MANDATE':
      return chain.includes(stop.mandateId);
  }
}

function suspendedCallout({ words }: Visit, { mandate, state }: Dossier): Content {
  if (state !== 'SUSPENDED') return '';
  const sides =
    mandate.suspendedByBank && mandate.suspendedByCreditor ? 'both' : mandate.suspendedByBank ? 'bank' : 'creditor';
  return callout('warning', words.say(`mandates.suspended-by.${sides}`), words.say('mandates.suspended-text'));
}

function waitingCallouts({ words, now }: Visit, { proposals }: Dossier): Content {
  const waiting = proposals.filter((proposal) => stateAt(proposal, now) === 'WAITING');
  return html`${waiting.map((proposal) =>
    callout(
      'info',
      words.say('mandates.waiting'),
      html`<p dir="auto">${proposal.reason}</p>${link(`/approvals/${proposal.proposalId}`, words.say('mandates.waiting-see'))}`,
    ),
  )}`;
}

function successorCallouts({ words }: Visit, { successors }: Dossier): Content {
  return html`${successors.map((successor) =>
    callout(
      'info',
      words.say('mandates.successor'),
      html`${mandateBadge(words, successor.state)} ${link(`/mandates/${successor.mandateId}`, ltr(successor.mandateId))}
${descriptions(whyReplaced(words, successor))}`,
    ),
  )}`;
}

export const actPath = (mandateId: string, act: BankAct): string => `/mandates/${mandateId}/${act}`;

/** What may be done now, by whoever acts on mandates. */
function actsBar({ words, staff }: Visit, { mandate, state }: Dossier): Content {
  if (!hasRole(staff, actors)) return '';
  const { mandateId } = mandate;
  if (state === 'DRAFT' || state === 'PENDING_CERTIFICATION')
    return actions(buttonLink(`/requests/${mandateId}`, words.say('mandates.open-request'), 'primary'));
  const acts = possibleActs(mandate, state);
  if (acts.length === 0 && !isReplaceable(state)) return '';
  return actions(
    ...acts.map((act) => buttonLink(actPath(mandateId, act), words.say(`mandates.do.${act}`))),
    isReplaceable(state) && hasRole(staff, enterers)
      ? buttonLink(`/requests/new?replaces=${mandateId}`, words.say('mandates.do.replace'))
      : '',
    isReplaceable(state) ? buttonLink(`/stops/new?mandate=${mandateId}`, words.say('mandates.do.stop')) : '',
  );
}

/** View, print, download; hand out again. */
function certificateSection(visit: Visit, { mandate, state, certificate }: Dossier): Content {
  if (certificate === undefined) return '';
  const { words, staff } = visit;
  const path = `/mandates/${mandate.mandateId}/certificate`;
  return section(
    words.say('mandates.certificate'),
    html`<p>${words.say('mandates.certificate-text')}</p>
${actions(
  printLink(words, path, words.say('mandates.certificate-view')),
  buttonLink(`${path}?download=1`, words.say('mandates.certificate-download')),
)}
${hasRole(staff, actors) && isReplaceable(state) ? html`<p class="form-text">${words.say('mandates.reissue-text')}</p>${postButton({ visit, action: `${path}/reissue`, label: words.say('mandates.reissue') })}` : ''}`,
  );
}
