import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type Contract, type Operation, type Parameter, type Part, partAt } from './contract-document.ts';
import type { Fault } from './problem.ts';

/** What a request sent as parameters: text by name. */
export type Sent = Readonly<Record<string, string>>;
export type Parameters = Readonly<Record<string, unknown>>;
export type Checked = { faults: Fault[]; path: Parameters; query: Parameters };

export type Validation = {
  /** Path, query and headers, each read as the type that the contract gives it. Unknown query parameters are faults. */
  checkParameters: (operation: Operation, sent: { path: Sent; query: Sent; headers: Sent }) => Checked;
  checkBody: (operation: Operation, mediaType: string, body: unknown) => Fault[];
  /** What an answer has that its operation does not promise; without an operation it can only be a problem. */
  checkAnswer: (operation: Operation | undefined, answer: SentAnswer) => string[];
};

export type SentAnswer = {
  status: number;
  headers: Readonly<Record<string, string>>;
  contentType: string | undefined;
  /** Undefined where it goes out piece by piece: whoever makes it has tests that look at the whole. */
  bytes: Uint8Array | undefined;
};

const contractKey = 'gateway';

/** OpenAPI's own words, in schemas and at the root that holds them. They say nothing about values. */
const openApiKeywords = [
  ...['example', 'discriminator', 'externalDocs', 'xml'],
  ...['openapi', 'info', 'jsonSchemaDialect', 'servers', 'paths', 'webhooks', 'components', 'security', 'tags'],
];

/**
 * Compiles every schema that a request meets, so that a fault of the contract is met at start. Those of answers, which
 * are many and which only tests look at, are compiled when they are first met.
 */
export function openValidation({ document, operations }: Contract): Validation {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: false, strictRequired: false });
  formats.default(ajv);
  ajv.addVocabulary(openApiKeywords);
  ajv.addSchema(document, contractKey);
  const compiled = new Map<string, ValidateFunction>();
  const check = ({ pointer }: Part): ValidateFunction => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: referenceTo(pointer) });
    compiled.set(pointer, known);
    return known;
  };
  const parametersOf = new Map(operations.map((operation) => [operation, parameterChecks(ajv, operation)]));
  const bodies = new Map(
    operations.map((operation) => [operation, mediaTypeChecks(operation.body?.mediaTypes, check)]),
  );
  const problem = partAt(document, '/components/schemas/Problem');

  return {
    checkParameters(operation, sent) {
      const checks = parametersOf.get(operation) ?? {};
      const read = (place: Parameter['in'], values: Sent) => readParameters(operation, place, values);
      const [path, query, headers] = [read('path', sent.path), read('query', sent.query), read('header', sent.headers)];
      const faults = [
        ...faultsOf(checks.path, path, nameOf),
        ...faultsOf(checks.query, query, nameOf),
        ...faultsOf(checks.header, headers, nameOf),
      ];
      return { faults, path, query };
    },
    checkBody: (operation, mediaType, body) => faultsOf(bodies.get(operation)?.get(mediaType), body, pointerOf),
    checkAnswer(operation, answer) {
      const promised = operation?.answers.find(({ status }) => status === answer.status);
      if (promised === undefined)
        return operation === undefined || outsideOfOperation.has(answer.status)
          ? breaches(check(problem), answer)
          : ['the operation has no such status'];
      const missing = promised.headers.filter(({ name, required }) => required && !Object.hasOwn(answer.headers, name));
      const mediaType = promised.mediaTypes.find(({ type }) => type === answer.contentType);
      const { schema } = mediaType ?? {};
      return [
        ...missing.map(({ name }) => `the header ${name} is missing`),
        ...(mediaType === undefined ? [`${answer.contentType} is not promised`] : []),
        ...(schema === undefined || answer.bytes === undefined ? [] : breaches(check(schema), answer)),
      ];
    },
  };
}

/** What the contract says once for all operations: a path or method that does not exist, an expectation that can't be met. */
const outsideOfOperation = new Set([404, 405, 417]);

const referenceTo = (pointer: string): string =>
  `${contractKey}#${pointer.split('/').map(encodeURIComponent).join('/')}`;

function parameterChecks(ajv: Ajv2020, operation: Operation): Partial<Record<Parameter['in'], ValidateFunction>> {
  const check = (place: Parameter['in']) => {
    const here = operation.parameters.filter((parameter) => parameter.in === place);
    return ajv.compile({
      type: 'object',
      // Of headers the router hands in the named ones only: a request may have others.
      additionalProperties: false,
      required: here.filter(({ required }) => required).map(({ name }) => name),
      properties: Object.fromEntries(here.map(({ name, schema }) => [name, { $ref: referenceTo(schema.pointer) }])),
    });
  };
  return { path: check('path'), query: check('query'), header: check('header') };
}

function mediaTypeChecks(
  mediaTypes: NonNullable<Operation['body']>['mediaTypes'] = [],
  check: (part: Part) => ValidateFunction,
): Map<string, ValidateFunction> {
  return new Map(
    mediaTypes.flatMap(({ type, schema }) => (schema === undefined ? [] : [[type, check(schema)] as const])),
  );
}

/**
 * Reads each text as its parameter's type. Ajv's own coercion is not used: it takes "0x10", "1e2" and " 5" for numbers,
 * and a value should have one way to be written. A text that is not of its type stays one, and the schema says so.
 */
function readParameters(operation: Operation, place: Parameter['in'], sent: Sent): Parameters {
  const here = operation.parameters.filter((parameter) => parameter.in === place);
  const typeOf = (name: string) => here.find((parameter) => parameter.name === name)?.schema.value.type;
  const defaults = here.flatMap(({ name, schema }) =>
    'default' in schema.value ? [[name, schema.value.default]] : [],
  );
  const read = Object.entries(sent).map(([name, value]) => [name, readText(typeOf(name), value)]);
  return Object.fromEntries([...defaults, ...read]);
}

function readText(type: unknown, value: string): unknown {
  if (type === 'integer' && /^(0|-?[1-9]\d{0,14})$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function faultsOf(check: ValidateFunction | undefined, value: unknown, place: (error: ErrorObject) => string): Fault[] {
  if (check === undefined || check(value)) return [];
  return (check.errors ?? []).map((error) => ({ pointer: place(error).slice(0, 500), message: messageOf(error) }));
}

/** The member that is meant, also where it is missing or not known. */
function pointerOf({ instancePath, params }: ErrorObject): string {
  const member: unknown = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  if (typeof member !== 'string') return instancePath;
  return `${instancePath}/${member.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const nameOf = (error: ErrorObject): string => pointerOf(error).slice(1);

/** Says what is wrong and never what was sent: the schema's own words, which quote no value. */
function messageOf({ keyword, message = 'is not as the contract says' }: ErrorObject): string {
  if (keyword === 'required') return 'is required';
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'is not known';
  return message.slice(0, 500);
}

function breaches(check: ValidateFunction, { contentType, bytes }: SentAnswer): string[] {
  const text = Buffer.from(bytes ?? '').toString();
  const value: unknown = contentType?.endsWith('json') ? JSON.parse(text) : text;
  if (check(value)) return [];
  return (check.errors ?? []).map((error) => `${pointerOf(error)} ${messageOf(error)}`);
}
