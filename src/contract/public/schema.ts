import { html } from 'hono/html';
import { type Contract, children, isRecord, type Part, within } from '../contract-document.ts';
import { type Html, inline, prose } from './text.ts';

/** What a schema is called in the contract, "Amount"; undefined for one that stands where it is used. */
export const nameOf = ({ pointer }: Part): string | undefined => /^\/components\/schemas\/([^/]+)$/.exec(pointer)?.[1];

/** Its type in a word or two, as a link where it has a name. */
export function typeOf(document: Contract['document'], part: Part): Html {
  const name = nameOf(part);
  if (name !== undefined) return html`<a href="/types#${name}">${name}</a>`;
  if (part.value.type !== 'array') return html`${word(part.value.type)}`;
  return html`array${isRecord(part.value.items) ? html` of ${typeOf(document, within(document, part, 'items'))}` : ''}`;
}

/** What a value must be, beside its type. */
function rulesOf({ value }: Part, whole: boolean): Html {
  const rules = [
    ...(typeof value.format === 'string' ? [html`${value.format}`] : []),
    ...(Array.isArray(value.enum) ? [html`one of ${listed(value.enum)}`] : []),
    ...('const' in value ? [html`always <code>${JSON.stringify(value.const)}</code>`] : []),
    ...range('characters', value.minLength, value.maxLength),
    ...range('', value.minimum, value.maximum),
    ...range('entries', value.minItems, value.maxItems),
    ...('default' in value ? [html`${JSON.stringify(value.default)} where it is left out`] : []),
    // A named type's pattern stands with the type.
    ...(typeof value.pattern === 'string' && value.pattern.length < 120 && whole
      ? [html`<code>${value.pattern}</code>`]
      : []),
  ];
  return rules.length === 0
    ? html``
    : html`<span class="rules">${rules.map((rule, at) => (at === 0 ? rule : html` · ${rule}`))}</span>`;
}

const listed = (values: unknown[]): Html =>
  html`${values.map((value, at) => html`${at === 0 ? '' : ', '}<code>${word(value)}</code>`)}`;

function range(unit: string, least: unknown, most: unknown): Html[] {
  if (typeof least !== 'number' && typeof most !== 'number') return [];
  const numbers =
    typeof least !== 'number'
      ? `at most ${most}`
      : least === most
        ? `${least}`
        : typeof most !== 'number'
          ? `at least ${least}`
          : `${least} to ${most}`;
  return [html`${numbers}${unit === '' ? '' : ` ${unit}`}`];
}

/** An object's members as a table; nothing for any other schema. */
export function membersTable(document: Contract['document'], part: Part): Html {
  const members = children(document, part, 'properties');
  if (members.length === 0) return html``;
  const required = Array.isArray(part.value.required) ? part.value.required : [];
  return html`<div class="scroll"><table class="members">
<thead><tr><th scope="col">member</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead>
<tbody>${members.map(([name, member]) => row(document, name, member, required.includes(name)))}</tbody>
</table></div>`;
}

export const row = (
  document: Contract['document'],
  name: string,
  schema: Part,
  required: boolean,
  description?: string,
): Html => html`<tr>
<th scope="row"><code>${name}</code>${required ? html` <span class="required">required</span>` : ''}</th>
<td>${typeOf(document, schema)}</td>
<td>${meaningOf(schema, description)}</td>
</tr>`;

/** A type whose description is long has it on its own page only. */
function meaningOf(schema: Part, description: string | undefined): Html {
  const text = description ?? (nameOf(schema) === undefined || !isLong(schema) ? word(schema.value.description) : '');
  const rules =
    nameOf(schema) === undefined || !('properties' in schema.value)
      ? rulesOf(schema, nameOf(schema) === undefined)
      : html``;
  return html`${inline(text)} ${rules}`;
}

const isLong = ({ value }: Part): boolean => word(value.description).includes('\n\n');

/** One type with all that the contract says of it. */
export function schemaSection(document: Contract['document'], name: string, part: Part): Html {
  const claims = isRecord(part.value.contentSchema) ? within(document, part, 'contentSchema') : undefined;
  return html`<section id="${name}" class="schema">
<h2><a href="#${name}">${name}</a> <small>${word(part.value.type)}</small></h2>
${prose(word(part.value.description))}
${'properties' in part.value ? '' : html`<p>${rulesOf(part, true)}</p>`}
${claims === undefined ? '' : html`<p>Its claims: ${typeOf(document, claims)}.</p>`}
${part.value.type === 'array' ? html`<p>${typeOf(document, { pointer: '', value: part.value })}</p>` : ''}
${membersTable(document, part)}
</section>`;
}

const word = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
