import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import { describe, test } from 'vitest';

/** The published schemas stand beside the checkout, or where the environment says. They are not ours to hand on. */
const folder = process.env.GATEWAY_ISO_SCHEMAS ?? fileURLToPath(new URL('../../shared/iso20022', import.meta.url));

/** `describe` for what needs the schemas: skipped where they are missing; a failure where nothing may be skipped. */
export function describeWithSchemas(name: string, tests: () => void): void {
  if (existsSync(folder)) return void describe(name, tests);
  const missing = `no ISO 20022 schemas in ${folder}: set GATEWAY_ISO_SCHEMAS`;
  if (process.env.GATEWAY_TESTS_NO_SKIP === '1') {
    describe(name, () => {
      test('needs the published schemas', () => {
        throw new Error(missing);
      });
    });
    return;
  }
  console.warn(`skipped "${name}": ${missing}`);
  describe.skip(`${name} (${missing})`, tests);
}

const validators = new Map<string, XsdValidator>();

/** What the published schema of that version ("pacs.003.001.08") finds wrong; empty where it is valid. */
export function schemaFaults(version: string, bytes: Uint8Array): string[] {
  const validator = validators.get(version) ?? validatorOf(version);
  validators.set(version, validator);
  const document = XmlDocument.fromBuffer(bytes);
  try {
    validator.validate(document);
    return [];
  } catch (fault) {
    if (fault instanceof XmlValidateError) return [fault.message];
    throw fault;
  } finally {
    document.dispose();
  }
}

function validatorOf(version: string): XsdValidator {
  const schema = XmlDocument.fromBuffer(readFileSync(schemaFile(version)));
  try {
    return XsdValidator.fromDoc(schema);
  } finally {
    schema.dispose();
  }
}

const schemaFile = (version: string): string => path.join(folder, `${version}.xsd`);

/** The same by xmllint, a program that is not ours. Throws with what it says. */
export function xmllint(version: string, bytes: Uint8Array): void {
  const work = mkdtempSync(path.join(tmpdir(), 'xmllint-'));
  try {
    const file = path.join(work, 'message.xml');
    writeFileSync(file, bytes);
    execFileSync('xmllint', ['--noout', '--nonet', '--schema', schemaFile(version), file], { stdio: 'pipe' });
  } finally {
    rmSync(work, { recursive: true });
  }
}
