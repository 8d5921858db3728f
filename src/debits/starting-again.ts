/** What other features may ask of a restore: whether its stop stands still. */
export { startsAgain } from './stopped.sql.ts';
