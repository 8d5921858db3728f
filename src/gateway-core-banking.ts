import type pg from 'pg';
import type { Config } from './config.ts';
import { iso20022CoreBanking } from './core-banking/iso20022/adapter.ts';
import { openBusConnection } from './core-banking/iso20022/exchange.ts';
import { guarded } from './core-banking/iso20022/guard.ts';
import { keptMessages } from './core-banking/iso20022/messages.ts';
import { statementBounds } from './core-banking/iso20022/statement.ts';
import { parseVersions } from './core-banking/iso20022/versions.ts';
import { ledgerCoreBanking } from './core-banking/ledger.ts';
import type { CoreBanking, CoreContradiction, CoreProperties } from './core-banking/port.ts';
import { selectInstructionsHeld } from './debits/instructions.sql.ts';
import { recordQuarantined } from './debits/keep-contradiction.sql.ts';

export type CoreBankingParts = {
  config: Config;
  /** Where the bus's messages are kept, with what contradicts of them. */
  db: pg.Pool;
  openLedgerPool: () => pg.Pool;
  now: () => Date;
  /** An answer of the bus's was not believed, since it contradicts. */
  onQuarantined: (difference: CoreContradiction['difference']) => void;
  /** An answer of the bus was to another message. */
  onOtherMessage: (answered: string) => void;
  onFault: (fault: unknown) => void;
};

export type OpenCoreBanking = Disposable & {
  coreBanking: CoreBanking;
  /** Of the embedded ledger; undefined beside a bus. */
  ledger: pg.Pool | undefined;
  /** Reads the bus's certificate and key again where they have changed. */
  refresh: () => Promise<void>;
  /** The bus has failed so often that it is left alone for a while. */
  isPaused: () => boolean;
  /** When our certificate for the bus ends; undefined where there is no bus. */
  certificateNotAfter: () => Date | undefined;
};

/** Opens what moves the money, by the setting. */
export async function openCoreBanking(parts: CoreBankingParts): Promise<OpenCoreBanking> {
  switch (parts.config.coreBanking) {
    case 'ledger': {
      const ledger = parts.openLedgerPool();
      return {
        coreBanking: ledgerCoreBanking(ledger, { onFault: parts.onFault }),
        ledger,
        refresh: async () => undefined,
        isPaused: () => false,
        certificateNotAfter: () => undefined,
        [Symbol.dispose]: () => undefined,
      };
    }
    case 'iso20022':
      return openBus(parts);
  }
}

async function openBus({
  config,
  db,
  now,
  onQuarantined,
  onOtherMessage,
  onFault,
}: CoreBankingParts): Promise<OpenCoreBanking> {
  const { busAnswerBytes: answerBytes, busConnections: connections } = config;
  const versions = parseVersions(config.busVersionsWritten, config.busVersionsRead);
  if (typeof versions === 'string') throw new Error(`settings: the bus's versions: ${versions}`);
  const connection = await openBusConnection({
    origin: told(config.busOrigin),
    files: {
      authorities: told(config.busAuthoritiesFile),
      certificate: told(config.busCertificateFile),
      key: told(config.busKeyFile),
    },
    ...{ connections, answerBytes },
  });
  const guard = guarded(connection, {
    underWay: connections,
    failures: config.busFailures,
    pauseSeconds: config.busPauseSeconds,
  });
  const coreBanking = iso20022CoreBanking({
    ...{
      bus: guard,
      properties: propertiesOf(config),
      versions,
      answerBytes,
      statementBounds,
      now,
      onQuarantined,
      onOtherMessage,
      onFault,
    },
    callSeconds: config.coreCallSeconds,
    bankCode: told(config.bankCodes[0]),
    messages: keptMessages(db, { instructionsHeld: selectInstructionsHeld, quarantine: recordQuarantined }),
  });
  return {
    coreBanking,
    ledger: undefined,
    refresh: async () => {
      await connection.refresh();
    },
    isPaused: guard.isOpen,
    certificateNotAfter: connection.certificateNotAfter,
    [Symbol.dispose]: () => connection.close(),
  };
}

/** As the bank has promised: what the gateway does in doubt follows from it (debits/doubt.ts). */
const propertiesOf = ({ busMemory, busKeepsRefusals, busHonoursNotAfter, busCanVoid }: Config): CoreProperties => ({
  memory: busMemory === 'for-ever' ? 'FOR_EVER' : { secondsAfterNotAfter: Number(told(busMemory)) },
  keepsRefusals: busKeepsRefusals === 'yes',
  honoursNotAfter: busHonoursNotAfter === 'yes',
  canVoid: busCanVoid === 'yes',
});

/** What settings-rules.ts has made sure of. */
function told(setting: string | undefined): string {
  if (setting === undefined) throw new Error('settings: the bus is not told whole');
  return setting;
}
