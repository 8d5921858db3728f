import { html } from 'hono/html';
import {
  type Contract,
  children,
  type DescribedAnswer,
  type Example,
  isRecord,
  type MediaType,
  type Operation,
  partAt,
} from '../contract-document.ts';
import { layout } from './layout.ts';
import { membersTable, nameOf, row, schemaSection, typeOf } from './schema.ts';
import { type Html, inline, prose } from './text.ts';

/** Where the two doors are, as the bank tells it. */
export type Origins = { api: string; public: string };

/** The contract as people read it: what it is, how to sign in and sign, and each operation with its examples. */
export function documentationPage(contract: Contract, origins: Origins): Html {
  const info = partAt(contract.document, '/info').value;
  const tags = tagsOf(contract);
  return layout({
    title: 'Documentation',
    here: 'documentation',
    aside: html`<ul><li><a href="#content">Overview</a></li><li><a href="#security">Who is calling</a></li></ul>
${tags.map(({ name, operations }) => html`<h2><a href="#${name}">${name}</a></h2><ul>${operations.map(link)}</ul>`)}`,
    content: html`<h1>${String(info.title)} <small>${String(info.version)}</small></h1>
<p class="lead">${String(info.summary)}</p>
<dl class="facts">
<dt>API</dt><dd><code>${origins.api}</code></dd>
<dt>This door</dt><dd><code>${origins.public}</code></dd>
<dt>Contract</dt><dd><a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1)</dd>
<dt>Keys</dt><dd><a href="/.well-known/jwks.json">jwks.json</a>, with which every token of the bank is verified</dd>
</dl>
${prose(String(info.description))}
${securitySection(contract)}
${tags.map(
  ({ name, description, operations }) => html`<section id="${name}" class="tag"><h2>${name}</h2>${prose(description)}
${operations.map((operation) => operationSection(contract, operation))}
${webhookSections(contract, name)}</section>`,
)}`,
  });
}

/** Every type of the contract, each with an anchor. */
export function typesPage({ document }: Contract): Html {
  const schemas = children(document, partAt(document, '/components'), 'schemas');
  return layout({
    title: 'Types',
    here: 'types',
    aside: html`<ul>${schemas.map(([name]) => html`<li><a href="#${name}">${name}</a></li>`)}</ul>`,
    content: html`<h1>Types</h1>
<p class="lead">What requests, answers and signed tokens are made of.</p>
${schemas.map(([name, schema]) => schemaSection(document, name, schema))}`,
  });
}

type Tag = { name: string; description: string; operations: Operation[] };

function tagsOf({ document, operations }: Contract): Tag[] {
  return children(document, { pointer: '', value: document }, 'tags').map(([, { value }]) => ({
    name: String(value.name),
    description: String(value.description ?? ''),
    operations: operations.filter(({ tags }) => tags.includes(String(value.name))),
  }));
}

const link = ({ operationId, method, summary }: Operation): Html =>
  html`<li><a href="#${operationId}">${badge(method)} <span>${summary}</span></a></li>`;

const badge = (method: string): Html => html`<span class="method ${method.toLowerCase()}">${method}</span>`;

const securitySection = ({ document }: Contract): Html => html`<section id="security"><h2>Who is calling</h2>
<dl class="facts">${children(document, partAt(document, '/components'), 'securitySchemes').map(
  ([name, { value }]) => html`<dt><code>${name}</code></dt><dd>${inline(String(value.description))}</dd>`,
)}</dl>
<p>What a request signature says: ${typeOf(document, partAt(document, '/components/schemas/RequestSignatureClaims'))}.</p>
</section>`;

function operationSection({ document }: Contract, operation: Operation): Html {
  const { operationId, method, template, summary, description, scope, parameters, body } = operation;
  return html`<article id="${operationId}" class="operation">
<h3><a href="#${operationId}">${summary}</a></h3>
<p class="call">${badge(method)} <code>${template}</code></p>
${prose(description)}
<p class="note">${scope === undefined ? 'Not signed: the client certificate is enough.' : html`Signed, by a key with the scope <code>${scope}</code>.`}</p>
${
  parameters.length === 0
    ? ''
    : html`<h4>Parameters</h4><div class="scroll"><table class="members">
<thead><tr><th scope="col">name</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead>
<tbody>${parameters.map((parameter) => row(document, parameter.name, parameter.schema, parameter.required, `In the ${parameter.in}. ${parameter.description}`))}</tbody></table></div>`
}
${body === undefined ? '' : html`<h4>Body</h4><p>${inline(body.description)}</p>${body.mediaTypes.map((mediaType) => mediaTypeBlock(document, mediaType, true))}`}
<h4>Answers</h4>
${operation.answers.map((answer) => answerBlock(document, answer))}
</article>`;
}

/** What the bank sends to the creditor, under the tag that it belongs to. */
const webhookSections = ({ document }: Contract, tag: string): Html[] =>
  children(document, { pointer: '', value: document }, 'webhooks').flatMap(([name, webhook]) =>
    children(document, { pointer: webhook.pointer, value: { webhook: webhook.value } }, 'webhook')
      .filter(([, { value }]) => Array.isArray(value.tags) && value.tags.includes(tag))
      .map(
        ([method, { value }]) => html`<article id="webhook-${name}" class="operation">
<h3><a href="#webhook-${name}">${String(value.summary)}</a></h3>
<p class="call">${badge(method.toUpperCase())} <code>the creditor’s address</code></p>
${prose(String(value.description))}
</article>`,
      ),
  );

function answerBlock(
  document: Contract['document'],
  { status, description, headers, mediaTypes }: DescribedAnswer,
): Html {
  return html`<details class="answer${status < 300 ? ' good' : ''}">
<summary><span class="status">${status}</span> <span>${inline(description)}</span></summary>
<p class="headers">Headers: ${headers.map(({ name }, at) => html`${at === 0 ? '' : ', '}<code>${name}</code>`)}</p>
${mediaTypes.map((mediaType) => mediaTypeBlock(document, mediaType, false))}
</details>`;
}

function mediaTypeBlock(
  document: Contract['document'],
  { type, schema, examples }: MediaType,
  withMembers: boolean,
): Html {
  return html`<p class="media"><code>${type}</code>${schema === undefined ? ' the bytes as they are' : html` ${typeOf(document, schema)}`}</p>
${schema === undefined || !(withMembers || nameOf(schema) === undefined) ? '' : membersTable(document, schema)}
${examples.map(exampleBlock)}`;
}

const exampleBlock = ({ summary, value }: Example): Html => html`<figure><figcaption>${summary}</figcaption>
<pre tabindex="0"><code>${isRecord(value) || Array.isArray(value) ? JSON.stringify(value, null, 2) : String(value)}</code></pre></figure>`;
