import { html } from 'hono/html';
import { findRequests } from '../../mandates/queue.ts';
import { callout } from '../look/blocks.ts';
import { textField } from '../look/fields.ts';
import { buttonLink, link, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import { type RequestParts, requestPath } from './shared.ts';

/** Opens what a paper form names. */
export async function openByReference({ db }: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, query } = visit;
  const typed = (query.get('reference') ?? '').trim().slice(0, 60);
  const found = await findRequests(db, typed, staff.agencies);
  const [only] = found;
  if (only !== undefined && found.length === 1) return { answer: 'GO', to: requestPath(only.mandateId) };
  const title = words.say('requests.open');
  if (only !== undefined) {
    const entries = found.map(
      ({ mandateId, creditor }) => html`<li>${link(requestPath(mandateId), ltr(`${creditor}:${typed}`))}</li>`,
    );
    return {
      answer: 'PAGE',
      title,
      content: html`${callout('info', words.say('requests.open-several'))}<ul>${entries}</ul>`,
    };
  }
  const nothing = callout('warning', words.say('requests.open-nothing'), words.say('requests.open-nothing-advice'));
  return { answer: 'PAGE', status: 404, title, content: html`${nothing}${openForm(words, typed)}` };
}

/** The form's QR code, scanned by a reader that types, or its text typed by hand. */
export const openForm = (words: Words, typed = ''): Html =>
  html`<form method="get" action="/requests/open" class="filter-form" aria-label="${words.say('requests.open')}">
${textField({
  ...{ name: 'reference', ltr: true, maxLength: 60, size: 'medium', value: typed },
  label: words.say('requests.open'),
  hint: words.say('requests.open-hint'),
})}
<div class="actions"><button type="submit" class="btn btn-outline-secondary">${words.say('requests.open-button')}</button>${typed === '' ? '' : buttonLink('/requests', words.say('requests.back-to-queue'))}</div>
</form>`;
