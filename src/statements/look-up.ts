/** What the other parts may ask of the statements. */
export { findStatement, listStatements } from './statements.sql.ts';
