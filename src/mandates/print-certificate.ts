import type { Queryable } from '../database/queryable.ts';
import { renderCertificate } from '../documents/certificate.ts';
import type { BilingualName, Environment } from '../documents/presentation.ts';
import type { Typesetter } from '../documents/typesetter.ts';
import { certificateIdOf } from './certificate.ts';
import { type StoredCertificate, selectCreditorName } from './certification.sql.ts';
import { selectDebtor } from './debtors.sql.ts';
import type { Mandate } from './mandate.ts';

export type PrintParts = {
  db: Queryable;
  typeset: Typesetter['typeset'];
  bank: BilingualName;
  environment: Environment;
  /** Where the public keys are. */
  keysAddress: () => string;
};

/** The certificate as a PDF, made anew from what is stored and frozen: the same mandate, the same bytes. */
export async function printCertificate(
  parts: PrintParts,
  mandate: Mandate,
  { token, keyThumbprint }: StoredCertificate,
): Promise<Uint8Array> {
  const { mandateId, certifiedAt } = mandate;
  if (certifiedAt === undefined) throw new Error('only a certified mandate has a certificate');
  const [debtor, creditor] = await Promise.all([
    selectDebtor(parts.db, mandateId),
    selectCreditorName(parts.db, mandate.creditor),
  ]);
  return renderCertificate(parts.typeset, {
    token,
    jti: certificateIdOf(mandateId),
    keyThumbprint,
    environment: parts.environment,
    bank: parts.bank,
    keysAddress: parts.keysAddress(),
    mandateId,
    replaces: mandate.replaces,
    creditor: { ...creditor, code: mandate.creditor },
    employer: { nameFr: debtor.nameFr, nameAr: debtor.nameAr, number: mandate.employerNumber },
    representative: {
      ...(debtor.representativeFr && { nameFr: debtor.representativeFr }),
      ...(debtor.representativeAr && { nameAr: debtor.representativeAr }),
    },
    rib: debtor.rib,
    perDebitCeiling: mandate.perDebitCeiling,
    periodCeiling: mandate.periodCeiling,
    period: mandate.period,
    validFrom: mandate.validFrom,
    validTo: mandate.validTo,
    certifiedAt,
  });
}
