import type { components } from '../contract/generated.ts';
import type { ClosedStatement } from './statement.ts';
import { statementMembers } from './token.ts';

/** A statement without its lines, as the contract shows it (schema StatementSummary). */
export const statementSummary = (statement: ClosedStatement): components['schemas']['StatementSummary'] => ({
  ...statementMembers(statement),
  jti: statement.jti,
  token: statement.token,
  links: { self: `/v1/statements/${statement.day}` },
});
