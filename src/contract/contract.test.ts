import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { lint as checkSpelling } from 'cspell';
import openapiTypescript, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { reasonCodes } from '../values/reasons.ts';
import { type ProblemKind, problemKinds, problems } from './problems.ts';

type Part = Readonly<Record<string, unknown>>;
type Found = { pointer: string; value: Part };

const file = new URL('../../openapi/gateway.yaml', import.meta.url);
const text = await readFile(file, 'utf8');
const contract = part(parse(text));

const operations = found('/paths').flatMap(({ pointer }) =>
  found(pointer).filter(({ value }) => 'operationId' in value),
);
const schemas = everything('', contract).filter(({ value }) => isSchema(value));

test('the whole contract compiles under the strict rules of the validator', () => {
  const ajv = strictAjv();
  for (const { pointer } of found('/components/schemas'))
    expect(ajv.compile({ $ref: reference(pointer) })).toBeDefined();
  for (const { pointer, value } of everything('', contract).filter((one) => 'schema' in one.value))
    expect(ajv.compile({ $ref: reference(`${pointer}/schema`) }), String(value.name)).toBeDefined();
});

test('every example is what its schema says, and every body has one', () => {
  const ajv = strictAjv();
  const described = everything('', contract).filter(({ value }) => 'schema' in value);
  const inParameters = described.filter(({ value }) => 'example' in value);
  const inBodies = described.filter(({ value }) => 'examples' in value);
  expect(described.filter(({ value }) => !('example' in value) && !('examples' in value))).toEqual([]);
  for (const { pointer, value } of inParameters) holds(pointer, value.example);
  for (const { pointer } of inBodies) {
    const examples = found(`${pointer}/examples`);
    expect(examples, pointer).not.toEqual([]);
    for (const example of examples) holds(pointer, example.value.value);
  }

  function holds(pointer: string, example: unknown) {
    const check = ajv.compile({ $ref: reference(`${pointer}/schema`) });
    expect(check(example) ? [] : check.errors, `${pointer} ${JSON.stringify(example)}`).toEqual([]);
  }
});

test('the types that the code is written against are those of the contract', async () => {
  const generated = await readFile(new URL('./generated.ts', import.meta.url), 'utf8');
  expect(generated, 'npm run types').toBe(`${COMMENT_HEADER}${astToString(await openapiTypescript(file))}`);
});

test('every operation says what it answers to the unproven, the too many, the late and the unlucky', () => {
  for (const { pointer, value } of operations) {
    const statuses = Object.keys(part(value.responses));
    const always = ['400', '401', '403', '408', '429', '431', '500', '503'];
    const withBody = 'requestBody' in value ? ['413', '415'] : [];
    expect(statuses, pointer).toEqual(expect.arrayContaining([...always, ...withBody]));
    const ok = found(`${pointer}/responses/200/content`).length;
    expect(statuses.includes('406'), `${pointer}: 406 where Accept matters, and only there`).toBe(ok > 1);
  }
});

test('every write but the verification is signed, with one scope, and nothing that is read is', () => {
  const scopes = operations.map(({ pointer, value }) => {
    const [requirement] = list(value.security);
    expect(list(value.security), pointer).toHaveLength(1);
    expect(part(requirement).mutualTls, pointer).toEqual([]);
    const header = found(`${pointer}/parameters`).some((parameter) => parameter.value.name === 'Request-Signature');
    expect(header, pointer).toBe('requestSignature' in part(requirement));
    return [String(value.operationId), list(part(requirement).requestSignature).join()];
  });
  expect(Object.fromEntries(scopes)).toEqual({
    getConnection: '',
    openAuthorisationRequest: 'mandates',
    verifyMandate: '',
    listMandates: '',
    getMandate: '',
    getMandateCertificate: '',
    acceptMandate: 'mandates',
    suspendMandate: 'mandates',
    resumeMandate: 'mandates',
    revokeMandate: 'mandates',
    getCalendar: '',
    listDebits: '',
    getDebit: '',
    getDebitConfirmation: '',
    putDebit: 'debits',
    reverseDebit: 'reversals',
    getReversal: '',
    cancelDebit: 'debits',
    getDeclaration: '',
    getStatement: '',
    listStatements: '',
    getReconciliation: '',
    putReconciliation: 'debits',
    listReconciliationLines: '',
    listEvents: '',
    getWebhook: '',
    putWebhook: 'mandates',
  });
});

test('nothing in the contract is without a bound, open to unknown members, or of more than one shape', () => {
  const of = (type: string) => schemas.filter(({ value }) => value.type === type);
  const lacking = (type: string, ...keywords: string[]) =>
    of(type).filter(({ value }) => keywords.some((keyword) => !(keyword in value)));
  expect(lacking('string', 'maxLength')).toEqual([]);
  expect(lacking('array', 'maxItems', 'items')).toEqual([]);
  expect(lacking('integer', 'format', 'minimum', 'maximum')).toEqual([]);
  expect(of('number')).toEqual([]);
  expect(of('object').filter(({ value }) => value.additionalProperties !== false)).toEqual([]);
  expect(schemas.filter(({ value }) => ['oneOf', 'anyOf', 'allOf', 'nullable'].some((word) => word in value))).toEqual(
    [],
  );
  // One type each: a union with null would be two ways to say nothing.
  expect(schemas.filter(({ value }) => !('$ref' in value) && typeof value.type !== 'string')).toEqual([]);
});

test('each point in time has its day in Algiers beside it, but for those that only bound a request', () => {
  const names = schemas.flatMap(({ value }) => ('properties' in value ? [Object.keys(part(value.properties))] : []));
  const alone = names.flatMap((all) =>
    all.filter((name) => name.endsWith('At') && !all.includes(name.replace(/At$/, 'On'))),
  );
  expect(new Set(alone)).toEqual(new Set(['expiresAt']));
});

test('the contract names exactly the problems of the table, and says where each is met', () => {
  const { pattern } = part(part(at('/components/schemas/Problem').properties).type);
  const [, alternatives = ''] = /\/problems\/\(([a-z|-]+)\)\$$/.exec(String(pattern)) ?? [];
  expect(alternatives.split('|').toSorted()).toEqual(problemKinds.toSorted());
  // At this door a path without an operation is the description's business.
  expect(problemKinds.filter((kind) => !text.includes(`\`${kind}\``))).toEqual([]);
});

test('each example of a problem is written as the table has it', () => {
  const examples = found('/components/examples').map(({ value }) => part(value.value));
  for (const example of examples.filter((value) => 'retry' in value)) {
    const kind = String(example.type).replace(/^.*\/problems\//, '') as ProblemKind;
    const { status, title, retry } = problems[kind];
    expect(example, kind).toMatchObject({ status, title, retry });
  }
});

test('each problem is answered under its own status only', () => {
  for (const { pointer, value } of operations)
    for (const [status] of Object.entries(part(value.responses)))
      for (const example of found(`${pointer}/responses/${status}/content`).flatMap((content) =>
        found(`${content.pointer}/examples`),
      ))
        if ('retry' in part(example.value.value))
          expect(String(part(example.value.value).status), pointer).toBe(status);
});

test('the reasons of the contract are those of the code, each with its meaning', () => {
  const { enum: codes, description } = at('/components/schemas/ReasonCode');
  expect(codes).toEqual([...reasonCodes]);
  expect(reasonCodes.filter((code) => !String(description).includes(`| ${code} |`))).toEqual([]);
});

test('a certificate with long names, that replaces another, fits its QR code', () => {
  const uuid = '0198f0c2-7c1e-7a3b-9d4e-2f6a8b0c1d2e';
  const claims = {
    iss: 'https://gateway.bank.example',
    aud: 'CNAS',
    iat: 1_767_225_600,
    jti: uuid,
    environment: 'production',
    rep: Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url'),
    emp: '0262992312',
    nam: 'Société par actions El Hidhab pour la construction, les travaux publics et l’hydraulique des Hauts-Plateaux SPA'.slice(
      0,
      110,
    ),
    nar: 'شركة ذات أسهم الهضاب للبناء والأشغال العمومية والري في الهضاب العليا ش.ذ.أ'.slice(0, 75),
    rib: '00500102444771278214',
    cap: ['25000000.00', '50000000.00', 'Q', 'DZD'],
    val: '2026-01-12/2027-12-31',
    st: [0, 1_048_575],
  };
  const check = strictAjv().compile({ $ref: reference('/components/schemas/MandateCertificateClaims') });
  expect(check(claims) ? [] : check.errors).toEqual([]);
  const header = { alg: 'ES256', typ: 'mandate-certificate+jwt', kid: 'k'.repeat(43) };
  const encoded = [header, claims].map((each) => Buffer.from(JSON.stringify(each)).toString('base64url'));
  expect([...encoded, 's'.repeat(86)].join('.').length).toBeLessThan(1000);
});

test('amounts are written in one way', () => {
  const ajv = strictAjv();
  const amount = ajv.compile({ $ref: reference('/components/schemas/Amount') });
  const positive = ajv.compile({ $ref: reference('/components/schemas/PositiveAmount') });
  const written = ['0.01', '0.10', '1.00', '125000.00', '999999999999999.99'];
  for (const one of written) expect([one, amount(one), positive(one)]).toEqual([one, true, true]);
  expect([amount('0.00'), positive('0.00')]).toEqual([true, false]);
  const others = [
    '',
    '1',
    '1.0',
    '01.00',
    '-1.00',
    '+1.00',
    '1,00',
    '1.000',
    '1e3',
    ' 1.00',
    '1.00\n',
    '1000000000000000.00',
    '١.٠٠',
  ];
  for (const other of others) expect([other, amount(other), positive(other)]).toEqual([other, false, false]);
});

test('no name and no sentence of the contract is misspelt', async () => {
  const unknown: string[] = [];
  const quiet = () => undefined;
  await checkSpelling(
    [fileURLToPath(file), fileURLToPath(new URL('./problems.ts', import.meta.url))],
    { config: fileURLToPath(new URL('../../openapi/cspell.json', import.meta.url)), progress: false, summary: false },
    {
      issue: ({ text: word, row }) => unknown.push(`${word} (line ${row})`),
      info: quiet,
      debug: quiet,
      error: (message) => unknown.push(message),
      progress: quiet,
      result: ({ files }) => {
        if (files !== 2) unknown.push(`${files} files were read`);
      },
    },
  );
  expect(unknown).toEqual([]);
});

/** What OpenAPI puts beside JSON Schema's own keywords, so that the document itself can be added. */
const openApiKeywords = ['openapi', 'info', 'servers', 'tags', 'security', 'paths', 'webhooks', 'components'];

function strictAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: true,
    strictTuples: true,
    strictRequired: true,
    allErrors: true,
  });
  formats.default(ajv);
  ajv.addVocabulary(openApiKeywords);
  return ajv.addSchema(contract, 'gateway');
}

function isSchema(value: Part): boolean {
  const types = ['string', 'array', 'object', 'integer', 'number', 'boolean'];
  const shapes = ['oneOf', 'anyOf', 'allOf', 'properties', 'prefixItems', 'enum', 'const'];
  // A variable of the server has an `enum` or `default` and no type; it is no schema. Nothing else looks like one.
  return (
    types.includes(String(value.type)) || Array.isArray(value.type) || shapes.some((word) => Array.isArray(value[word]))
  );
}

/** Every object of the document, in its own place; what is referred to is met where it stands. Examples are data. */
function everything(pointer: string, value: unknown): Found[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([name, member]) =>
    name === 'examples' || name === 'example' ? [] : everything(`${pointer}/${escaped(name)}`, member),
  );
  return Array.isArray(value) ? below : [{ pointer, value: part(value) }, ...below];
}

/** The members of what stands at that pointer, each followed to what it refers to. None where nothing stands there. */
function found(pointer: string): Found[] {
  return Object.entries(at(pointer))
    .filter(([, value]) => typeof value === 'object' && value !== null)
    .map(([name]) => {
      const { $ref: target } = part(at(pointer)[name]);
      const place = typeof target === 'string' ? target.slice(1) : `${pointer}/${escaped(name)}`;
      return { pointer: place, value: at(place) };
    });
}

function at(pointer: string): Part {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Part>((value, step) => {
      const { $ref: target } = value;
      return part((typeof target === 'string' ? at(target.slice(1)) : value)[step]);
    }, contract);
}

function reference(pointer: string): string {
  return `gateway#${pointer.split('/').map(encodeURIComponent).join('/')}`;
}

function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What is no object has no members. */
function part(value: unknown): Part {
  return typeof value === 'object' && value !== null ? (value as Part) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
