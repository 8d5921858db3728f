/** What the other parts may ask of the journal: only this folder reads its table. */
export { type Deed, deedsOf, type Transition, transitionsOf, wasApplied } from './journal.sql.ts';
export { anythingUnsealedBefore, sealedStretch } from './seal.sql.ts';
