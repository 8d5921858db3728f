import { html } from 'hono/html';
import type { Centimes } from '../../values/centimes.ts';
import type { Day } from '../../values/dates.ts';
import type { Html } from '../page.ts';
import type { Words } from '../words/words.ts';

/** What is put into a page: text is escaped, `Html` was escaped where it was made. */
export type Content = Html | string;

/** RIBs, references, ids, dates by digits: left to right inside Arabic text too. Only a long one breaks over lines. */
export const ltr = (text: string): Html =>
  html`<bdi dir="ltr" class="${text.length > 20 ? 'ltr' : 'ltr short'}">${text}</bdi>`;

/** A name as its owner wrote it, in whatever script: it turns nothing around it. */
export const nameText = (text: string): Html => html`<bdi>${text}</bdi>`;

/** "007 00012 0000012345 66": bank, branch, account, key. Spaced by style: a copied one has no spaces. */
export function ribText(rib: string): Html {
  const [bank, branch, account, key] = [rib.slice(0, 3), rib.slice(3, 8), rib.slice(8, 18), rib.slice(18)];
  return html`<bdi dir="ltr" class="rib"><span>${bank}</span><span>${branch}</span><span>${account}</span><span>${key}</span></bdi>`;
}

/** With its currency, on one line. */
export const amountText = (words: Words, amount: Centimes): Html =>
  html`<span class="amount">${words.amount(amount)}</span>`;

export const dayText = (words: Words, day: Day): Html => html`<time datetime="${day}">${words.day(day)}</time>`;

/** Date and time in Algiers. */
export const instantText = (words: Words, instant: Date): Html =>
  html`<time datetime="${instant.toISOString()}">${words.instant(instant)}</time>`;

/** `href` is a local path that we made: nothing checks its scheme. */
export const link = (href: string, text: Content): Html => html`<a href="${href}">${text}</a>`;

/** A link that looks like a button: for going somewhere, never for doing something. */
export const buttonLink = (href: string, text: Content, tone: 'primary' | 'plain' = 'plain'): Html =>
  html`<a class="btn ${tone === 'primary' ? 'btn-primary' : 'btn-outline-secondary'}" href="${href}">${text}</a>`;

/** A PDF of ours, opened beside this page so that the officer keeps their place; printing is the reader's. */
export const printLink = (words: Words, href: string, text: Content): Html =>
  html`<a class="btn btn-outline-secondary" href="${href}" target="_blank" rel="noopener">${text}<span class="visually-hidden"> (${words.say('common.new-tab')})</span></a>`;
