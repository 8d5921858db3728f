import { Ajv, type JSONSchemaType, type Schema, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { type AccountToOpen, AdministrationFault } from './administration.ts';
import type { Rule } from './behaviour.ts';
import { ruleSchema } from './catalogue.ts';
import { type BusKind, kindSchema } from './kind.ts';

const ajv = new Ajv({ allErrors: true, discriminator: true, useDefaults: true, allowUnionTypes: true });
formats.default(ajv, ['date']);

const ruleName = '^[A-Za-z0-9._-]{1,60}$';

/** What the admin API takes, by its JSON Schemas. Each throws with every fault in words. */
export const readRule = reader<Rule>(ruleSchema);
export const readRules = reader<Record<string, Rule>>({
  type: 'object',
  additionalProperties: false,
  patternProperties: { [ruleName]: ruleSchema },
});
export const readKind = reader<BusKind>(kindSchema);
export const readStatus = reader<{ status: 'OPEN' | 'BLOCKED' | 'CLOSED' }>({
  ...object('status'),
  properties: { status: { enum: ['OPEN', 'BLOCKED', 'CLOSED'] } },
});
export const readFunding = reader<{ reference: string; amount: string }>({
  ...object('reference', 'amount'),
  properties: { reference: { type: 'string', pattern: '^[A-Z0-9-]{1,27}$' }, amount: { type: 'string' } },
});
const account: JSONSchemaType<AccountToOpen> = {
  type: 'object',
  additionalProperties: false,
  required: ['rib', 'holder', 'kind', 'openingBalance'],
  properties: {
    rib: { type: 'string' },
    holder: { type: 'string', minLength: 1, maxLength: 140 },
    kind: { type: 'string', enum: ['CUSTOMER', 'COLLECTION'] },
    openingBalance: { type: 'string' },
  },
};
export const readAccounts = reader<AccountToOpen[]>({ type: 'array', maxItems: 10_000, items: account });

export const isRuleName = (text: string): boolean => new RegExp(ruleName).test(text);

function object(...required: string[]) {
  return { type: 'object', additionalProperties: false, required };
}

function reader<Read>(schema: Schema): (value: unknown) => Read {
  const check: ValidateFunction<Read> = ajv.compile<Read>(schema);
  return (value) => {
    if (check(value)) return value;
    throw new AdministrationFault(ajv.errorsText(check.errors, { dataVar: 'body', separator: '\n' }));
  };
}
