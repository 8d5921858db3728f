import type { BackOfficePage } from '../page.ts';
import { contestPages } from './contests.ts';
import { contradictionPages } from './contradiction-ending.ts';
import { debitPages as debitFilePages } from './debit.ts';
import { endingPages } from './ending.ts';
import { debitListPages } from './list.ts';
import { messagePages } from './message-page.ts';
import type { DebitPageParts } from './parts.ts';
import { queueExportPages } from './queue-export.ts';
import { queuePages } from './queues.ts';
import { reversalEndingPages } from './reversal-ending.ts';

/** Every page about debits. What has a name of its own comes before what takes any id. */
export const debitPages = (parts: DebitPageParts): BackOfficePage[] => [
  ...debitListPages(parts),
  ...queuePages(parts),
  ...queueExportPages(parts),
  ...debitFilePages(parts),
  ...messagePages(parts),
  ...endingPages(parts),
  ...reversalEndingPages(parts),
  ...contradictionPages(parts),
  ...contestPages(parts),
];
