import { type Centimes, currency, parseAmount } from '../../values/centimes.ts';
import { type CoreReference, parseCoreReference } from '../../values/ids.ts';
import { parseRib, type Rib } from '../../values/rib.ts';
import { only, textAt, type XmlElement } from './xml.ts';

/** A transaction that was asked about, and what was ever sent under its reference: what the answer is held against. */
export type Asked = { reference: CoreReference } & Instructed;

/** `notBefore`: undefined where no row tells when it was asked for. `ofReversal`: false where nothing is known of it. */
export type Instructed = { instructions: readonly InstructionSent[]; notBefore: Date | undefined; ofReversal: boolean };
export type InstructionSent = { amount: Centimes; debtor: Rib; creditor: Rib };
export type InstructionKept = InstructionSent & { ofReversal: boolean };

/** An answer's lines, each under the reference that it names twice, and what of them names none that was asked. */
export type LinesByReference = {
  of: ReadonlyMap<CoreReference, readonly XmlElement[]>;
  /** References of lines that name two, and those asked that have no line where others have one too many. */
  mistaken: readonly CoreReference[];
};

/**
 * Sorts lines by `OrgnlTxId` and `OrgnlEndToEndId`, which must be the same. A line about something that was not asked
 * means that those without a line were answered under another name.
 */
export function linesByReference(lines: readonly XmlElement[], asked: readonly CoreReference[]): LinesByReference {
  const of = new Map<CoreReference, XmlElement[]>();
  const mistaken = new Set<CoreReference>();
  let strangers = 0;
  for (const line of lines) {
    const names = [textAt(line, 'OrgnlTxId'), textAt(line, 'OrgnlEndToEndId')].map((text) =>
      parseCoreReference(text ?? ''),
    );
    const [transaction, endToEnd] = names;
    if (transaction !== undefined && transaction === endToEnd && asked.includes(transaction)) {
      of.set(transaction, [...(of.get(transaction) ?? []), line]);
      continue;
    }
    strangers += 1;
    for (const name of names) if (name !== undefined) mistaken.add(name);
  }
  if (strangers > 0) for (const reference of asked) if (!of.has(reference)) mistaken.add(reference);
  return { of, mistaken: [...mistaken] };
}

export type ReadAmount = { currency: string; amount: Centimes | undefined };

/** An amount of ISO 20022: up to five places, of which ours has two. Undefined where there is none. */
export function amountAt(element: XmlElement | undefined, ...path: readonly string[]): ReadAmount | undefined {
  const found = only(element, ...path);
  const text = textAt(found);
  if (found === undefined || text === undefined) return undefined;
  return { currency: found.attributes.get('Ccy') ?? '', amount: centimesOf(text) };
}

/** "125000", "125000.5", "125000.00000": the same money in the ways that the schema lets it be written. */
export function centimesOf(text: string): Centimes | undefined {
  const [, whole, places = ''] = /^0*(\d{1,15})(?:\.(\d{1,5}))?$/.exec(text) ?? [];
  if (whole === undefined || !/^\d{0,2}0*$/.test(places)) return undefined;
  return parseAmount(`${whole}.${places.slice(0, 2).padEnd(2, '0')}`);
}

export const isOurCurrency = (read: ReadAmount): boolean => read.currency === currency;

/** The RIB of an account element, `Id/Othr/Id`. Text that is no RIB is another account than any that was asked. */
export const accountAt = (element: XmlElement | undefined, name: string): Rib | 'NO_RIB' | undefined => {
  const text = textAt(element, name, 'Id', 'Othr', 'Id') ?? textAt(element, name, 'Id', 'IBAN');
  return text === undefined ? undefined : (parseRib(text) ?? 'NO_RIB');
};
