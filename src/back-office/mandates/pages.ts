import { bankActs } from '../../mandates/bank-acts.ts';
import type { BackOfficePage } from '../page.ts';
import type { BackOfficeParts } from '../parts.ts';
import { actForm, sendAct } from './acts.ts';
import { certificateFile, reissue } from './certificate.ts';
import { exportList, listPage, searchPage } from './list.ts';
import { mandatePage } from './mandate-page.ts';
import { actors, readers } from './shared.ts';

/** Finding mandates, a mandate's own page, its certificate, and what the bank does to it. */
export function mandatePages(parts: BackOfficeParts): BackOfficePage[] {
  const get = (path: string, run: BackOfficePage['run'], roles = readers): BackOfficePage => ({
    ...{ method: 'GET', path, section: 'mandates', roles, run },
  });
  const post = (path: string, run: BackOfficePage['run'], roles = readers): BackOfficePage => ({
    ...{ method: 'POST', path, section: 'mandates', roles, run },
  });
  return [
    get('/mandates', (visit) => listPage(parts, visit)),
    // A search that names somebody has no address: whoever comes back to it begins anew.
    get('/mandates/search', async () => ({ answer: 'GO', to: '/mandates' })),
    post('/mandates/search', (visit) => searchPage(parts, visit)),
    get('/mandates/export', (visit) => exportList(parts, visit)),
    post('/mandates/export', (visit) => exportList(parts, visit)),
    get('/mandates/:mandateId', (visit) => mandatePage(parts, visit)),
    get('/mandates/:mandateId/certificate', (visit) => certificateFile(parts, visit)),
    post('/mandates/:mandateId/certificate/reissue', (visit) => reissue(parts, visit), actors),
    ...bankActs.flatMap((act) => {
      const path = `/mandates/:mandateId/${act}`;
      const pages = [
        get(path, (visit) => actForm(parts, visit, act), actors),
        post(path, (visit) => sendAct(parts, visit, act), actors),
      ];
      // What can't be taken back asks both people who they are.
      return act === 'revocation' ? pages.map((page) => ({ ...page, fresh: true })) : pages;
    }),
  ];
}
