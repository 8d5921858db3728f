import type { Centimes } from '../values/centimes.ts';
import type { Day } from '../values/dates.ts';
import type { MandateId } from '../values/ids.ts';
import type { Rib } from '../values/rib.ts';
import {
  accountGroups,
  type BilingualName,
  breakable,
  printedAmount,
  printedDay,
  printedInstant,
} from './presentation.ts';
import { longestQrText } from './qr.ts';
import { type SheetContent, sheetData } from './sheet.ts';
import type { Typesetter } from './typesetter.ts';

/** The name under which a certificate's PDF carries its token. */
const certificateAttachment = 'mandate-certificate.jws';

/** What the paper of a mandate certificate tells, and the token that it carries. */
export type CertificateContent = SheetContent & {
  mandateId: MandateId;
  replaces?: MandateId | undefined;
  representative?: Partial<BilingualName> | undefined;
  rib: Rib;
  perDebitCeiling: Centimes;
  periodCeiling: Centimes;
  period: 'MONTH' | 'QUARTER' | 'YEAR';
  validFrom: Day;
  /** The last day, included. */
  validTo: Day;
  certifiedAt: Date;
};

/** Sets the certificate as a PDF/A-3 file with the token inside, as a QR code and as an attached file. */
export async function renderCertificate(
  typeset: Typesetter['typeset'],
  content: CertificateContent,
): Promise<Uint8Array> {
  if (content.token.length > longestQrText) throw new RangeError('the certificate is too long for a QR code');
  return typeset({ template: 'certificate', token: content.token, data: certificateData(content) });
}

const periods = {
  MONTH: { fr: 'par mois civil', ar: 'في الشهر' },
  QUARTER: { fr: 'par trimestre civil', ar: 'في الثلاثي' },
  YEAR: { fr: 'par année civile', ar: 'في السنة' },
} as const;

function certificateData(content: CertificateContent): object {
  return {
    ...sheetData(content, { id: content.mandateId, at: content.certifiedAt, attachment: certificateAttachment }),
    replaces: content.replaces ?? null,
    representative: representativeData(content.representative),
    rib: accountGroups(content.rib),
    perDebitCeiling: printedAmount(content.perDebitCeiling),
    periodCeiling: printedAmount(content.periodCeiling),
    period: periods[content.period],
    validFrom: printedDay(content.validFrom),
    validTo: printedDay(content.validTo),
    certified: printedInstant(content.certifiedAt),
  };
}

/** In the script or scripts in which the name was given; null where there is none. */
function representativeData({ nameFr, nameAr }: Partial<BilingualName> = {}): object | null {
  if (nameFr === undefined && nameAr === undefined) return null;
  return {
    nameFr: nameFr === undefined ? null : breakable(nameFr),
    nameAr: nameAr === undefined ? null : breakable(nameAr),
  };
}
