import { html } from 'hono/html';
import type { Stop } from '../../stops/stop.ts';
import { instantText, link, ltr } from '../look/text.ts';
import { readers } from '../mandates/shared.ts';
import type { Html, Visit } from '../page.ts';
import { hasRole } from '../staff.ts';
import type { Words } from '../words/words.ts';

type Reader = Pick<Visit, 'words' | 'staff'>;

/** What is stopped, in a line: everything, a creditor's, a mandate's, which leads on where the reader may go there. */
export function stopLine({ words, staff }: Reader, stop: Stop): Html {
  switch (stop.scope) {
    case 'ALL':
      return html`${words.say('administration.stopped-all')}`;
    case 'CREDITOR':
      return html`${words.say('administration.stopped-creditor')} ${ltr(stop.creditor)}`;
    case 'MANDATE': {
      const id = ltr(stop.mandateId);
      const named = hasRole(staff, readers) ? link(`/mandates/${stop.mandateId}`, id) : id;
      return html`${words.say('administration.stopped-mandate')} ${named}`;
    }
  }
}

/** Who stopped: one of the staff by name, or the gateway itself. */
export const stopperText = (words: Words, names: ReadonlyMap<string, string>, { stoppedBy }: Stop): string =>
  stoppedBy === 'gateway' ? words.say('audit.gateway') : (names.get(stoppedBy) ?? stoppedBy);

/** Why, as a person wrote it; what the gateway notes where it stops by itself is a code, for which there are words. */
export function remarkText(words: Words, { stoppedBy, remark }: Stop): string {
  const [, epoch] = (stoppedBy === 'gateway' && /^epoch (\d+)$/.exec(remark)) || [];
  return epoch === undefined ? remark : words.say('administration.restored-remark', { epoch });
}

/** On every page while a stop stands: nothing where none does. Many mandates are one line. */
export function stopBanner(reader: Reader, stops: readonly Stop[]): Html {
  const { words } = reader;
  if (stops.length === 0) return html``;
  const wide = stops.filter(({ scope }) => scope !== 'MANDATE');
  const mandates = stops.filter(({ scope }) => scope === 'MANDATE');
  const lines = mandates.length > 1 ? wide : stops;
  return html`<div class="alert alert-danger" role="status"><strong>${words.say('administration.stop-stands')}</strong>
<ul>${lines.map((stop) => html`<li>${stopLine(reader, stop)} · ${instantText(words, stop.stoppedAt)}</li>`)}
${mandates.length > 1 ? html`<li>${words.say('administration.stopped-mandates', { count: mandates.length })}</li>` : ''}</ul>
${link('/stops', words.say('administration.to-stops'))}</div>`;
}
