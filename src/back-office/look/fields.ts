import { html } from 'hono/html';
import type { Html } from '../page.ts';
import { fieldId } from './form.ts';
import type { Content } from './text.ts';

export type Field = {
  name: string;
  label: Content;
  value?: string | undefined;
  hint?: Content | undefined;
  /** What is wrong with it, in words that say what to do. */
  fault?: string | undefined;
  required?: boolean | undefined;
  readOnly?: boolean | undefined;
  autofocus?: boolean | undefined;
  /** `data-…` attributes for a script that helps, by the name after `data-`. */
  data?: Readonly<Record<string, string>> | undefined;
};

export type Choice = { value: string; label: string; hint?: string | undefined };

export type TextField = Field & {
  type?: 'text' | 'search' | 'email' | 'tel' | 'url' | undefined;
  maxLength?: number | undefined;
  /** What the field holds is written left to right in every language: RIBs, references, codes. */
  ltr?: boolean | undefined;
  inputMode?: 'numeric' | 'decimal' | undefined;
  /** What it must look like, for browsers and screen readers: the server says in words what is wrong. */
  pattern?: string | undefined;
  /** About how many characters it is meant for. */
  size?: 'short' | 'medium' | 'long' | undefined;
  autocomplete?: string | undefined;
};

export function textField(field: TextField): Html {
  const { type = 'text', maxLength, ltr, inputMode, pattern, size = 'long', autocomplete = 'off' } = field;
  return wrapped(
    field,
    html`<input type="${type}" class="form-control field-${size}${field.fault === undefined ? '' : ' is-invalid'}" value="${field.value ?? ''}" autocomplete="${autocomplete}" ${maxLength === undefined ? '' : html`maxlength="${maxLength}"`} ${ltr ? html`dir="ltr"` : html`dir="auto"`} ${inputMode === undefined ? '' : html`inputmode="${inputMode}"`} ${pattern === undefined ? '' : html`pattern="${pattern}"`} ${described(field)}>`,
  );
}

/** An amount, as text: "125000.00" or as people write it; parsed on the server. The currency stands beside it. */
export const amountField = (field: Field & { currency: string }): Html =>
  wrapped(
    field,
    html`<span class="input-group field-medium"><input type="text" inputmode="decimal" dir="ltr" class="form-control text-end${field.fault === undefined ? '' : ' is-invalid'}" value="${field.value ?? ''}" autocomplete="off" maxlength="24" ${described(field)}><span class="input-group-text">${field.currency}</span></span>`,
  );

export const numberField = (field: Field & { minimum?: number | undefined; maximum?: number | undefined }): Html =>
  wrapped(
    field,
    html`<input type="number" dir="ltr" class="form-control field-short${field.fault === undefined ? '' : ' is-invalid'}" value="${field.value ?? ''}" ${field.minimum === undefined ? '' : html`min="${field.minimum}"`} ${field.maximum === undefined ? '' : html`max="${field.maximum}"`} ${described(field)}>`,
  );

/** A day, "2026-01-31": the browser shows it in its own form. */
export const dateField = (field: Field & { minimum?: string | undefined; maximum?: string | undefined }): Html =>
  wrapped(
    field,
    html`<input type="date" class="form-control field-short${field.fault === undefined ? '' : ' is-invalid'}" value="${field.value ?? ''}" ${field.minimum === undefined ? '' : html`min="${field.minimum}"`} ${field.maximum === undefined ? '' : html`max="${field.maximum}"`} ${described(field)}>`,
  );

/** `none` is the choice of nothing, first in the list: its words. */
export const selectField = (field: Field & { choices: readonly Choice[]; none?: string | undefined }): Html =>
  wrapped(
    field,
    html`<select class="form-select field-medium${field.fault === undefined ? '' : ' is-invalid'}" ${described(field)}>
${field.none === undefined ? '' : html`<option value="">${field.none}</option>`}
${field.choices.map((choice) => html`<option value="${choice.value}" ${choice.value === field.value ? html`selected` : ''}>${choice.label}</option>`)}
</select>`,
  );

export const textareaField = (
  field: Field & { rows?: number | undefined; maxLength?: number | undefined; ltr?: boolean | undefined },
): Html =>
  wrapped(
    field,
    html`<textarea class="form-control field-long${field.fault === undefined ? '' : ' is-invalid'}" rows="${field.rows ?? 3}" ${field.ltr ? html`dir="ltr"` : html`dir="auto"`} ${field.maxLength === undefined ? '' : html`maxlength="${field.maxLength}"`} ${described(field)}>${field.value ?? ''}</textarea>`,
  );

/** `accept` as HTML has it: ".csv,text/csv". What a file is gets found by its content, on the server. */
export const fileField = (field: Omit<Field, 'value'> & { accept: string }): Html =>
  wrapped(
    field,
    html`<input type="file" class="form-control field-long${field.fault === undefined ? '' : ' is-invalid'}" accept="${field.accept}" ${described(field)}>`,
  );

/** A yes or no: sends `value` ("yes") where it is ticked, nothing where not. */
export const checkboxField = (field: Field & { checked?: boolean | undefined }): Html =>
  html`<div class="field"><div class="form-check">
<input type="checkbox" class="form-check-input${field.fault === undefined ? '' : ' is-invalid'}" value="${field.value ?? 'yes'}" ${field.checked ? html`checked` : ''} ${described(field)}>
<label class="form-check-label" for="${fieldId(field.name)}">${field.label}</label>
</div>${notes(field)}</div>`;

/** One of a few, all in sight. */
export const radioField = (field: Field & { choices: readonly Choice[] }): Html =>
  html`<fieldset class="field" ${groupDescribed(field)}>
<legend class="form-label">${field.label}${field.required ? requiredMark : ''}</legend>
${field.choices.map((choice, index) => radio(field, choice, index === 0 ? fieldId(field.name) : `${fieldId(field.name)}-${index}`))}
${notes(field)}
</fieldset>`;

const radio = (field: Field, choice: Choice, id: string): Html =>
  html`<div class="form-check">
<input type="radio" class="form-check-input${field.fault === undefined ? '' : ' is-invalid'}" id="${id}" name="${field.name}" value="${choice.value}" ${choice.value === field.value ? html`checked` : ''} ${field.required ? html`required` : ''}>
<label class="form-check-label" for="${id}">${choice.label}${choice.hint === undefined ? '' : html`<span class="form-text d-block">${choice.hint}</span>`}</label>
</div>`;

/** Fields of one matter, under its name. */
export const fieldGroup = (legend: string, ...fields: readonly Content[]): Html =>
  html`<fieldset class="field-group"><legend>${legend}</legend>${fields}</fieldset>`;

/** Fields beside each other where there is room. */
export const fieldRow = (...fields: readonly Content[]): Html => html`<div class="field-row">${fields}</div>`;

const requiredMark = html`<span class="required-mark" aria-hidden="true"> *</span>`;

const wrapped = (field: Field, control: Html): Html =>
  html`<div class="field">
<label class="form-label" for="${fieldId(field.name)}">${field.label}${field.required ? requiredMark : ''}</label>
${control}
${notes(field)}
</div>`;

const notes = ({ name, hint, fault }: Field): Html =>
  html`${fault === undefined ? '' : html`<div class="invalid-feedback" id="${fieldId(name)}-fault">${fault}</div>`}${hint === undefined ? '' : html`<div class="form-text" id="${fieldId(name)}-hint">${hint}</div>`}`;

const described = (field: Field): Html =>
  html`id="${fieldId(field.name)}" name="${field.name}" ${groupDescribed(field)} ${field.required ? html`required` : ''} ${field.readOnly ? html`readonly` : ''} ${field.autofocus ? html`autofocus` : ''} ${Object.entries(field.data ?? {}).map(([name, value]) => html`data-${name}="${value}" `)}`;

function groupDescribed({ name, hint, fault }: Field): Html {
  const by = [fault === undefined ? '' : `${fieldId(name)}-fault`, hint === undefined ? '' : `${fieldId(name)}-hint`];
  const described = by.filter((id) => id !== '').join(' ');
  return html`${described === '' ? '' : html`aria-describedby="${described}"`} ${fault === undefined ? '' : html`aria-invalid="true"`}`;
}
