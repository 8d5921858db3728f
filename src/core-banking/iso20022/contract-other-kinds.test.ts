import { openIso20022Bank } from '../../../test/iso20022-bank.ts';
import { bestKind } from '../../core-bank-simulator/kind.ts';
import { coreBankingContract } from '../contract-suite.ts';

// Each property that a bank may not promise beside those that it does; what promises least is in contract-kinds.test.ts.
coreBankingContract('iso20022, forgets after an hour and can not void', () =>
  openIso20022Bank({ ...bestKind, memorySeconds: 3600, canVoid: false }),
);
coreBankingContract('iso20022, may execute late', () => openIso20022Bank({ ...bestKind, honoursNotAfter: false }));
