import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Scope } from '../clients/client.ts';

/** A part of the contract by its JSON pointer ("/components/schemas/Amount"), and what stands there. */
export type Part = { pointer: string; value: Readonly<Record<string, unknown>> };

/** `schema` is absent where the contract describes bytes, for which OpenAPI 3.1 has none. */
export type MediaType = { type: string; schema?: Part; examples: Example[] };
export type Example = { name: string; summary: string; value: unknown };
export type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description: string;
  schema: Part;
  example: unknown;
};
export type AnswerHeader = { name: string; required: boolean; description: string };
export type DescribedAnswer = { status: number; description: string; headers: AnswerHeader[]; mediaTypes: MediaType[] };
export type Operation = {
  operationId: string;
  method: string;
  /** The path as the contract writes it, "/v1/debits/{endToEndId}". */
  template: string;
  tags: string[];
  summary: string;
  description: string;
  parameters: Parameter[];
  body?: { description: string; mediaTypes: MediaType[] };
  answers: DescribedAnswer[];
  /** The scope that the request signature's key must have; absent where the operation is not signed. */
  scope?: Scope;
  /** Its body may be too large to be held at once: it goes to a file first, and is read from there by its handler. */
  spooled: boolean;
};

/** The contract, read once: the text as it is served, the document as data, and its operations. */
export type Contract = { yaml: string; document: Readonly<Record<string, unknown>>; operations: Operation[] };

const contractFile = new URL('../../openapi/gateway.yaml', import.meta.url);
const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

/** Reads the contract. Throws, with the place, where it is not in the form that the router understands. */
export function readContract(file: URL | string = contractFile): Contract {
  const yaml = readFileSync(file, 'utf8');
  const document: unknown = parse(yaml);
  if (!isRecord(document)) throw new Error('the contract is not an object');
  const paths = partAt(document, '/paths');
  const operations = Object.keys(paths.value).flatMap((template) => {
    const path = within(document, paths, template);
    return methods
      .filter((method) => method in path.value)
      .map((method) => readOperation(document, template, method, within(document, path, method)));
  });
  return { yaml, document, operations };
}

function readOperation(document: Contract['document'], template: string, method: string, part: Part): Operation {
  const scope = scopeOf(part);
  return {
    operationId: text(part, 'operationId'),
    method: method.toUpperCase(),
    template,
    tags: list(part.value.tags).filter((tag) => typeof tag === 'string'),
    summary: text(part, 'summary'),
    description: text(part, 'description'),
    parameters: children(document, part, 'parameters').map(([, parameter]) => readParameter(document, parameter)),
    ...('requestBody' in part.value ? { body: readBody(document, within(document, part, 'requestBody')) } : {}),
    answers: children(document, part, 'responses').map(([status, answer]) => ({
      status: Number(status),
      description: text(answer, 'description'),
      headers: children(document, answer, 'headers').map(([name, header]) => ({
        name,
        required: header.value.required === true,
        description: text(header, 'description'),
      })),
      mediaTypes: readMediaTypes(document, answer),
    })),
    ...(scope === undefined ? {} : { scope }),
    spooled: part.value['x-spooled'] === true,
  };
}

const scopes: readonly Scope[] = ['mandates', 'debits', 'reversals'];

/** Mutual TLS is asked of every operation by the door itself; what differs is the signature and its scope. */
function scopeOf(operation: Part): Scope | undefined {
  const signed = list(operation.value.security).find((scheme) => isRecord(scheme) && 'requestSignature' in scheme);
  if (!isRecord(signed)) return undefined;
  const scope = scopes.find((known) => list(signed.requestSignature).includes(known));
  if (scope === undefined) throw new Error(`contract ${operation.pointer}: a request signature without a known scope`);
  return scope;
}

function readParameter(document: Contract['document'], part: Part): Parameter {
  const place = text(part, 'in');
  if (place !== 'path' && place !== 'query' && place !== 'header')
    throw new Error(`contract ${part.pointer}: a parameter in ${place}`);
  return {
    name: text(part, 'name'),
    in: place,
    required: part.value.required === true,
    description: text(part, 'description'),
    schema: within(document, part, 'schema'),
    example: part.value.example,
  };
}

function readBody(document: Contract['document'], part: Part): NonNullable<Operation['body']> {
  if (part.value.required !== true) throw new Error(`contract ${part.pointer}: every body is required`);
  return { description: text(part, 'description'), mediaTypes: readMediaTypes(document, part) };
}

const readMediaTypes = (document: Contract['document'], part: Part): MediaType[] =>
  children(document, part, 'content').map(([type, mediaType]) => ({
    type,
    ...('schema' in mediaType.value ? { schema: within(document, mediaType, 'schema') } : {}),
    examples: children(document, mediaType, 'examples').map(([name, example]) => ({
      name,
      summary: typeof example.value.summary === 'string' ? example.value.summary : name,
      value: example.value.value,
    })),
  }));

/** The parts under a member that is an object or an array, each followed to what it refers to. None where it is absent. */
export function children(document: Contract['document'], part: Part, member: string): [string, Part][] {
  const value = part.value[member];
  if (value === undefined) return [];
  const parent: Part = { pointer: `${part.pointer}/${escaped(member)}`, value: Object.fromEntries(entries(value)) };
  return entries(value).map(([name]) => [name, within(document, parent, name)]);
}

const entries = (value: unknown): [string, unknown][] =>
  Array.isArray(value) || isRecord(value) ? Object.entries(value) : [];

/** A member that is an object, followed to what it refers to. */
export function within(document: Contract['document'], part: Part, member: string): Part {
  const value = part.value[member];
  if (!isRecord(value)) throw new Error(`contract ${part.pointer}: ${member} is missing`);
  const { $ref: reference } = value;
  if (typeof reference === 'string') return partAt(document, decodeURIComponent(reference.replace(/^#/, '')));
  return { pointer: `${part.pointer}/${escaped(member)}`, value };
}

/** What stands at a JSON pointer, followed to what it refers to. */
export function partAt(document: Contract['document'], pointer: string): Part {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Part>((part, step) => within(document, part, step), { pointer: '', value: document });
}

const escaped = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function text({ pointer, value }: Part, member: string): string {
  const found = value[member];
  if (typeof found !== 'string') throw new Error(`contract ${pointer}: ${member} is missing`);
  return found;
}
