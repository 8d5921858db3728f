import { html } from 'hono/html';
import type { Stop } from '../../stops/stop.ts';
import { instantText, link, ltr } from '../look/text.ts';
import type { Html, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';

/** What is stopped, in a line: everything, a creditor's, a mandate's. */
export function stopLine(words: Words, stop: Stop): Html {
  switch (stop.scope) {
    case 'ALL':
      return html`${words.say('administration.stopped-all')}`;
    case 'CREDITOR':
      return html`${words.say('administration.stopped-creditor')} ${ltr(stop.creditor)}`;
    case 'MANDATE':
      return html`${words.say('administration.stopped-mandate')} ${link(`/mandates/${stop.mandateId}`, ltr(stop.mandateId))}`;
  }
}

/** Who stopped: one of the staff by name, or the gateway itself. */
export const stopperText = (words: Words, names: ReadonlyMap<string, string>, { stoppedBy }: Stop): string =>
  stoppedBy === 'gateway' ? words.say('audit.gateway') : (names.get(stoppedBy) ?? stoppedBy);

/** Why, as a person wrote it; what the gateway notes where it stops by itself is a code, for which there are words. */
export function remarkText(words: Words, { stoppedBy, remark }: Stop): string {
  const [, epoch] = (stoppedBy === 'gateway' && /^epoch (\d+)$/.exec(remark)) || [];
  return epoch === undefined ? remark : words.say('administration.restored-remark', { epoch: Number(epoch) });
}

/** On every page while a stop stands: nothing where none does. Many mandates are one line. */
export function stopBanner({ words }: Pick<Visit, 'words'>, stops: readonly Stop[]): Html {
  if (stops.length === 0) return html``;
  const wide = stops.filter(({ scope }) => scope !== 'MANDATE');
  const mandates = stops.filter(({ scope }) => scope === 'MANDATE');
  const lines = mandates.length > 1 ? wide : stops;
  return html`<div class="alert alert-danger" role="status"><strong>${words.say('administration.stop-stands')}</strong>
<ul>${lines.map((stop) => html`<li>${stopLine(words, stop)} · ${instantText(words, stop.stoppedAt)}</li>`)}
${mandates.length > 1 ? html`<li>${words.say('administration.stopped-mandates', { count: mandates.length })}</li>` : ''}</ul>
${link('/stops', words.say('administration.to-stops'))}</div>`;
}
