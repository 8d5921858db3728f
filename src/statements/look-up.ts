/** What the other parts may ask of the statements, the reconciliations and the books. */
export {
  compareBooksAgain,
  countBookDifferences,
  listComparisons,
  readComparison,
  type ShownDifference,
  selectDifferences,
} from './book-views.sql.ts';
export { selectReconciliationLines } from './reconciliation-lines.sql.ts';
export { findReconciliation, listReconciliations, readReconciliation } from './reconciliations.sql.ts';
export { findStatement, listStatements } from './statements.sql.ts';
