import { isRecord } from '../contract/contract-document.ts';
import type { Fault } from '../contract/problem.ts';
import { currency, noCentimes, parseAmount } from '../values/centimes.ts';
import { addDays, type Day, parseDay } from '../values/dates.ts';
import { parseDeclarationReference, parseEmployerNumber, parseEndToEndId } from '../values/ids.ts';
import { readCsv } from './expected-csv.ts';
import { dayNames, type MemberName, type RawPiece, requiredMembers } from './expected-form.ts';
import { readJsonDocument, readJsonLines } from './expected-json.ts';
import { type Days, type ExpectedLine, type ListMediaType, mostDays, mostLines } from './reconciliation.ts';

export type ReadPiece =
  | { kind: 'DAYS'; days: Days }
  | { kind: 'LINE'; line: ExpectedLine }
  | { kind: 'FAULT'; fault: Fault };

/** Reads a list in one of its forms, holding a line at a time. The days may come last; there may be any number of faults. */
export async function* readExpected(
  mediaType: ListMediaType,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<ReadPiece> {
  let line = 0;
  let days = false;
  for await (const piece of raw(mediaType, chunks)) {
    switch (piece.kind) {
      case 'DAYS':
        days = true;
        yield daysIn(piece.value);
        break;
      case 'LINE':
        line += 1;
        if (line > mostLines) return yield faultAt('/lines', `more than ${mostLines} lines`);
        yield* lineIn(piece.value, line, piece.fileLine);
        break;
      case 'FAULT':
        return yield piece;
    }
  }
  if (!days) yield faultAt('/date', 'is required, or from and to');
}

function raw(mediaType: ListMediaType, chunks: AsyncIterable<Buffer>): AsyncGenerator<RawPiece> {
  switch (mediaType) {
    case 'application/json':
      return readJsonDocument(chunks);
    case 'application/x-ndjson':
      return readJsonLines(chunks);
    case 'text/csv':
      return readCsv(chunks);
  }
}

const faultAt = (pointer: string, message: string): { kind: 'FAULT'; fault: Fault } => ({
  kind: 'FAULT',
  fault: { pointer, message },
});

function daysIn(value: unknown): ReadPiece {
  if (!isRecord(value)) return faultAt('', 'the days are not an object');
  const unknown = Object.keys(value).find((name) => !dayNames.some((known) => known === name));
  if (unknown !== undefined) return faultAt(`/${pointerStep(unknown)}`, 'is not known');
  const day = (name: string): Day | undefined => {
    const text = value[name];
    return typeof text === 'string' ? parseDay(text) : undefined;
  };
  const [date, from, to] = [day('date'), day('from'), day('to')];
  for (const name of dayNames)
    if (value[name] !== undefined && day(name) === undefined) return faultAt(`/${name}`, 'is not a day');
  if (date !== undefined && (from !== undefined || to !== undefined))
    return faultAt('/date', 'stands beside from and to');
  const [first, last] = [date ?? from, date ?? to];
  if (first === undefined) return faultAt(to === undefined ? '/date' : '/from', 'is required');
  if (last === undefined) return faultAt('/to', 'is required');
  if (last < first) return faultAt('/to', 'is before from');
  if (last > addDays(first, mostDays - 1)) return faultAt('/to', `more than ${mostDays} days`);
  return { kind: 'DAYS', days: { first, last } };
}

/** A member's parser, and what is said where it can't be read. */
const members = {
  endToEndId: [parseEndToEndId, '1 to 35 of A–Z a–z 0–9 -'],
  amount: [positiveAmount, 'an amount above zero, "125000.00"'],
  currency: [(text: string) => (text === currency ? currency : undefined), currency],
  declaration: [parseDeclarationReference, '1 to 35 of A–Z a–z 0–9 -'],
  employerNumber: [parseEmployerNumber, 'ten digits'],
} as const;

function positiveAmount(text: string) {
  const amount = parseAmount(text);
  return amount === noCentimes ? undefined : amount;
}

function* lineIn(value: unknown, line: number, fileLine: number): Generator<ReadPiece> {
  const faults: Fault[] = [];
  const fault = (name: string, message: string) =>
    void faults.push({ pointer: `/lines/${line - 1}${name && `/${name}`}`, message: `line ${fileLine}: ${message}` });
  if (!isRecord(value)) fault('', 'is not an object');
  const sent = isRecord(value) ? value : {};
  for (const name of Object.keys(sent)) if (!Object.hasOwn(members, name)) fault(pointerStep(name), 'is not known');
  for (const name of requiredMembers) if (isRecord(value) && sent[name] === undefined) fault(name, 'is required');
  const read = <Value>(name: MemberName, parse: (text: string) => Value | undefined): Value | undefined => {
    const text = sent[name];
    if (text === undefined) return undefined;
    const parsed = typeof text === 'string' ? parse(text) : undefined;
    if (parsed === undefined) fault(name, `is not ${members[name][1]}`);
    return parsed;
  };
  const endToEndId = read('endToEndId', members.endToEndId[0]);
  const amount = read('amount', members.amount[0]);
  read('currency', members.currency[0]);
  const declaration = read('declaration', members.declaration[0]);
  const employerNumber = read('employerNumber', members.employerNumber[0]);
  if (faults.length > 0 || endToEndId === undefined || amount === undefined)
    for (const found of faults) yield { kind: 'FAULT', fault: found };
  else yield { kind: 'LINE', line: { line, endToEndId, amount, declaration, employerNumber } };
}

/** The caller's own word, in a pointer: bounded, escaped by RFC 6901. */
const pointerStep = (name: string): string =>
  name.slice(0, 64).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
