import type pg from 'pg';

/** Where a statement runs: a pool, or one connection of it inside a transaction. */
export type Queryable = {
  query: <Row extends pg.QueryResultRow>(statement: pg.QueryConfig) => Promise<pg.QueryResult<Row>>;
};
