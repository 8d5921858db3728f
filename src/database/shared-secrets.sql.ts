import { randomBytes } from 'node:crypto';
import type { Queryable } from './queryable.ts';

/** 32 random bytes that every replica has under this name; whoever asks first makes them. */
export async function sharedSecret(db: Queryable, name: 'api-cursors' | 'back-office-cursors'): Promise<Buffer> {
  await insertSecret(db, name);
  const { rows } = await db.query<{ secret: Buffer }>({
    name: 'select-shared-secret',
    text: 'select secret from shared_secrets where name = $1',
    values: [name],
  });
  if (rows[0] === undefined) throw new Error(`the shared secret ${name} is not there`);
  return rows[0].secret;
}

/** Waits for another replica's insert that is still open. */
async function insertSecret(db: Queryable, name: string): Promise<void> {
  await db.query({
    name: 'insert-shared-secret',
    text: 'insert into shared_secrets (name, secret) values ($1, $2) on conflict do nothing',
    values: [name, randomBytes(32)],
  });
}
