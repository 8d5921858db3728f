import type { CoreReference } from '../../values/ids.ts';
import { linesByReference } from './lines.ts';
import { type Difference, otherMessage, otherReference } from './read-status.ts';
import { childrenOf, only, textAt, type XmlElement } from './xml.ts';

/** NOT_VOIDED: an inquiry tells why. SILENT: it says nothing. */
export type VoidSaid = 'VOIDED' | 'NOT_VOIDED' | 'SILENT';

/** Reads a camt.029 and holds it against the camt.056 that it answers. Undefined where it is no answer that can be read, OTHER_MESSAGE where it is one to something else. */
export function judgeResolution(
  root: XmlElement,
  messageId: string,
  asked: readonly CoreReference[],
): { said: readonly VoidSaid[]; differences: readonly Difference[] } | typeof otherMessage | undefined {
  const resolution = only(root, 'RsltnOfInvstgtn');
  const answered = textAt(resolution, 'RslvdCase', 'Id');
  if (answered === undefined) return undefined;
  if (answered !== messageId) return otherMessage;

  const details = childrenOf(resolution, 'CxlDtls').flatMap((one) => childrenOf(one, 'TxInfAndSts'));
  const lines = linesByReference(details, asked);
  const statuses = new Map(
    asked.map((reference) => [
      reference,
      new Set((lines.of.get(reference) ?? []).map((line) => textAt(line, 'TxCxlSts') ?? '')),
    ]),
  );
  const twofold = asked.filter((reference) => (statuses.get(reference)?.size ?? 0) > 1);
  const differences = [
    ...lines.mistaken.map((reference) => otherReference({ reference })),
    ...twofold.map((reference): Difference => ({ ...otherReference({ reference }), difference: 'OTHER_OUTCOME' })),
  ];
  const differing = new Set(differences.map(({ reference }) => reference));
  return {
    said: asked.map((reference) =>
      differing.has(reference) ? 'SILENT' : saidOf([...(statuses.get(reference) ?? [])][0]),
    ),
    differences,
  };
}

function saidOf(status: string | undefined): VoidSaid {
  if (status === 'ACCR') return 'VOIDED';
  return status === 'RJCR' ? 'NOT_VOIDED' : 'SILENT';
}
