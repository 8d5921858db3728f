import { readFile } from 'node:fs/promises';
import { type Centimes, parseAmount } from '../values/centimes.ts';
import { type EmployerNumber, parseEmployerNumber } from '../values/ids.ts';
import { parseRib, type Rib } from '../values/rib.ts';

/** An invented employer, for trying things out: no such firm is meant. */
export type SampleEmployer = {
  employerNumber: EmployerNumber;
  nameFr: string;
  nameAr: string;
  legalForm: string;
  wilayaCode: string;
  wilaya: string;
  rib: Rib;
  representativeFr: string;
  representativeAr: string;
  phone: string;
  perDebitCeiling: Centimes;
  perMonthCeiling: Centimes;
};

/** Reads `sample-employers.csv` beside this file: commas, no quotes. */
export async function readSampleEmployers(): Promise<SampleEmployer[]> {
  const text = await readFile(new URL('./sample-employers.csv', import.meta.url), 'utf8');
  const [header, ...lines] = text.trim().split(/\r?\n/);
  const names = header?.split(',') ?? [];
  return lines.map((line) => {
    const cells = line.split(',');
    return sampleEmployer(new Map(names.map((name, column) => [name, cells[column] ?? ''])));
  });
}

function sampleEmployer(row: ReadonlyMap<string, string>): SampleEmployer {
  const text = (name: string) => row.get(name) ?? wrong(name);
  return {
    employerNumber: parseEmployerNumber(text('employer_number')) ?? wrong('employer_number'),
    nameFr: text('name_fr'),
    nameAr: text('name_ar'),
    legalForm: text('legal_form'),
    wilayaCode: text('wilaya_code'),
    wilaya: text('wilaya'),
    rib: parseRib(text('rib')) ?? wrong('rib'),
    representativeFr: text('representative_fr'),
    representativeAr: text('representative_ar'),
    phone: text('phone'),
    perDebitCeiling: parseAmount(text('per_debit_ceiling')) ?? wrong('per_debit_ceiling'),
    perMonthCeiling: parseAmount(text('per_month_ceiling')) ?? wrong('per_month_ceiling'),
  };
}

function wrong(column: string): never {
  throw new Error(`sample-employers.csv: the column ${column} can't be read`);
}
