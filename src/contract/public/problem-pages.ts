import { html } from 'hono/html';
import { type Contract, children, isRecord, partAt } from '../contract-document.ts';
import { type ProblemKind, problemKinds, problems, type Retry } from '../problems.ts';
import { problemAddress } from '../write-answer.ts';
import { layout } from './layout.ts';
import { type Html, inline } from './text.ts';

const retryWords: Record<Retry, string> = {
  same: 'Yes: the same again, under the same name, at once. A write gets a new signature.',
  after:
    'Yes: the same again, under the same name, once the time in `Retry-After` has passed. A write gets a new signature.',
  'new-debit': 'Not under this name. A new debit needs a name of its own.',
  'next-attempt': 'Not under this attempt’s number. A new try names the next one, in a body signed anew.',
  never: 'No: asked again as it is, it gets the same answer.',
};

/** The page that a problem's `type` leads to: what happened, who acts, whether to try again. */
export function problemPage(contract: Contract, kind: ProblemKind, publicOrigin: string): Html {
  const { title, status, retry, cause, whoActs } = problems[kind];
  const example = exampleOf(contract, kind);
  return layout({
    title,
    here: 'problems',
    aside: kinds(kind),
    content: html`<p class="crumb"><a href="/problems">Problems</a></p>
<h1>${title}</h1>
<dl class="facts">
<dt>Status</dt><dd><span class="status">${status}</span></dd>
<dt>Type</dt><dd><code>${problemAddress(publicOrigin, kind)}</code></dd>
<dt>Cause</dt><dd>${inline(cause)}</dd>
<dt>Who acts</dt><dd>${inline(whoActs)}</dd>
<dt>Try again?</dt><dd>${inline(retryWords[retry])} <code>"retry": "${retry}"</code></dd>
</dl>
${example === undefined ? '' : html`<h2>Example</h2><figure><pre tabindex="0"><code>${JSON.stringify(example, null, 2)}</code></pre></figure>`}`,
  });
}

/** Every kind, by status. */
export const problemIndex = (): Html =>
  layout({
    title: 'Problems',
    here: 'problems',
    aside: kinds(undefined),
    content: html`<h1>Problems</h1>
<p class="lead">Every answer that is an error is a problem document (RFC 9457). Programs look at <code>type</code> and
<code>retry</code>; people look here.</p>
<div class="scroll"><table><thead><tr><th scope="col">status</th><th scope="col">kind</th><th scope="col">means</th><th scope="col">retry</th></tr></thead>
<tbody>${problemKinds.map(
      (kind) => html`<tr><td><span class="status">${problems[kind].status}</span></td>
<td><a href="/problems/${kind}"><code>${kind}</code></a></td><td>${problems[kind].title}</td><td><code>${problems[kind].retry}</code></td></tr>`,
    )}</tbody></table></div>`,
  });

const kinds = (here: ProblemKind | undefined): Html =>
  html`<ul>${problemKinds.map(
    (kind) =>
      html`<li>${kind === here ? html`<a href="/problems/${kind}" aria-current="page">${kind}</a>` : html`<a href="/problems/${kind}">${kind}</a>`}</li>`,
  )}</ul>`;

/** The contract's own example of this kind, where it has one. */
function exampleOf({ document }: Contract, kind: ProblemKind): unknown {
  const examples = children(document, partAt(document, '/components'), 'examples').map(([, { value }]) => value.value);
  return examples.find((value) => isRecord(value) && String(value.type).endsWith(`/problems/${kind}`));
}
