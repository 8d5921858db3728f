/** The messages that the gateway writes, and those that it reads, without their versions. */
export const writtenMessages = ['pacs.003', 'pacs.028', 'camt.056', 'pacs.007', 'acmt.023'] as const;
export const readMessages = ['pacs.002', 'camt.029', 'acmt.024', 'camt.053'] as const;
export type WrittenMessage = (typeof writtenMessages)[number];
export type ReadMessage = (typeof readMessages)[number];

/** "pacs.003.001.08": which version of each is written, and which of each are read. */
export type MessageVersions = {
  written: Readonly<Record<WrittenMessage, string>>;
  read: Readonly<Record<ReadMessage, readonly string[]>>;
};

export const standardVersions = {
  written: 'pacs.003.001.08,pacs.028.001.03,camt.056.001.08,pacs.007.001.09,acmt.023.001.03',
  read: 'pacs.002.001.10,camt.029.001.09,acmt.024.001.03,camt.053.001.08',
} as const;

const namespacePrefix = 'urn:iso:std:iso:20022:tech:xsd:';

export const namespaceOf = (version: string): string => `${namespacePrefix}${version}`;

/** "pacs.002.001.10" of its namespace; undefined where it is none of ISO 20022's. */
export const versionOf = (namespace: string): string | undefined =>
  /^[a-z]{4}\.\d{3}\.\d{3}\.\d{2}$/.exec(
    namespace.startsWith(namespacePrefix) ? namespace.slice(namespacePrefix.length) : '',
  )?.[0];

/** Reads the two settings: each message written in one version, each read in one at least. Else what is wrong. */
export function parseVersions(written: string, read: string): MessageVersions | string {
  const writes = written.split(',');
  const reads = read.split(',');
  const one = (message: WrittenMessage) => writes.filter((version) => version.startsWith(`${message}.`));
  const some = (message: ReadMessage) => reads.filter((version) => version.startsWith(`${message}.`));
  const faults = [
    ...writtenMessages
      .filter((message) => one(message).length !== 1)
      .map((message) => `${message} once among those written`),
    ...readMessages.filter((message) => some(message).length === 0).map((message) => `${message} among those read`),
  ];
  if (faults.length > 0) return `needs ${faults.join(', ')}`;
  return {
    written: {
      'pacs.003': one('pacs.003')[0] ?? '',
      'pacs.028': one('pacs.028')[0] ?? '',
      'camt.056': one('camt.056')[0] ?? '',
      'pacs.007': one('pacs.007')[0] ?? '',
      'acmt.023': one('acmt.023')[0] ?? '',
    },
    read: {
      'pacs.002': some('pacs.002'),
      'camt.029': some('camt.029'),
      'acmt.024': some('acmt.024'),
      'camt.053': some('camt.053'),
    },
  };
}
