import { expect, test } from 'vitest';
import { type Operation, readContract } from './contract-document.ts';
import { openValidation, type SentAnswer } from './validation.ts';

const contract = readContract();
const validation = openValidation(contract);
const writes = contract.operations.filter(({ body }) => body !== undefined);

test.each(writes.map((operation) => [operation.operationId, operation] as const))(
  "%s takes the contract's own examples, and none of them with a member that is not known",
  (_id, operation) => {
    const examples = operation.body?.mediaTypes.flatMap((mediaType) => mediaType.examples) ?? [];
    expect(examples).not.toEqual([]);
    for (const { name, value } of examples) {
      expect(validation.checkBody(operation, 'application/json', value), name).toEqual([]);
      const more = { ...Object(value), surprise: 1 };
      expect(validation.checkBody(operation, 'application/json', more), name).toEqual([
        { pointer: '/surprise', message: 'is not known' },
      ]);
    }
  },
);

test('a body that is no object is one fault, at its root', () => {
  for (const body of [null, [], 'text', 7])
    expect(validation.checkBody(operationOf('putDebit'), 'application/json', body)).toEqual([
      { pointer: '', message: 'must be object' },
    ]);
});

test.each([
  ['1', []],
  ['200', []],
  ['0', ['must be >= 1']],
  ['01', ['must be integer']],
  ['1.0', ['must be integer']],
  ['1e1', ['must be integer']],
  ['0x1', ['must be integer']],
  [' 1', ['must be integer']],
  ['+1', ['must be integer']],
  ['', ['must be integer']],
  ['9007199254740993', ['must be integer']],
])('a number has one way to be written: "%s"', (limit, messages) => {
  const sent = { path: {}, query: { limit }, headers: {} };
  const { faults, query } = validation.checkParameters(operationOf('listDebits'), sent);
  expect(faults.map(({ message }) => message)).toEqual(messages);
  if (messages.length === 0) expect(query).toEqual({ limit: Number(limit) });
});

test("what is left out has the contract's default, and what is required is missed by name", () => {
  const nothing = { path: {}, query: {}, headers: {} };
  expect(validation.checkParameters(operationOf('listMandates'), nothing).query).toEqual({ limit: 50 });
  expect(validation.checkParameters(operationOf('getDeclaration'), nothing).faults).toEqual([
    { pointer: 'reference', message: 'is required' },
    { pointer: 'employerNumber', message: 'is required' },
  ]);
});

test("the contract's own answers are as it says", () => {
  for (const operation of contract.operations)
    for (const answer of operation.answers)
      for (const { type, examples } of answer.mediaTypes)
        for (const { name, value } of examples) {
          const headers = Object.fromEntries(answer.headers.map((header) => [header.name, 'a']));
          const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
          const sent: SentAnswer = { status: answer.status, headers, contentType: type, bytes };
          expect(validation.checkAnswer(operation, sent), `${operation.operationId} ${name}`).toEqual([]);
        }
});

test('an answer with another status, media type, header or member than promised is told', () => {
  const operation = operationOf('getDebitConfirmation');
  const good = {
    status: 200,
    headers: { 'Request-Id': 'a' },
    contentType: 'application/jose',
    bytes: Buffer.from('a.b.c'),
  };
  expect(validation.checkAnswer(operation, good)).toEqual([]);
  expect(validation.checkAnswer(operation, { ...good, status: 299 })).toEqual(['the operation has no such status']);
  expect(validation.checkAnswer(operation, { ...good, contentType: 'text/html' })).toEqual([
    'text/html is not promised',
  ]);
  expect(validation.checkAnswer(operation, { ...good, headers: {} })).toEqual(['the header Request-Id is missing']);
  expect(validation.checkAnswer(operation, { ...good, bytes: Buffer.from('a') })).not.toEqual([]);
  const problem = { status: 404, headers: {}, contentType: 'application/problem+json', bytes: Buffer.from('{}') };
  expect(validation.checkAnswer(undefined, problem)).toContain('/type is required');
});

function operationOf(id: string): Operation {
  return contract.operations.find(({ operationId }) => operationId === id) ?? expect.fail(`no operation ${id}`);
}
