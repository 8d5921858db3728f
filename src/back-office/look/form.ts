import { html } from 'hono/html';
import type { Html, Visit } from '../page.ts';
import type { Words } from '../words/words.ts';
import type { Content } from './text.ts';

/** The hidden field that proves that a form is ours. */
export const csrfFieldName = 'csrf';

export const csrfField = ({ csrf }: Pick<Visit, 'csrf'>): Html =>
  html`<input type="hidden" name="${csrfFieldName}" value="${csrf}">`;

export const hiddenField = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** What is wrong with a form, by its field's name: each is said beside the field, and once more at the top. */
export type Faults = Readonly<Record<string, string>>;

export type Form = {
  visit: Pick<Visit, 'csrf'>;
  action: string;
  content: Content;
  /** Holds a file field. */
  files?: boolean | undefined;
  id?: string | undefined;
};

/** A form that changes something. Not validated by the browser: our own messages are in the reader's language. */
export const form = ({ visit, action, content, files, id }: Form): Html =>
  html`<form method="post" action="${action}" ${id === undefined ? '' : html`id="${id}"`} ${files ? html`enctype="multipart/form-data"` : ''} novalidate class="form">
${csrfField(visit)}
${content}
</form>`;

/** At the top of a form with faults, before its fields: says how many, and leads to each. Nothing where there are none. */
export function faultSummary(words: Words, faults: Faults): Content {
  const entries = Object.entries(faults);
  if (entries.length === 0) return '';
  return html`<div class="alert alert-danger fault-summary" role="alert" tabindex="-1" data-focus>
<h2 class="alert-heading">${words.say('common.faults', { count: entries.length })}</h2>
<ul>${entries.map(([name, message]) => html`<li><a href="#${fieldId(name)}">${message}</a></li>`)}</ul>
</div>`;
}

export const fieldId = (name: string): string => `field-${name}`;

/** `primary` is what most come to do here, one a page; `danger` can't be taken back. */
export type ButtonTone = 'primary' | 'plain' | 'danger';

const buttonClasses: Record<ButtonTone, string> = {
  primary: 'btn btn-primary',
  plain: 'btn btn-outline-secondary',
  danger: 'btn btn-danger',
};

export type Button = {
  label: string;
  tone?: ButtonTone | undefined;
  /** For a form with several buttons. */
  name?: string | undefined;
  value?: string | undefined;
  /** Asked first where scripts run; the page after must be safe without. */
  confirm?: string | undefined;
};

export const submitButton = ({ label, tone = 'primary', name, value, confirm }: Button): Html =>
  html`<button type="submit" class="${buttonClasses[tone]}" ${name === undefined ? '' : html`name="${name}"`} ${value === undefined ? '' : html`value="${value}"`} ${confirm === undefined ? '' : html`data-confirm="${confirm}"`}>${label}</button>`;

/** The line of buttons at a form's end. */
export const actions = (...buttons: readonly Content[]): Html => html`<div class="actions">${buttons}</div>`;

/** A button that does one thing by itself: a form with nothing to fill in. */
export const postButton = (button: Button & Pick<Form, 'visit' | 'action'>): Html =>
  html`<form method="post" action="${button.action}" class="d-inline">${csrfField(button.visit)}${submitButton({ tone: 'plain', ...button })}</form>`;
