import { expect, inject, test } from 'vitest';
import { freshDatabase } from '../../test/database.ts';
import { migrateGateway } from './migrations.ts';
import { asAdministrator, urlsOf } from './roles.ts';

test('replicas that start together apply each migration once', async () => {
  const cluster = inject('cluster');
  await asAdministrator(cluster, 'postgres', (admin) =>
    admin.query('create database test_replicas owner gateway_owner'),
  );
  await asAdministrator(cluster, 'test_replicas', (admin) => admin.query('alter schema public owner to gateway_owner'));
  const { owner } = urlsOf(cluster, 'test_replicas');
  const applied = await Promise.all([migrateGateway(owner), migrateGateway(owner), migrateGateway(owner)]);
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  await asAdministrator(cluster, 'postgres', (admin) => admin.query('drop database test_replicas with (force)'));
});

test.for([
  ['journal', 'kind'],
  ['tokens', 'token'],
  ['requests', 'token'],
  ['mandate_remarks', 'remark'],
])('the runtime role can add to %s, and never alter or remove what is there', async ([table, column]) => {
  await using db = await freshDatabase();
  await expect(db.gateway.query(`update ${table} set ${column} = 'x'`)).rejects.toThrow('permission denied');
  await expect(db.gateway.query(`delete from ${table}`)).rejects.toThrow('permission denied');
  await expect(db.gateway.query(`truncate ${table}`)).rejects.toThrow('permission denied');
});
