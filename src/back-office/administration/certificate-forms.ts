import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { html } from 'hono/html';
import { type CertificateFault, type ClientCertificate, readClientCertificate } from '../../clients/certificates.ts';
import { certificatesOf, signingKeyLinesOf } from '../../clients/look-up.ts';
import { proposeRegistration, proposeWithdrawal } from '../../clients/registry-change.ts';
import { type CreditorCode, parseCreditorCode } from '../../values/ids.ts';
import { callout } from '../look/blocks.ts';
import { fileField, textareaField } from '../look/fields.ts';
import { actions, type Faults, faultSummary, form, hiddenField, submitButton } from '../look/form.ts';
import { buttonLink, instantText, ltr } from '../look/text.ts';
import type { Html, PageAnswer, Visit } from '../page.ts';
import { groups } from './creditor-pages.ts';
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
  untilText,
} from './shared.ts';

/** A client certificate: uploaded or pasted, read and shown, and then proposed. */
export async function certificateForm(
  parts: AdministrationParts,
  visit: Visit,
  faults: Faults = {},
): Promise<PageAnswer> {
  const { words } = visit;
  const creditor = await knownCreditor(parts, visit);
  if (creditor === undefined) return notFound(visit, 'creditors');
  const path = `/administration/creditors/${creditor}`;
  const content = form({
    visit,
    action: `${path}/certificates/new`,
    files: true,
    content: html`${faultSummary(words, faults)}
<p>${words.say('administration.certificate-what')}</p>
${fileField({ name: 'file', label: words.say('administration.certificate-file'), accept: '.pem,.crt,.cer', fault: faults.file })}
${textareaField({ name: 'pem', label: words.say('administration.certificate-text'), rows: 6, ltr: true, maxLength: 20_000, value: faults.file === undefined ? textOf(visit.form, 'pem') : '' })}
${actions(submitButton({ label: words.say('administration.check') }), buttonLink(path, words.say('common.cancel')))}`,
  });
  return page(visit, 'creditors', words.say('administration.new-certificate'), content, statusOf(faults));
}

export async function postCertificate(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, form: fields, now } = visit;
  const creditorCode = await knownCreditor(parts, visit);
  if (creditorCode === undefined) return notFound(visit, 'creditors');
  const pem = visit.uploads.get('file')?.bytes.toString('latin1') ?? textOf(fields, 'pem');
  const read = readClientCertificate(pem);
  if (read.outcome === 'REFUSED') return certificateForm(parts, visit, { file: certificateFault(visit, read.fault) });
  const { certificate } = read;
  if (certificate.notAfter <= now) return certificateForm(parts, visit, { file: certificateFault(visit, 'ENDED') });
  const known = (await certificatesOf(parts.db, creditorCode)).some(
    ({ thumbprint }) => thumbprint === certificate.thumbprint,
  );
  if (known) return certificateForm(parts, visit, { file: words.say('administration.fault.known-certificate') });
  const confirmed = textOf(fields, 'confirmed') === certificate.thumbprint;
  const faults = confirmed ? reasonFaults(visit) : {};
  if (confirmed && Object.keys(faults).length === 0) {
    const { thumbprint } = certificate;
    const change = { kind: 'client.registration', creditorCode, thumbprint, pem } as const;
    return proposed(visit, await proposeRegistration(parts.db, change, askingOf(visit)));
  }
  const path = `/administration/creditors/${creditorCode}`;
  const content = form({
    visit,
    action: `${path}/certificates/new`,
    content: html`${faultSummary(words, faults)}
${certificateFacts(visit, creditorCode, certificate)}
${(await isTrusted(parts, pem)) ? '' : callout('warning', words.say('administration.untrusted'), words.say('administration.untrusted-text'))}
${hiddenField('pem', pem)}${hiddenField('confirmed', certificate.thumbprint)}
${reasonField(visit, faults)}
${actions(submitButton({ label: words.say('administration.propose') }), buttonLink(path, words.say('common.cancel')))}`,
  });
  return page(visit, 'creditors', words.say('administration.new-certificate'), content, statusOf(faults));
}

/** What two people compare with the creditor: subject, dates, thumbprint. */
const certificateFacts = (
  { words, now }: Visit,
  creditor: CreditorCode,
  { subject, issuer, serialNumber, thumbprint, notBefore, notAfter }: ClientCertificate,
): Html =>
  factsOfForm([
    [words.say('administration.creditor'), ltr(creditor)],
    [words.say('administration.subject'), ltr(subject)],
    [words.say('administration.issuer'), ltr(issuer)],
    [words.say('administration.serial'), ltr(serialNumber)],
    [words.say('administration.thumbprint'), ltr(groups(thumbprint))],
    [words.say('administration.valid-from'), instantText(words, notBefore)],
    [words.say('administration.valid-until'), untilText(words, notAfter, now)],
  ]);

const certificateFault = ({ words }: Visit, fault: CertificateFault | 'ENDED'): string =>
  words.say(`administration.fault.certificate-${fault}`);

/** Whether one of the authorities that the door trusts has issued it: else the handshake needs what stands between. */
async function isTrusted({ config }: AdministrationParts, pem: string): Promise<boolean> {
  const authorities = await readFile(config.clientAuthoritiesFile, 'utf8');
  const certificate = new X509Certificate(pem);
  return (authorities.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
    .map((authority) => new X509Certificate(authority))
    .some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
}

type Withdrawn = 'client.withdrawal' | 'signing-key.withdrawal';

/** Takes a certificate or a key out of use for ever: asked once more, with the reason. */
export async function withdrawalForm(
  parts: AdministrationParts,
  visit: Visit,
  kind: Withdrawn,
  faults: Faults = {},
): Promise<PageAnswer> {
  const { words } = visit;
  const found = await toWithdraw(parts, visit, kind);
  if (found === undefined) return notFound(visit, 'creditors');
  const path = `/administration/creditors/${found.creditorCode}`;
  const room = kind === 'client.withdrawal' ? 'certificates' : 'signing-keys';
  const title = words.say(
    kind === 'client.withdrawal' ? 'administration.withdraw-certificate' : 'administration.withdraw-key',
  );
  const content = form({
    visit,
    action: `${path}/${room}/${found.thumbprint}/withdrawal`,
    content: html`${faultSummary(words, faults)}
${callout('warning', words.say('administration.withdraw-for-ever'), words.say('administration.withdraw-text'))}
${found.facts}
${reasonField(visit, faults)}
${actions(submitButton({ label: words.say('administration.propose-withdrawal'), tone: 'danger' }), buttonLink(path, words.say('common.cancel')))}`,
  });
  return page(visit, 'creditors', title, content, statusOf(faults));
}

export async function postWithdrawal(parts: AdministrationParts, visit: Visit, kind: Withdrawn): Promise<PageAnswer> {
  const found = await toWithdraw(parts, visit, kind);
  if (found === undefined) return notFound(visit, 'creditors');
  const faults = reasonFaults(visit);
  if (Object.keys(faults).length > 0) return withdrawalForm(parts, visit, kind, faults);
  const { creditorCode, thumbprint } = found;
  return proposed(visit, await proposeWithdrawal(parts.db, { kind, creditorCode, thumbprint }, askingOf(visit)));
}

async function toWithdraw({ db }: AdministrationParts, visit: Visit, kind: Withdrawn) {
  const { words, params } = visit;
  const creditorCode = parseCreditorCode(params.creditorCode ?? '');
  if (creditorCode === undefined) return undefined;
  if (kind === 'client.withdrawal') {
    const line = (await certificatesOf(db, creditorCode)).find(({ thumbprint }) => thumbprint === params.thumbprint);
    if (line === undefined || line.withdrawnAt !== undefined) return undefined;
    return { creditorCode, thumbprint: line.thumbprint, facts: certificateFacts(visit, creditorCode, line) };
  }
  const line = (await signingKeyLinesOf(db, creditorCode)).find(({ thumbprint }) => thumbprint === params.thumbprint);
  if (line === undefined || line.withdrawnAt !== undefined) return undefined;
  const facts = factsOfForm([
    [words.say('administration.creditor'), ltr(creditorCode)],
    [words.say('administration.thumbprint'), ltr(line.thumbprint)],
    [words.say('administration.valid-until'), instantText(words, line.validUntil)],
  ]);
  return { creditorCode, thumbprint: line.thumbprint, facts };
}
