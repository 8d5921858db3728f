import type { CoreBanking } from '../core-banking/port.ts';
import type { Metrics } from './metrics.ts';

/** The port with each call measured. */
export const measured = (core: CoreBanking, { coreCall }: Metrics): CoreBanking => ({
  properties: core.properties,
  lookUpAccount: (rib) => coreCall('lookUpAccount', () => core.lookUpAccount(rib)),
  debit: (instructions) => coreCall('debit', () => core.debit(instructions)),
  inquire: (references) => coreCall('inquire', () => core.inquire(references)),
  void: (references) => coreCall('void', () => core.void(references)),
  reverse: (instructions) => coreCall('reverse', () => core.reverse(instructions)),
  movements: (day) => coreCall('movements', () => core.movements(day)),
});
