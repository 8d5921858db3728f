import type { components } from '../contract/generated.ts';
import type { Transition } from '../journal/history.ts';
import { formatAmount } from '../values/centimes.ts';
import { algiersDay, type Day, formatInstant } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import { maskRib, type Rib } from '../values/rib.ts';
import { certificateIdOf } from './certificate.ts';
import { debitable, type Mandate, type MandateState, mandateStates, mayFetchCertificate, stateOn } from './mandate.ts';

type Resource = components['schemas']['Mandate'];
type TransitionResource = components['schemas']['MandateTransition'];

/** A mandate with what stands beside it, as its creditor may see it. The history is left out in lists. */
export type MandateView = {
  mandate: Mandate;
  rib: Rib;
  replacedBy: MandateId | undefined;
  history: readonly Transition[] | undefined;
  today: Day;
};

export const pathOf = (mandateId: MandateId): string => `/v1/mandates/${mandateId}`;

export function mandateResource({ mandate, rib, replacedBy, history, today }: MandateView): Resource {
  const { mandateId, certifiedAt, acceptedAt } = mandate;
  const state = stateOn(mandate, today);
  const canBeDebited = debitable(mandate, today);
  return {
    mandateId,
    ...(mandate.replaces && { replaces: mandate.replaces }),
    ...(replacedBy && { replacedBy }),
    ...(mandate.requestReference && { requestReference: mandate.requestReference }),
    state,
    employerNumber: mandate.employerNumber,
    ribMasked: maskRib(rib),
    ceilings: {
      perDebit: formatAmount(mandate.perDebitCeiling),
      perPeriod: formatAmount(mandate.periodCeiling),
      period: mandate.period,
      currency: 'DZD',
    },
    validFrom: mandate.validFrom,
    validTo: mandate.validTo,
    debitable: canBeDebited === true,
    ...(canBeDebited === true ? {} : { notDebitableReason: canBeDebited }),
    suspendedBy: state === 'SUSPENDED' ? suspendingSides(mandate) : [],
    ...(certifiedAt && {
      certificateJti: certificateIdOf(mandateId),
      certifiedAt: formatInstant(certifiedAt),
      certifiedOn: algiersDay(certifiedAt),
    }),
    ...(acceptedAt && { acceptedAt: formatInstant(acceptedAt), acceptedOn: algiersDay(acceptedAt) }),
    ...(history && { history: historyOf(mandate, history) }),
    links: {
      self: pathOf(mandateId),
      ...(certifiedAt && mayFetchCertificate(mandate) && { certificate: `${pathOf(mandateId)}/certificate` }),
      ...(certifiedAt && { debits: `/v1/debits?mandateId=${mandateId}` }),
    },
  };
}

const suspendingSides = ({ suspendedByBank, suspendedByCreditor }: Mandate): ('CREDITOR' | 'BANK')[] => [
  ...(suspendedByCreditor ? (['CREDITOR'] as const) : []),
  ...(suspendedByBank ? (['BANK'] as const) : []),
];

/** Steps that change nothing which the creditor is told of, and what a bank's own draft went through, are the bank's. */
function historyOf(mandate: Mandate, history: readonly Transition[]): TransitionResource[] {
  const told = history.filter(({ kind }) => kind !== 'mandate.shown' && kind !== 'mandate.changed');
  const certified = told.findIndex(({ to }) => to === 'CERTIFIED');
  const seen = mandate.origin === 'CREDITOR' ? told : told.slice(certified === -1 ? told.length : certified);
  return seen.flatMap(({ at, from, to, reason, side }) => {
    const state = stateNamed(to);
    const before = from === undefined ? undefined : stateNamed(from);
    if (state === undefined) return [];
    return {
      at: formatInstant(at),
      on: algiersDay(at),
      ...(before && { from: before }),
      to: state,
      ...(reason && reason !== 'name-differs' && { reason }),
      side: sides[side],
    };
  });
}

const sides = { creditor: 'CREDITOR', bank: 'BANK', gateway: 'GATEWAY' } as const;

const stateNamed = (text: string): MandateState | undefined => mandateStates.find((state) => state === text);
