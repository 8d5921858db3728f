import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ParseOption, XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm';

/** Where the published schemas are looked for: where the setting says, or beside the checkout. They are not ours to hand on. */
export const schemaFolder =
  process.env.GATEWAY_ISO_SCHEMAS ?? fileURLToPath(new URL('../../../shared/iso20022', import.meta.url));

/** The published schemas of ISO 20022, by the message's version. */
export type Schemas = Disposable & {
  /** What is wrong with it, none where it is valid. UNKNOWN: there is no schema of that version here. */
  faultsOf: (version: string, document: Buffer) => string[] | 'UNKNOWN';
};

/** Reads each version's schema from the folder, and is without those that are not there. */
export async function openSchemas(folder: string, versions: readonly string[]): Promise<Schemas> {
  const validators = new Map<string, XsdValidator>();
  for (const version of versions) {
    const schema = await readFile(path.join(folder, `${version}.xsd`)).catch(() => undefined);
    if (schema !== undefined) validators.set(version, validatorOf(schema));
  }
  return {
    faultsOf(version, bytes) {
      const validator = validators.get(version);
      if (validator === undefined) return 'UNKNOWN';
      const document = XmlDocument.fromBuffer(bytes, {
        option: ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE,
      });
      try {
        validator.validate(document);
        return [];
      } catch (fault) {
        if (fault instanceof XmlValidateError)
          return fault.details.map(({ line, message }) => `line ${line}: ${message.trim()}`);
        throw fault;
      } finally {
        document.dispose();
      }
    },
    [Symbol.dispose]() {
      for (const validator of validators.values()) validator.dispose();
    },
  };
}

function validatorOf(schema: Buffer): XsdValidator {
  const document = XmlDocument.fromBuffer(schema);
  try {
    return XsdValidator.fromDoc(document);
  } finally {
    document.dispose();
  }
}
