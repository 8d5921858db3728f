/** What other features may ask of the account that a debit was credited to: only this folder knows how it is told. */
export { creditedAccountAt } from './open-debit.sql.ts';
