import pg from 'pg';

/**
 * What an error of the database means for the statement that met it.
 * ITEM: one row's data (classes 22, 23). AGAIN: a deadlock or serialisation failure (40), rolled back whole.
 * NOT_BEGUN: the server was not reached, nothing ran. LOST: the connection ended in between; what was asked may
 * have committed. OTHER: a fault of ours.
 */
export type DatabaseFault = 'ITEM' | 'AGAIN' | 'NOT_BEGUN' | 'LOST' | 'OTHER';

/** SQLSTATE classes and Node's own codes, from https://www.postgresql.org/docs/current/errcodes-appendix.html. */
export function databaseFault(error: unknown): DatabaseFault {
  if (error instanceof AggregateError)
    return error.errors.every((one) => databaseFault(one) === 'NOT_BEGUN') ? 'NOT_BEGUN' : 'LOST';
  if (!(error instanceof Error)) return 'OTHER';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof pg.DatabaseError || /^[0-9A-Z]{5}$/.test(code)) return ofServer(code);
  // While it connects, and not on a connection that may have carried a COMMIT.
  const connecting = 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
  if (connecting) return 'NOT_BEGUN';
  // The pool's own words, which carry no code.
  if (/timeout exceeded when trying to connect|connection timeout/i.test(error.message)) return 'NOT_BEGUN';
  const broken = /^E[A-Z0-9]+$/.test(code);
  if (broken || /connection terminated|query read timeout|not queryable|connection error/i.test(error.message))
    return 'LOST';
  return 'OTHER';
}

function ofServer(state: string): DatabaseFault {
  // Refused at the door: starting up, shutting down, out of connections.
  if (state === '57P03' || state === '53300') return 'NOT_BEGUN';
  if (state.startsWith('22') || state.startsWith('23')) return 'ITEM';
  if (state.startsWith('40')) return 'AGAIN';
  // Cancelled by the time limit, ended by an administrator, no room, a broken protocol: it may have committed or not.
  if (state.startsWith('57') || state.startsWith('08') || state.startsWith('53') || state.startsWith('58'))
    return 'LOST';
  return 'OTHER';
}

/** Two wrote the same new name: whoever runs again sees the other's row. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505';
