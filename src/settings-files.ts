import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from './settings.ts';

type FileSettings = Pick<
  Settings,
  | 'keyFolder'
  | 'tlsCertificateFile'
  | 'tlsKeyFile'
  | 'clientAuthoritiesFile'
  | 'signInClientSecretFile'
  | 'signInAuthoritiesFile'
  | 'webhookKeyFile'
  | 'webhookCertificateFile'
  | 'webhookCertificateFolder'
  | 'busAuthoritiesFile'
  | 'busCertificateFile'
  | 'busKeyFile'
>;

/**
 * Looks at the files that the settings name. Throws one error that lists every fault: a private key or secret that
 * others can read, whatever the environment; in production, development keys and certificates, wherever they were copied to.
 */
export async function requireSafeFiles(config: FileSettings, production: boolean): Promise<void> {
  const { keyFolder, tlsKeyFile, webhookKeyFile, busKeyFile, signInClientSecretFile: secret } = config;
  const tlsKeys = [tlsKeyFile, webhookKeyFile, busKeyFile].filter((file) => file !== undefined);
  const keys = await pemFilesIn(keyFolder);
  const webhookKeys =
    config.webhookCertificateFolder === undefined ? [] : await pemFilesIn(config.webhookCertificateFolder);
  const open = await Promise.all([
    ...[...tlsKeys, ...webhookKeys, ...keys].map((file) => readableByOthers(file, 'PRIVATE KEY-----')),
    ...(secret === undefined ? [] : [readableByOthers(secret, '')]),
  ]);
  const development = production ? await developmentFaults(config, keys, webhookKeys) : [];
  const faults = [...open.flat(), ...development];
  if (faults.length > 0) throw new Error(`files:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}

const pemFilesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.pem')).map((name) => path.join(folder, name));

/** Only where it holds `secret`: a certificate may be read by anyone. */
async function readableByOthers(file: string, secret: string): Promise<string[]> {
  // Windows has no such bits: Node makes them up.
  if (process.platform === 'win32') return [];
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0 || !(await readFile(file, 'utf8')).includes(secret)) return [];
  return [`${file} is readable by group or others (chmod 600)`];
}

async function developmentFaults(
  config: FileSettings,
  keys: readonly string[],
  ofReceivers: readonly string[],
): Promise<string[]> {
  const marked = keys.filter((file) => file.endsWith('-development.pem'));
  const named = [
    ...[config.tlsCertificateFile, config.clientAuthoritiesFile, config.signInAuthoritiesFile],
    ...[config.busAuthoritiesFile, config.busCertificateFile, config.webhookCertificateFile],
  ].filter((file) => file !== undefined);
  const certificates = await Promise.all([...named, ...ofReceivers].map(developmentOnly));
  return [...marked.map((file) => `${file} is a development key, which production refuses`), ...certificates.flat()];
}

/** By what the development authority writes into each certificate, so that a copy is known too. */
async function developmentOnly(file: string): Promise<string[]> {
  const pems = (await readFile(file, 'utf8')).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return pems.some((pem) => /development/i.test(new X509Certificate(pem).issuer))
    ? [`${file} holds a certificate of the development authority, which production refuses`]
    : [];
}
