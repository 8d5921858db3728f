import type { Rib } from '../../values/rib.ts';
import type { AccountOutcome } from '../port.ts';
import { accountAt } from './lines.ts';
import { only, textAt, type XmlElement } from './xml.ts';

const unreachable: AccountOutcome = { outcome: 'UNREACHABLE' };

/** Reads an acmt.024. What answers another question, or names another account, is no answer about this one. */
export function judgeAccountReport(root: XmlElement, messageId: string, rib: Rib): AccountOutcome {
  const document = only(root, 'IdVrfctnRpt');
  const report = only(document, 'Rpt');
  if (textAt(document, 'OrgnlAssgnmt', 'MsgId') !== messageId || textAt(report, 'OrgnlId') !== messageId)
    return unreachable;
  if (accountAt(only(report, 'OrgnlPtyAndAcctId'), 'Acct') !== rib) return unreachable;
  const holder = textAt(report, 'UpdtdPtyAndAcctId', 'Pty', 'Nm');
  const verified = textAt(report, 'Vrfctn');
  const reason = textAt(report, 'Rsn', 'Cd');
  if (verified === 'false' && reason === 'AC01') return { outcome: 'UNKNOWN' };
  const status = statusOf(verified, reason);
  return status === undefined || holder === undefined ? unreachable : { outcome: 'FOUND', status, holder };
}

function statusOf(verified: string | undefined, reason: string | undefined): 'OPEN' | 'BLOCKED' | 'CLOSED' | undefined {
  if (verified === 'true') return reason === undefined ? 'OPEN' : undefined;
  if (verified !== 'false') return undefined;
  return reason === 'AC06' ? 'BLOCKED' : reason === 'AC04' ? 'CLOSED' : undefined;
}
