import { html } from 'hono/html';
import { type Centimes, noCentimes, subtract } from '../../values/centimes.ts';
import type { Html } from '../page.ts';
import type { Words } from '../words/words.ts';
import { csvName, tableFileLink } from './table.ts';
import { type Content, instantText, link } from './text.ts';

/** A part of a page under its own heading; `aside` stands at the heading's end: a link, a button, a count. */
export const section = (heading: string, content: Content, aside: Content = ''): Html =>
  html`<section class="panel"><div class="panel-heading"><h2>${heading}</h2>${aside}</div>${content}</section>`;

/** Parts beside each other where there is room, below each other on a narrow screen. */
export const columns = (...parts: readonly Content[]): Html =>
  html`<div class="panel-columns">${parts.map((part) => html`<div>${part}</div>`)}</div>`;

/** The line under a page's title: what it is, and how it stands. */
export const lead = (...parts: readonly Content[]): Html => html`<div class="lead-line">${parts}</div>`;

/** Name and value, as on a form. */
export const descriptions = (entries: readonly (readonly [name: string, value: Content])[]): Html =>
  html`<dl class="descriptions">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

export type TimelineEntry = {
  at: Date;
  /** What happened, in words. */
  what: Content;
  /** Who did it, or which side. */
  who?: Content | undefined;
  from?: Content | undefined;
  to?: Content | undefined;
  reason?: Content | undefined;
};

/** What happened, first to last. */
export const timeline = (words: Words, entries: readonly TimelineEntry[]): Html =>
  html`<ol class="timeline">${entries.map(
    (entry) => html`<li>
<p class="timeline-head"><strong>${entry.what}</strong>${entry.to === undefined ? '' : html` <span class="timeline-change">${entry.from === undefined ? '' : html`${entry.from} <span class="arrow" aria-hidden="true"></span><span class="visually-hidden">${words.say('common.becomes')}</span> `}${entry.to}</span>`}</p>
<p class="timeline-foot">${instantText(words, entry.at)}${entry.who === undefined ? '' : html` · ${entry.who}`}</p>
${entry.reason === undefined ? '' : html`<p class="timeline-reason">${words.say('common.reason')} ${entry.reason}</p>`}
</li>`,
  )}</ol>`;

/** How much of a ceiling is used, as a bar and in words: used, of what, what is left. */
export function usageBar(
  words: Words,
  { label, used, ceiling }: { label: string; used: Centimes; ceiling: Centimes },
): Html {
  const part = ceiling === 0n ? 1 : Number((used * 1000n) / ceiling) / 1000;
  const left = used > ceiling ? noCentimes : subtract(ceiling, used);
  const tone = part >= 1 ? 'full' : part >= 0.8 ? 'high' : 'low';
  return html`<div class="usage"><div class="usage-head"><span>${label}</span><span>${words.percent(part)}</span></div>
<progress class="usage-${tone}" max="1000" value="${Math.min(1000, Math.round(part * 1000))}" aria-label="${label}">${words.percent(part)}</progress>
<p>${words.say('common.usage', { used: words.amount(used), ceiling: words.amount(ceiling), left: words.amount(left) })}</p></div>`;
}

/**
 * A line of a comparison: `same` is the caller's to say, who knows how the two are compared. Where they differ, a value
 * that is text is marked whole; one that is Html marks what differs itself (`differing`).
 */
export type Compared = { label: string; values: readonly Content[]; same: boolean };

/** Values of two or more sources beside each other, `csv` being the table's name on its page; where they differ it is marked, and said. */
export const comparison = (
  words: Words,
  caption: string,
  sources: readonly string[],
  lines: readonly Compared[],
  csv: string,
): Html =>
  html`<div class="table-responsive" role="region" aria-label="${caption}" tabindex="0"><table class="table comparison"${csvName(csv)}>
<caption class="visually-hidden">${caption}</caption>
<thead><tr><td></td>${sources.map((source) => html`<th scope="col">${source}</th>`)}<th scope="col">${words.say('common.compared')}</th></tr></thead>
<tbody>${lines.map(
    (line) => html`<tr class="${line.same ? '' : 'row-warning'}"><th scope="row">${line.label}</th>
${line.values.map((value) => html`<td>${line.same || typeof value !== 'string' ? value : html`<mark>${value}</mark>`}</td>`)}
<td class="${line.same ? 'same' : 'differs'}">${words.say(line.same ? 'common.same' : 'common.differs')}</td></tr>`,
  )}</tbody></table></div>${tableFileLink(csv, caption)}`;

/** Two texts word by word: those that the other lacks are marked. For names and addresses in a `comparison`. */
export function differing(text: string, other: string): Html {
  const others = new Set(wordsIn(other).map(folded));
  return html`<bdi>${wordsIn(text).map((word, index) => html`${index === 0 ? '' : ' '}${others.has(folded(word)) ? word : html`<mark>${word}</mark>`}`)}</bdi>`;
}

const wordsIn = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const folded = (word: string): string => word.toLocaleLowerCase('fr');

export type Tile = {
  label: string;
  value: Content;
  note?: Content | undefined;
  href?: string | undefined;
  tone?: 'attention' | 'bad' | undefined;
};

/** Figures at a glance. One with `href` leads to what it counts. */
export const tiles = (entries: readonly Tile[]): Html =>
  html`<ul class="tiles">${entries.map(
    (tile) => html`<li class="tile ${tile.tone === undefined ? '' : `tile-${tile.tone}`}">
<span class="tile-label">${tile.href === undefined ? tile.label : link(tile.href, tile.label)}</span>
<span class="tile-value">${tile.value}</span>
${tile.note === undefined ? '' : html`<span class="tile-note">${tile.note}</span>`}</li>`,
  )}</ul>`;

const calloutClasses = { info: 'alert-info', good: 'alert-success', warning: 'alert-warning', danger: 'alert-danger' };

/** Something to know before going on. The title says which kind in words. */
export const callout = (tone: keyof typeof calloutClasses, title: string, content: Content = ''): Html =>
  html`<div class="alert ${calloutClasses[tone]} callout"><p class="callout-title">${title}</p>${content === '' ? '' : html`<div>${content}</div>`}</div>`;

/** Pages of one matter beside each other: links, no script. */
export const tabs = (label: string, entries: readonly { href: string; label: string; current: boolean }[]): Html =>
  html`<nav aria-label="${label}"><ul class="nav nav-tabs">${entries.map(
    (tab) =>
      html`<li class="nav-item"><a class="nav-link ${tab.current ? 'active' : ''}" href="${tab.href}" ${tab.current ? html`aria-current="page"` : ''}>${tab.label}</a></li>`,
  )}</ul></nav>`;

/** Behind a line that opens it: what few need to see. */
export const details = (summary: string, content: Content): Html =>
  html`<details class="fold"><summary>${summary}</summary>${content}</details>`;
