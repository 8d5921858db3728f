import { styleText } from 'node:util';
import type { Reply } from './client.ts';

/** What the demonstration says: a numbered step, what was sent, what came back, what a token holds. */
export type Narrator = {
  step: (title: string) => void;
  line: (text: string) => void;
  sent: (what: string, body?: object) => void;
  answered: (reply: Reply, members?: readonly string[]) => void;
  token: (name: string, token: string) => void;
  fact: (name: string, value: string) => void;
};

function openNarrator(print: (text: string) => void): Narrator {
  let number = 0;
  const indented = (text: string) =>
    text
      .split('\n')
      .map((line) => `      ${line}`)
      .join('\n');
  return {
    step(title) {
      number += 1;
      print(`\n${styleText(['bold', 'cyan'], `${String(number).padStart(2)}. ${title}`)}`);
    },
    line: (text) => print(`    ${text}`),
    sent(what, body) {
      print(`    ${styleText('yellow', '→')} ${what}`);
      if (body !== undefined) print(indented(JSON.stringify(body, undefined, 2)));
    },
    answered(reply, members) {
      const paid = reply.status < 400 ? 'green' : 'red';
      print(
        `    ${styleText(paid, `← ${reply.status}`)} ${reply.headers['content-type'] ?? ''}, ${reply.bytes.length} bytes`,
      );
      if (reply.json !== undefined && members !== undefined)
        print(indented(JSON.stringify(pick(reply.json, members), undefined, 2)));
    },
    token(name, token) {
      const [header = '', claims = ''] = token.split('.');
      print(`    ${styleText('magenta', name)} ${token.slice(0, 40)}… (${token.length} characters), which says:`);
      print(indented(`${decoded(header)}\n${JSON.stringify(JSON.parse(decoded(claims)), undefined, 2)}`));
    },
    fact: (name, value) => print(`    ${name.padEnd(34)} ${styleText('bold', value)}`),
  };
}

const decoded = (part: string): string => Buffer.from(part, 'base64url').toString();

const pick = (json: Readonly<Record<string, unknown>>, members: readonly string[]): object =>
  Object.fromEntries(members.filter((name) => json[name] !== undefined).map((name) => [name, shortened(json[name])]));

/** Tokens are shown decoded, elsewhere. */
const shortened = (value: unknown): unknown =>
  typeof value === 'string' && value.length > 100 ? `${value.slice(0, 40)}…` : value;

/** The demonstration's own. */
export const narrator = openNarrator(console.log);
