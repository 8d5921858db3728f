import { html } from 'hono/html';
import type { Administration } from './administration.ts';
import { catalogue } from './catalogue.ts';
import { kindMeanings } from './kind.ts';

/** The simulator's own page: what it is now, and every call and behaviour with an example. */
export async function page(administration: Administration): Promise<string> {
  const kind = administration.kind();
  return String(
    await html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Core banking bus simulator</title></head>
<body>
<h1>Core banking bus simulator</h1>
<p>A bank's core banking bus, as docs/CORE-BANKING-BUS.md has it, over the double-entry ledger. It does what it is told here:
nothing of what it says is a bank's word. What was told is gone when it is started anew; its books stay.</p>

<h2>Calls</h2>
<table>
<tr><th>call</th><th>does</th></tr>
${calls.map(([call, does]) => html`<tr><td><code>${call}</code></td><td>${does}</td></tr>\n`)}
</table>

<h2>The kind of bus</h2>
<table>
<tr><th>property</th><th>now</th><th>what it means here</th></tr>
${entriesOf(kindMeanings).map(
  ([property, meaning]) =>
    html`<tr><td><code>${property}</code></td><td><code>${JSON.stringify(kind[property])}</code></td><td>${meaning}</td></tr>\n`,
)}
</table>
<pre>PUT /kind
${JSON.stringify({ memorySeconds: 3600, keepsRefusals: false, honoursNotAfter: true, canVoid: true })}</pre>

<h2>Behaviours</h2>
<p>A rule says when, and what then. The first rule that applies is played, in the order in which they were told; where one
plays with the whole exchange, another may still play with each of its transactions. <code>when</code>:
<code>message</code>, <code>reference</code>, <code>rib</code> (either account, also of a reference that is only asked
about), <code>day</code> (of a statement); all that is named must be so, and nothing named is always. <code>times</code>: for the next
so many, a page of a statement being one. <code>probability</code>: 0 to 1, drawn from the seed, the rule's name and
what it is about. <code>processed</code>: whether what was asked is done before it misbehaves.</p>
<pre>PUT /behaviours/blocked-account
${JSON.stringify({ when: { message: 'pacs.003', rib: '00500102000000000138' }, times: 3, probability: 0.5, behaviour: catalogue.reset.example })}</pre>
<table>
<tr><th>behaviour</th><th>of</th><th>messages</th><th>does</th><th>example</th></tr>
${entriesOf(catalogue).map(
  ([name, { of, messages, does, example }]) => html`<tr><td><code>${name}</code></td><td>${of.toLowerCase()}</td>
<td>${messages.join(' ')}</td><td>${does}</td><td><code>${JSON.stringify(example)}</code></td></tr>\n`,
)}
</table>

<h2>Now</h2>
<pre>${JSON.stringify(administration.rules(), undefined, 2)}
${JSON.stringify(administration.counts(), undefined, 2)}</pre>
</body>
</html>
`,
  );
}

const calls: readonly [string, string][] = [
  ['GET /behaviours', 'The rules in the order in which they are tried, with how often each may still be played'],
  ['PUT /behaviours/{name}', 'One rule, new or anew'],
  ['PUT /behaviours', 'An object of rules by their names: these and no others'],
  ['DELETE /behaviours, DELETE /behaviours/{name}', 'Behave again'],
  ['GET /kind, PUT /kind', 'Which kind of bus it is, from the next message on; what is booked stays'],
  ['GET /books', 'Everything that was ever decided, one JSON object a line, in the order of booking: for a checker'],
  ['GET /imbalances', 'Whatever does not add up in the books: an empty list'],
  ['GET /counts', 'Messages seen, behaviours played, messages refused (400) and faults of the simulator itself (500)'],
  [
    'GET /refused-messages',
    'The last 50 messages that were refused, with what was wrong: by the published schema, or by the protocol',
  ],
  [
    'POST /accounts',
    'Opens accounts: [{"rib", "holder", "kind": "CUSTOMER" | "COLLECTION", "openingBalance": "125000.00"}]',
  ],
  ['GET /accounts/{rib}', 'Its holder, status and balance'],
  ['PUT /accounts/{rib}/status', '{"status": "OPEN" | "BLOCKED" | "CLOSED"}'],
  ['POST /accounts/{rib}/fundings', '{"reference", "amount"}: pays in, once a reference'],
];

/** An object's own entries with their names' types: these are closed sets. */
function entriesOf<Value extends object>(of: Value): [keyof Value, Value[keyof Value]][] {
  const entries: [keyof Value, Value[keyof Value]][] = [];
  for (const name in of) entries.push([name, of[name]]);
  return entries;
}
