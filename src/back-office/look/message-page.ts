import { html } from 'hono/html';
import type { Html } from '../page.ts';
import { buttonLink, type Content } from './text.ts';

/** The content of a page that only says something: an error, the end of a session. What to do next comes first among its links. */
export const messageContent = (message: {
  text: Content;
  actions: readonly { href: string; label: string }[];
  /** Small, at the end: a request id for the help desk. */
  note?: Content | undefined;
}): Html =>
  html`<div class="message-page"><p class="message-text">${message.text}</p>
<div class="actions">${message.actions.map(({ href, label }, index) => buttonLink(href, label, index === 0 ? 'primary' : 'plain'))}</div>
${message.note === undefined ? '' : html`<p class="form-text">${message.note}</p>`}</div>`;
