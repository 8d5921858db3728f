import { applyChange, calendarKinds } from '../../calendar/change.ts';
import { applyRegistryChange, registryKinds } from '../../clients/registry-change.ts';
import { applyStart, startingAgain } from '../../stops/start-again.ts';
import { applyWebhook, webhookRegistration } from '../../webhooks/register.ts';
import type { ApprovalKind } from '../approvals/kind.ts';
import type { WordKey } from '../words/words.ts';
import { describeCalendarChange, describeRegistryChange, describeStart, describeWebhook } from './describe.ts';
import { firstKey } from './first-key.ts';
import { type AdministrationParts, administrators } from './shared.ts';
import { starters, wideStoppers } from './stop-roles.ts';

/** What administrators do under four eyes, and the start after a stop. */
export function administrationKinds(parts: AdministrationParts): ApprovalKind[] {
  const see = ['auditor', ...administrators] as const;
  return [
    {
      kind: startingAgain,
      title: 'administration.start-again',
      approve: starters,
      see: ['auditor', 'officer', ...starters],
      mayDecide: (visit, { agencyCode }) => agencyCode !== undefined || wideStoppers(visit),
      describe: (visit, proposal) => describeStart(parts, visit, proposal),
      apply: applyStart,
      impossible: (why) =>
        why === 'movements-unread' || why === 'movements-unaccounted'
          ? `administration.impossible.${why}`
          : 'administration.stop-ended',
    },
    ...registryKinds.map(
      (kind): ApprovalKind => ({
        ...{ kind, title: titles[kind], approve: administrators, see },
        describe: (visit, proposal) => describeRegistryChange(parts, visit, proposal),
        ...(kind === 'signing-key.registration' && firstKey(parts)),
        apply: (db, proposal, approval) => applyRegistryChange(db, parts.issuer, proposal, approval),
        applied: parts.registry.forget,
        impossible: (why) => registryFaults[why] ?? 'administration.impossible.refused',
      }),
    ),
    {
      ...{ kind: webhookRegistration, title: 'administration.kind.webhook-registration', approve: administrators, see },
      describe: (visit, proposal) => describeWebhook(parts, visit, proposal),
      apply: applyWebhook,
      impossible: () => 'administration.impossible.asked-no-more',
    },
    ...calendarKinds.map(
      (kind): ApprovalKind => ({
        ...{ kind, title: titles[kind], approve: administrators, see },
        describe: async (visit, proposal) => describeCalendarChange(visit, proposal),
        apply: applyChange,
        impossible: (why) =>
          why === 'day-taken' ? 'administration.impossible.day-taken' : 'administration.impossible.withdrawn',
      }),
    ),
  ];
}

const titles = {
  'creditor.registration': 'administration.kind.creditor-registration',
  'creditor.account': 'administration.kind.creditor-account',
  'client.registration': 'administration.kind.client-registration',
  'client.withdrawal': 'administration.kind.client-withdrawal',
  'signing-key.registration': 'administration.kind.signing-key-registration',
  'signing-key.withdrawal': 'administration.kind.signing-key-withdrawal',
  'calendar.feast': 'administration.kind.calendar-feast',
  'calendar.withdrawal': 'administration.kind.calendar-withdrawal',
  'calendar.week': 'administration.kind.calendar-week',
  'calendar.core': 'administration.kind.calendar-core',
} as const satisfies Record<(typeof registryKinds)[number] | (typeof calendarKinds)[number], WordKey>;

const registryFaults: Readonly<Record<string, WordKey>> = {
  lost: 'administration.impossible.lost',
  'already-registered': 'administration.impossible.already-registered',
  'unknown-creditor': 'administration.impossible.unknown-creditor',
  'not-registered': 'administration.impossible.not-registered',
  'not-stopped': 'administration.impossible.not-stopped',
  'under-way': 'administration.impossible.under-way',
};
