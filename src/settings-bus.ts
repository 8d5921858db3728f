import { standardVersions } from './core-banking/iso20022/versions.ts';
import { count, origin, seconds, text } from './settings-shapes.ts';

/** What is asked for the money: the embedded ledger, or the bank's own bus (docs/CORE-BANKING-BUS.md). */
export type BusSettings = {
  coreBanking: 'ledger' | 'iso20022';
  busOrigin?: string;
  busAuthoritiesFile?: string;
  busCertificateFile?: string;
  busKeyFile?: string;
  busMemory?: string;
  busKeepsRefusals?: 'yes' | 'no';
  busHonoursNotAfter?: 'yes' | 'no';
  busCanVoid?: 'yes' | 'no';
  busVersionsWritten: string;
  busVersionsRead: string;
  busConnections: number;
  busAnswerBytes: number;
  busFailures: number;
  busPauseSeconds: number;
};

/** No default: it is what the bank has promised, never what a gateway hopes. */
const promise = (description: string) =>
  ({ type: 'string', enum: ['yes', 'no'], nullable: true, description }) as const;

const oneVersion = '[a-z]{4}\\.\\d{3}\\.\\d{3}\\.\\d{2}';
const versions = (standard: string, description: string) =>
  ({
    type: 'string',
    pattern: `^${oneVersion}(,${oneVersion})*$`,
    maxLength: 1000,
    default: standard,
    description,
  }) as const;

export const busSettings = {
  coreBanking: {
    type: 'string',
    enum: ['ledger', 'iso20022'],
    default: 'ledger',
    description: "What moves the money: the embedded ledger, or the bank's own bus over HTTPS",
  },
  busOrigin: origin('Origin of the bus: its host name is checked'),
  busAuthoritiesFile: { ...text("The authorities of the bus's certificate, PEM; never the system's"), nullable: true },
  busCertificateFile: { ...text('Our certificate for the bus with its chain, PEM'), nullable: true },
  busKeyFile: { ...text('Its private key, PEM, readable by the gateway alone'), nullable: true },
  busMemory: {
    type: 'string',
    pattern: '^(for-ever|\\d{1,9})$',
    nullable: true,
    description: 'How long the bus knows an executed reference: `for-ever`, or seconds after its `notAfter`',
  },
  busKeepsRefusals: promise('Whether it knows what it has refused, and never executes a later copy of it'),
  busHonoursNotAfter: promise('Whether it refuses what reaches it after its `notAfter`'),
  busCanVoid: promise('Whether it can be told never to execute a reference (camt.056), one unknown to it too'),
  busVersionsWritten: versions(standardVersions.written, 'The version of each message that is sent'),
  busVersionsRead: versions(standardVersions.read, 'The versions of answers that are read; a message may have several'),
  busConnections: count(32, 1_000, 'Messages to the bus under way at once; eight times as many wait'),
  busAnswerBytes: count(4_194_304, 67_108_864, 'Bytes of an answer of the bus; a longer one is none'),
  busFailures: count(10, 1_000, 'Failures of the bus one after the other, until nothing is sent for a while'),
  busPauseSeconds: seconds(5, 300, 'That while; then one message tries it'),
} as const;
