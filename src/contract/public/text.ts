import { html } from 'hono/html';
import { problems } from '../problems.ts';

/** A piece of a page: `hono/html` escapes every value that goes into one. */
export type Html = ReturnType<typeof html>;

/** The contract's descriptions as pages show them: paragraphs, tables, **strong**, `code`. Nothing else of Markdown. */
export const prose = (markdown: string): Html =>
  html`${markdown
    .trim()
    .split(/\n{2,}/)
    .map(block)}`;

function block(text: string): Html {
  const lines = text.trim().split('\n');
  if (lines.length > 2 && lines.every((line) => line.startsWith('|'))) return table(lines.map(cells));
  return html`<p>${inline(lines.join(' '))}</p>`;
}

const cells = (row: string): string[] =>
  row
    .slice(1, row.endsWith('|') ? -1 : undefined)
    .split('|')
    .map((cell) => cell.trim());

/** The second row is the line under the head. */
const table = ([head = [], , ...rows]: string[][]): Html => html`<div class="scroll"><table>
<thead><tr>${head.map((cell) => html`<th scope="col">${inline(cell)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${inline(cell)}</td>`)}</tr>`)}</tbody>
</table></div>`;

/** Text of one line. The kind of a problem in code leads to its page. */
export const inline = (text: string): Html =>
  html`${text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.startsWith('`')) return code(piece.slice(1, -1));
    return piece.startsWith('**') ? html`<strong>${piece.slice(2, -2)}</strong>` : piece;
  })}`;

const code = (text: string): Html =>
  Object.hasOwn(problems, text)
    ? html`<a href="/problems/${text}"><code>${text}</code></a>`
    : html`<code>${text}</code>`;
