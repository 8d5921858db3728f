import { expect, test } from 'vitest';
import { type AnyHandlers, bindHandlers } from './bind.ts';
import { readContract } from './contract-document.ts';

const contract = readContract();
const handlers: AnyHandlers = Object.fromEntries(
  contract.operations.map(({ operationId }) => [operationId, async () => ({ status: 200 })]),
);

test('an operation without a handler fails at start, and so does a handler without an operation', () => {
  const { getDebit: _left, ...others } = handlers;
  const extra = { ...others, deleteEverything: async () => ({ status: 200 }) };
  expect(() => bindHandlers(contract, extra)).toThrow('getDebit has no handler; deleteEverything is no operation');
});

test('each operation is found by its method and path, and its parameters are as they were sent', () => {
  const find = bindHandlers(contract, handlers);
  for (const operation of contract.operations) {
    const path = operation.template.replaceAll(/\{[^}]+\}/g, 'A%2D1');
    const match = find(operation.method, path);
    expect(match, operation.operationId).toMatchObject({ outcome: 'FOUND', route: { operation } });
    for (const { name } of operation.parameters.filter((parameter) => parameter.in === 'path'))
      expect(match).toMatchObject({ path: { [name]: 'A%2D1' } });
  }
});

test.each([
  '/v1',
  '/v1/',
  '/v1/debits/',
  '/v1/debits/A/',
  '/v1/debits//confirmation',
  '/v1/debits/A/B',
  '/v1/Debits',
  'v1/debits',
  '/v1/debitsx',
  '/v1/debits/A/confirmation/B',
])('%s is no path', (path) => {
  expect(bindHandlers(contract, handlers)('GET', path)).toEqual({ outcome: 'NO_PATH' });
});

test('a path that is known with other methods names them', () => {
  const find = bindHandlers(contract, handlers);
  expect(find('POST', '/v1/debits/A')).toEqual({ outcome: 'NO_METHOD', allow: ['GET', 'PUT'] });
  expect(find('HEAD', '/v1/connection')).toEqual({ outcome: 'NO_METHOD', allow: ['GET'] });
});
