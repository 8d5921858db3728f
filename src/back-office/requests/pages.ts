import { largestScanBytes } from '../../mandates/attach-scan.ts';
import { largestImportBytes } from '../../mandates/import-file.ts';
import type { BackOfficePage } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import { certifyForm, certifyRequest, endingForm, endRequest } from './decide.ts';
import { amountWords, changeRequest, editRequest, enterRequest, newRequest } from './entry.ts';
import { importForm, sampleFile, sendImport } from './import-form.ts';
import { confirmImported, importFaults, importPage } from './import-page.ts';
import { openByReference } from './open.ts';
import { exportQueue, queuePage } from './queue-page.ts';
import { attachForm, reviewPage, scanFile, submitRequest } from './review-page.ts';
import { checkers, makers, readers } from './shared.ts';

/** The queue of authorisation requests, how they come in, and what is decided on them. */
export function requestPages(parts: BackOfficeParts): BackOfficePage[] {
  type More = Pick<BackOfficePage, 'roles'> & Partial<Pick<BackOfficePage, 'fresh' | 'uploads'>>;
  const get = (path: string, more: More, run: BackOfficePage['run']): BackOfficePage => ({
    ...{ method: 'GET', path: `/requests${path}`, section: 'requests', run, ...more },
  });
  const post = (path: string, more: More, run: BackOfficePage['run']): BackOfficePage => ({
    ...{ method: 'POST', path: `/requests${path}`, section: 'requests', run, ...more },
  });
  const made = { roles: makers };
  const checked = { roles: checkers };
  // A sign-in of just now for what can't be taken back: whoever sits there is who it says.
  const certified = { roles: checkers, fresh: true };
  const read = { roles: readers };
  return [
    get('', read, (visit) => queuePage(parts, visit)),
    get('/export', read, (visit) => exportQueue(parts, visit)),
    get('/open', read, async () => ({ answer: 'GO', to: '/requests' })),
    post('/open', read, (visit) => openByReference(parts, visit)),
    get('/new', made, (visit) => newRequest(parts, visit)),
    post('/new', made, (visit) => enterRequest(parts, visit)),
    get('/amount-in-words', made, (visit) => amountWords(visit)),
    get('/import', made, (visit) => importForm(parts, visit)),
    post('/import', { ...made, uploads: { fields: ['file'], maximumBytes: largestImportBytes } }, (visit) =>
      sendImport(parts, visit),
    ),
    get('/import/sample', made, (visit) => sampleFile(visit)),
    get('/import/:importId', made, (visit) => importPage(parts, visit)),
    get('/import/:importId/faults', made, (visit) => importFaults(parts, visit)),
    post('/import/:importId/confirm', made, (visit) => confirmImported(parts, visit)),
    get('/:mandateId', read, (visit) => reviewPage(parts, visit)),
    get('/:mandateId/edit', made, (visit) => editRequest(parts, visit)),
    post('/:mandateId/edit', made, (visit) => changeRequest(parts, visit)),
    post('/:mandateId/submit', made, (visit) => submitRequest(parts, visit)),
    post('/:mandateId/scan', { ...made, uploads: { fields: ['scan'], maximumBytes: largestScanBytes } }, (visit) =>
      attachForm(parts, visit),
    ),
    get('/:mandateId/scans/:digest', read, (visit) => scanFile(parts, visit)),
    get('/:mandateId/certify', certified, (visit) => certifyForm(parts, visit)),
    post('/:mandateId/certify', certified, (visit) => certifyRequest(parts, visit)),
    get('/:mandateId/send-back', checked, (visit) => endingForm(parts, visit, 'send-back')),
    post('/:mandateId/send-back', checked, (visit) => endRequest(parts, visit, 'send-back')),
    get('/:mandateId/refuse', checked, (visit) => endingForm(parts, visit, 'refuse')),
    post('/:mandateId/refuse', checked, (visit) => endRequest(parts, visit, 'refuse')),
  ];
}
