import pg from 'pg';

/** Reads dates as text: a day has no time zone, and a JavaScript date would give it one. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    Number(oid) === pg.types.builtins.DATE ? (text: string) => text : pg.types.getTypeParser(oid, format),
};

export type PoolSettings = {
  url: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  connections?: number;
  statementSeconds?: number;
  /** Told of an idle connection that broke; the pool replaces it by itself. */
  onIdleFault?: (fault: Error) => void;
  /** Looks at each new connection before it carries its first statement; what it throws, who asked for one gets. */
  verify?: (connection: pg.PoolClient) => Promise<void>;
};

/** A pool whose statements end by themselves. Whoever opens it ends it. */
export function openPool(settings: PoolSettings): pg.Pool {
  const {
    url,
    applicationName,
    connections = 10,
    statementSeconds = 5,
    onIdleFault = () => undefined,
    verify,
  } = settings;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max: connections,
    connectionTimeoutMillis: statementSeconds * 1000,
    statement_timeout: statementSeconds * 1000,
    // The server's time limit speaks first; this one is for a server that is gone.
    query_timeout: statementSeconds * 1000 + 1000,
    idle_in_transaction_session_timeout: 10_000,
    // A page's first rows are found by one process as soon as by three, which would take the cores from the debits.
    options: '-c max_parallel_workers_per_gather=0',
    keepAlive: true,
    types,
    ...(verify && { verify: (connection, done) => void verify(connection).then(() => done(), done) }),
  });
  // Without a listener an idle connection's end would end the process.
  pool.on('error', onIdleFault);
  // The pool lets go of a connection before it is closed: a server that stops in between must not end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Runs `work` in one transaction on one connection: commits what it returns, rolls back what it throws. */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (db: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    // A connection that could not roll back is closed, not given to the next.
    client.release(broken);
  }
}
