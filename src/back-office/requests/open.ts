import { html } from 'hono/html';
import { findRequests } from '../../mandates/queue.ts';
import { callout } from '../look/blocks.ts';
import { textField } from '../look/fields.ts';
import { actions, form, submitButton } from '../look/form.ts';
import { buttonLink, link, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { type RequestParts, requestPath } from './shared.ts';

/** Opens what a paper form names. */
export async function openByReference({ db }: RequestParts, visit: Visit): Promise<PageAnswer> {
  const { words, staff, form: sent } = visit;
  const typed = (sent.get('reference') ?? '').trim().slice(0, 60);
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
  return { answer: 'PAGE', status: 404, title, content: html`${nothing}${openForm(visit, typed)}` };
}

/** The form's QR code, scanned by a reader that types, or its text typed by hand. Posted: what is typed here may be anything. */
export const openForm = (visit: Visit, typed = ''): Html => {
  const { words } = visit;
  return form({
    ...{ visit, action: '/requests/open' },
    content: html`${textField({
      ...{ name: 'reference', ltr: true, maxLength: 60, size: 'medium', value: typed },
      label: words.say('requests.open'),
      hint: words.say('requests.open-hint'),
    })}
${actions(
  submitButton({ label: words.say('requests.open-button'), tone: 'plain' }),
  typed === '' ? '' : buttonLink('/requests', words.say('requests.back-to-queue')),
)}`,
  });
};
