import { createHash } from 'node:crypto';
import connectPgSimple from 'connect-pg-simple';
import session, { type SessionData } from 'express-session';
import type pg from 'pg';
import { insertSession, updateSession } from './session.sql.ts';

const PgStore = connectPgSimple(session);

export type SessionStoreParts = {
  db: pg.Pool;
  /** When a session is over, whatever is asked in it. */
  until: (data: SessionData) => Date;
  onFault: (fault: unknown) => void;
};

type Done = (fault?: unknown) => void;

/**
 * Sessions in Postgres, known there by the hash of their id. A session that was read is only ever changed, never put in
 * again: a request that was slow, and saves what it read before a sign-out, brings nothing back.
 */
export class SessionStore extends PgStore {
  readonly #parts: SessionStoreParts;
  readonly #known = new WeakSet<object>();

  constructor(parts: SessionStoreParts) {
    super({
      pool: parts.db,
      tableName: 'staff_sessions',
      createTableIfMissing: false,
      // What counts is `seenAt`, in the session itself.
      disableTouch: true,
      errorLog: (...told: unknown[]) => parts.onFault(told.find((one) => one instanceof Error)),
    });
    this.#parts = parts;
  }

  override createSession(...given: Parameters<session.Store['createSession']>) {
    const read = super.createSession(...given);
    this.#known.add(read);
    return read;
  }

  override get(id: string, done: (fault: unknown, data?: SessionData | null) => void): void {
    super.get(hashed(id), done);
  }

  override set(id: string, data: SessionData, done: Done = () => undefined): void {
    const { db, until } = this.#parts;
    const save = this.#known.has(data) ? updateSession : insertSession;
    save(db, { id: hashed(id), json: JSON.stringify(data), until: until(data) }).then(() => {
      this.#known.add(data);
      done();
    }, done);
  }

  override destroy(id: string, done: Done = () => undefined): void {
    super.destroy(hashed(id), done);
  }
}

const hashed = (id: string): string => createHash('sha256').update(id).digest('hex');
