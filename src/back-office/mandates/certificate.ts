import { isReplaceable } from '../../mandates/mandate.ts';
import { printCertificate } from '../../mandates/print-certificate.ts';
import { reissueCertificate } from '../../mandates/reissue.ts';
import { showMandate } from '../../mandates/show.ts';
import { PageFault } from '../fault.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { type MandateParts, mandateOfVisit } from './shared.ts';

/** The certificate as a PDF: in the browser, where it is printed, or as a file. Made anew from what is stored: the same bytes. */
export async function certificateFile(parts: MandateParts, visit: Visit): Promise<PageAnswer> {
  const { mandate } = await mandateOfVisit(parts, visit);
  const file = await showMandate(parts.db, mandate.mandateId, visit.now);
  if (file?.certificate === undefined) throw new PageFault('not-found');
  const pdf = await printCertificate(parts, mandate, file.certificate);
  return {
    answer: 'FILE',
    type: 'application/pdf',
    name: `mandate-${mandate.mandateId}.pdf`,
    content: Buffer.from(pdf),
    inline: !visit.query.has('download'),
    read: [{ kind: 'mandate.read', subjectId: mandate.mandateId }],
  };
}

/** Tells the journal that it is handed out again; the page that comes has it to print. */
export async function reissue(parts: MandateParts, visit: Visit): Promise<PageAnswer> {
  const { mandate, state } = await mandateOfVisit(parts, visit);
  const { mandateId } = mandate;
  // Nobody is handed the paper of a mandate that has ended.
  if (mandate.certifiedAt !== undefined && !isReplaceable(state)) throw new PageFault('conflict');
  const outcome = await reissueCertificate(parts.db, { mandateId, by: visit.staff.subject, from: visit.from });
  switch (outcome) {
    case 'REISSUED':
      return { answer: 'GO', to: `/mandates/${mandateId}`, notice: visit.words.say('mandates.reissued') };
    case 'NO_CERTIFICATE':
      throw new PageFault('not-found');
  }
}
