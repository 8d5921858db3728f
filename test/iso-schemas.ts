import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import { schemaFolder } from '../src/core-bank-simulator/schemas.ts';
import { describeUnless, mustNotSkip } from './programs.ts';

/** What to do where the published schemas are not there. */
export const missingSchemas = existsSync(schemaFolder)
  ? undefined
  : `no ISO 20022 schemas in ${schemaFolder}: set GATEWAY_ISO_SCHEMAS`;

// Once for a file of tests, of which some look at messages beside other things.
if (missingSchemas !== undefined && !mustNotSkip) console.warn(`no message is held to its schema: ${missingSchemas}`);

/** `describe` for what needs the schemas. */
export const describeWithSchemas = describeUnless(missingSchemas);

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

const schemaFile = (version: string): string => path.join(schemaFolder, `${version}.xsd`);

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
