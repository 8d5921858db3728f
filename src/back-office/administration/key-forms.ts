import { html } from 'hono/html';
import { proposeRegistration } from '../../clients/registry-change.ts';
import { readSigningKey, type SigningKeyReading } from '../../clients/signing-keys.ts';
import { addDays, algiersDay, type Day, parseDay, startOfAlgiersDay } from '../../values/dates.ts';
import type { CreditorCode } from '../../values/ids.ts';
import { details } from '../look/blocks.ts';
import { dateField, fieldRow, fileField, textareaField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, hiddenField, submitButton } from '../look/form.ts';
import { buttonLink, dayText, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { scopesText } from './creditor-pages.ts';
import {
  type AdministrationParts,
  askingOf,
  factsOfForm,
  knownCreditor,
  notFound,
  page,
  proposed,
  reasonFaults,
  reasonField,
  statusOf,
  textOf,
} from './shared.ts';

/** A creditor's signing key: its public half, the record that the creditor signed, and from when until when. */
export async function keyForm(parts: AdministrationParts, visit: Visit, faults: Faults = {}): Promise<PageAnswer> {
  const { words, form: fields, now } = visit;
  const creditor = await knownCreditor(parts, visit);
  if (creditor === undefined) return notFound(visit, 'creditors');
  const path = `/administration/creditors/${creditor}`;
  const today = algiersDay(now);
  const content = form({
    visit,
    action: `${path}/signing-keys/new`,
    files: true,
    content: html`${faultSummary(words, faults)}
<p>${words.say('administration.key-what')}</p>
${fileField({ name: 'keyFile', label: words.say('administration.key-file'), accept: '.pem,.pub,.jwk,.json', fault: faults.keyFile })}
${textareaField({ name: 'publicKey', label: words.say('administration.key-text'), rows: 5, ltr: true, maxLength: 5000, value: withoutSecret(textOf(fields, 'publicKey')) })}
${fileField({ name: 'recordFile', label: words.say('administration.record-upload'), accept: '.jws,.jwt,.txt', fault: faults.recordFile })}
${textareaField({ name: 'record', label: words.say('administration.record-text'), rows: 5, ltr: true, maxLength: 8192, value: textOf(fields, 'record') })}
${details(words.say('administration.record-how'), html`<p>${words.say('administration.record-how-text')}</p><pre dir="ltr">${recordShape(creditor, parts.issuer)}</pre>`)}
${fieldRow(
  dateField({
    name: 'validFrom',
    required: true,
    label: words.say('administration.valid-from'),
    value: textOf(fields, 'validFrom') || today,
    minimum: today,
    fault: faults.validFrom,
  }),
  dateField({
    name: 'validUntil',
    required: true,
    label: words.say('administration.last-day'),
    value: textOf(fields, 'validUntil') || addDays(today, 730),
    minimum: today,
    fault: faults.validUntil,
  }),
)}
${actions(submitButton({ label: words.say('administration.check') }), buttonLink(path, words.say('common.cancel')))}`,
  });
  return page(visit, 'creditors', words.say('administration.new-key'), content, statusOf(faults));
}

export async function postKey(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, form: fields, uploads, now } = visit;
  const creditorCode = await knownCreditor(parts, visit);
  if (creditorCode === undefined) return notFound(visit, 'creditors');
  const publicKey = (uploads.get('keyFile')?.bytes.toString('utf8') ?? textOf(fields, 'publicKey')).trim();
  const registration = (uploads.get('recordFile')?.bytes.toString('latin1') ?? textOf(fields, 'record')).trim();
  const from = parseDay(textOf(fields, 'validFrom'));
  const last = parseDay(textOf(fields, 'validUntil'));
  const dates = dateFaults(visit, from, last);
  if (from === undefined || last === undefined || Object.keys(dates).length > 0) return keyForm(parts, visit, dates);
  const validity = { validFrom: startOfAlgiersDay(from), validUntil: startOfAlgiersDay(addDays(last, 1)) };
  const asked = { creditorCode, publicKey, registration, ...validity, issuer: parts.issuer, now };
  const read = await readSigningKey(parts.db, asked);
  if (read.outcome === 'REFUSED') return keyForm(parts, visit, refusal(visit, read));
  const { thumbprint } = read.key;
  const confirmed = textOf(fields, 'confirmed') === thumbprint;
  const faults = confirmed ? reasonFaults(visit) : {};
  if (confirmed && Object.keys(faults).length === 0) {
    const change = { kind: 'signing-key.registration', creditorCode, thumbprint, publicKey, registration } as const;
    return proposed(visit, await proposeRegistration(parts.db, { ...change, ...validity }, askingOf(visit)));
  }
  const path = `/administration/creditors/${creditorCode}`;
  const content = form({
    visit,
    action: `${path}/signing-keys/new`,
    content: html`${faultSummary(words, faults)}
${keyFacts(visit, creditorCode, read, { from, last })}
${hiddenField('publicKey', publicKey)}${hiddenField('record', registration)}
${hiddenField('validFrom', from)}${hiddenField('validUntil', last)}${hiddenField('confirmed', thumbprint)}
${reasonField(visit, faults)}
${actions(submitButton({ label: words.say('administration.propose') }), buttonLink(path, words.say('common.cancel')))}`,
  });
  return page(visit, 'creditors', words.say('administration.new-key'), content, statusOf(faults));
}

/** What two people compare with the creditor, and who vouches for the key. */
const keyFacts = (
  visit: Visit,
  creditor: CreditorCode,
  { key, signedBy }: Extract<SigningKeyReading, { outcome: 'READ' }>,
  { from, last }: { from: Day; last: Day },
): Html => {
  const { words } = visit;
  return factsOfForm([
    [words.say('administration.creditor'), ltr(creditor)],
    [words.say('administration.thumbprint'), ltr(key.thumbprint)],
    [words.say('administration.algorithm'), ltr(key.algorithm)],
    [words.say('administration.scopes'), scopesText(visit, key.scopes)],
    [words.say('administration.valid-from'), dayText(words, from)],
    [words.say('administration.last-day'), dayText(words, last)],
    [
      words.say('administration.record'),
      signedBy === 'ITSELF'
        ? words.say('administration.signed-by-itself')
        : html`${words.say('administration.signed-by-earlier')} ${ltr(signedBy.kid)}`,
    ],
  ]);
};

/** What the reader found, in English for the creditor's engineers: isolated, left to right in Arabic too. */
function refusal({ words }: Visit, { fault, detail }: Extract<SigningKeyReading, { outcome: 'REFUSED' }>): Faults {
  const said = `${words.say(`administration.fault.key-${fault}`)} (\u2066${detail}\u2069)`;
  return fault === 'KEY' || fault === 'PRIVATE_KEY' ? { keyFile: said } : { recordFile: said };
}

function dateFaults({ words, now }: Visit, from: Day | undefined, last: Day | undefined): Faults {
  return {
    ...(from === undefined && { validFrom: words.say('administration.fault.not-a-day') }),
    ...(last === undefined && { validUntil: words.say('administration.fault.not-a-day') }),
    ...(last !== undefined && last < algiersDay(now) && { validUntil: words.say('administration.fault.past') }),
    ...(from !== undefined &&
      last !== undefined &&
      last < from && { validUntil: words.say('administration.fault.before-first') }),
  };
}

/** What a creditor's engineer signs: header and claims, as they stand before they are encoded. */
const recordShape = (creditor: CreditorCode, issuer: string): string =>
  `{"alg":"ES256","kid":"…","typ":"signing-key-registration+jwt"}\n${JSON.stringify(
    { iss: creditor, aud: issuer, iat: 1_767_225_600, jti: '…', jkt: '…', scopes: ['mandates', 'debits', 'reversals'] },
    undefined,
    1,
  )}`;

/** A private key that was pasted by mistake is not put into a page. */
const withoutSecret = (text: string): string => (/PRIVATE KEY|"d"/.test(text) ? '' : text);
