import { html } from 'hono/html';
import type { DebitFacts } from '../../debits/file.sql.ts';
import type { Proof, ProofKind } from '../../debits/file.ts';
import type { RequestReading, TokenReading } from '../../debits/proof.ts';
import { badge } from '../look/badge.ts';
import { descriptions, details, section } from '../look/blocks.ts';
import { table } from '../look/table.ts';
import { type Content, instantText, ltr, nameText, printLink } from '../look/text.ts';
import type { Html } from '../page.ts';
import type { WordKey, Words } from '../words/words.ts';

const titles: Record<ProofKind, WordKey> = {
  reversal: 'debits.proof.reversal',
  confirmation: 'debits.proof.confirmation',
  rejection: 'debits.proof.rejection',
  receipt: 'debits.proof.receipt',
};

/** A token of the debit's: what checking it now said, every claim of it, and the token itself to copy. */
export const proofSection = (words: Words, proof: Proof, print: string | undefined): Html =>
  section(
    words.say(titles[proof.kind]),
    html`${descriptions([
      [words.say('debits.signature'), verdict(words, proof.reading)],
      ...(proof.reading.outcome === 'GENUINE'
        ? ([[words.say('debits.signing-key'), ltr(proof.reading.kid)]] as const)
        : []),
    ])}${proof.reading.outcome === 'GENUINE' ? details(words.say('debits.claims'), claimsTable(words, proof.kind, proof.reading.claims)) : ''}${details(words.say('debits.token'), code(proof.token))}`,
    print === undefined ? '' : printLink(words, print, words.say('debits.print-receipt')),
  );

/** What the creditor signed to ask for it, and whether its signature holds today. */
export const requestSection = (words: Words, request: DebitFacts['request'], reading: RequestReading): Html =>
  section(
    words.say('debits.request'),
    html`${descriptions([
      [words.say('debits.signature'), verdict(words, reading)],
      [words.say('debits.request-id'), ltr(request.jti)],
      [words.say('debits.signed-at'), instantText(words, request.signedAt)],
      [words.say('debits.received-at'), instantText(words, request.receivedAt)],
      [words.say('debits.creditor-key'), ltr(request.keyThumbprint)],
      [words.say('debits.digest'), ltr(request.digest.toString('base64url'))],
      ...(reading.outcome === 'GENUINE' && reading.withdrawnSince !== undefined
        ? ([[words.say('debits.key-withdrawn'), instantText(words, reading.withdrawnSince)]] as const)
        : []),
    ])}${details(words.say('debits.body'), html`<p>${ltr(`${request.method} ${request.target}`)}</p>${code(request.body.toString('utf8'))}`)}${details(words.say('debits.token'), code(request.token))}`,
  );

const faultWords: Record<Exclude<(TokenReading | RequestReading)['outcome'], 'GENUINE'>, WordKey> = {
  MALFORMED: 'debits.verdict.MALFORMED',
  WRONG_TYPE: 'debits.verdict.WRONG_TYPE',
  UNKNOWN_KEY: 'debits.verdict.UNKNOWN_KEY',
  BAD_SIGNATURE: 'debits.verdict.BAD_SIGNATURE',
  WRONG_ISSUER: 'debits.verdict.WRONG_ISSUER',
  WRONG_AUDIENCE: 'debits.verdict.WRONG_AUDIENCE',
  WRONG_ENVIRONMENT: 'debits.verdict.WRONG_ENVIRONMENT',
  OTHER_DEBIT: 'debits.verdict.OTHER_DEBIT',
  OTHER_BODY: 'debits.verdict.OTHER_BODY',
  OTHER_REQUEST: 'debits.verdict.OTHER_REQUEST',
  KEY_NOT_VALID_THEN: 'debits.verdict.KEY_NOT_VALID_THEN',
};

const verdict = (words: Words, { outcome }: TokenReading | RequestReading): Html =>
  outcome === 'GENUINE'
    ? badge('good', words.say('debits.verdict.GENUINE'))
    : badge('bad', words.say(faultWords[outcome]));

type Claim = { name: string; value: unknown };

/** Each claim under its own name, as it was signed: it is the proof, and not ours to translate. */
const claimsTable = (words: Words, kind: ProofKind, claims: Readonly<Record<string, unknown>>): Html =>
  table<Claim>({
    csv: `claims-${kind}`,
    caption: words.say('debits.claims'),
    captionHidden: true,
    rows: Object.entries(claims).flatMap(([name, value]) => flattened(name, value)),
    empty: '',
    columns: [
      { heading: words.say('debits.claim'), names: true, cell: ({ name }) => ltr(name) },
      { heading: words.say('debits.value'), cell: ({ value }) => valueText(value) },
    ],
  });

const flattened = (name: string, value: unknown): Claim[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).map(([member, of]) => ({ name: `${name}.${member}`, value: of }))
    : [{ name, value }];

const valueText = (value: unknown): Content =>
  typeof value === 'string' ? nameText(value) : ltr(JSON.stringify(value));

/** A long text of a program's, left to right, that breaks where it must. */
const code = (text: string): Html => html`<code class="d-block text-break text-start" dir="ltr">${text}</code>`;
