import { settings } from './settings.ts';
import { variableOf } from './settings-rules.ts';

/** What the README shows for defaults that follow from the machine or from other settings. */
const derived: Readonly<Record<string, string>> = {
  environment: '`development`',
  dataFolder: '`/var/lib/cnas-debit-gateway` for root, else `~/.local/state/cnas-debit-gateway`',
  keyFolder: '`keys` in the data folder',
  tlsCertificateFile: '`certs-dev/out/server.pem`',
  tlsKeyFile: '`certs-dev/out/server-key.pem`',
  clientAuthoritiesFile: '`certs-dev/out/ca.pem`',
};

type Shown = {
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
};

/** The README's table of settings, in Markdown. */
export function settingsTable(): string {
  const rows = Object.entries<Shown>({ ...settings.properties }).map(
    ([name, setting]) =>
      `| \`${variableOf(name)}\` | ${setting.description ?? ''} | ${bounds(setting)} | ${standard(name, setting)} |`,
  );
  return ['| variable | meaning | values | default |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function bounds({ enum: values, minimum, maximum }: Shown): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(' ');
  if (maximum === undefined) return '';
  return minimum === undefined ? `up to ${maximum}` : `${minimum} to ${maximum}`;
}

function standard(name: string, { default: value }: Shown): string {
  if (value === undefined || value === '') return derived[name] ?? '';
  return `\`${value}\``;
}
