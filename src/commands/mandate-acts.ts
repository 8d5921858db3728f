import { writeFile } from 'node:fs/promises';
import type { Typesetter } from '../documents/typesetter.ts';
import { actByTwo, type ByTwoOutcome } from '../mandates/act-by-two.ts';
import { requestFields, type TypedRequest } from '../mandates/authorisation-request.ts';
import { type BankAct, bankReasons, parseBankReason } from '../mandates/bank-acts.ts';
import { type CertifyOutcome, certifyMandate } from '../mandates/certify.ts';
import { type ChangeOutcome, changeDraft } from '../mandates/change.ts';
import type { Desk } from '../mandates/desk.ts';
import { enterMandate } from '../mandates/enter.ts';
import { viewMandates } from '../mandates/look-up.ts';
import { type MandateState, mandateStates, stateOn } from '../mandates/mandate.ts';
import { type PrintParts, printCertificate } from '../mandates/print-certificate.ts';
import { refuseMandate } from '../mandates/refuse.ts';
import type { RequestFault } from '../mandates/request-faults.ts';
import { sendMandateBack } from '../mandates/send-back.ts';
import { showMandate } from '../mandates/show.ts';
import { submitMandate } from '../mandates/submit.ts';
import { formatAmount } from '../values/centimes.ts';
import { addDays, algiersDay, type Day } from '../values/dates.ts';
import { type MandateId, parseEmployerNumber, parseMandateId } from '../values/ids.ts';
import { faultLine, fileLines, refusalLine } from './mandate-lines.ts';
import { type Act, fieldOptions, usageOf } from './mandate-usage.ts';
import { readSampleEmployers } from './sample-employers.ts';

/** What to print, the same as a value, and whether it was done. */
export type Told = { lines: readonly string[]; value: object; done: boolean };

export type MandateProgram = Omit<PrintParts, 'db' | 'typeset'> & { desk: Desk; typesetter: () => Typesetter };

export type Words = { id: string | undefined; options: ReadonlyMap<string, string> };

export async function perform(program: MandateProgram, act: Act, words: Words): Promise<Told> {
  const { desk } = program;
  const option = (name: string): string => words.options.get(name) ?? missing(act, `--${name}`);
  const mandateId = (): MandateId =>
    parseMandateId(words.id ?? missing(act, 'the mandate’s id')) ?? wrong('that is no mandate id');
  const by = (): string => personIn(option('by'));
  const staff = () => ({ by: by(), from: 'command-line' });
  const remark = (): string => remarkIn(option('reason'));
  const byTwo = async (bankAct: BankAct): Promise<Told> => {
    const told = words.options.get('told') ?? 'bank-decision';
    const reason = parseBankReason(bankAct, told) ?? wrong(`--told is one of ${bankReasons[bankAct].join(', ')}`);
    const people = { proposedBy: by(), by: personIn(option('approved-by')), from: 'command-line' };
    const acting = { mandateId: mandateId(), act: bankAct, reason, remark: remark(), ...people };
    return toldByTwo(await actByTwo(desk, acting), people.by);
  };
  switch (act) {
    case 'enter':
      return toldEntered(await enterMandate(desk, { typed: await typedIn(words, desk), ...staff() }));
    case 'change':
      return toldActed(await changeDraft(desk, { mandateId: mandateId(), typed: fieldsIn(words), ...staff() }), by());
    case 'submit':
      return toldActed(await submitMandate(desk, { mandateId: mandateId(), ...staff() }), by());
    case 'certify': {
      const difference = words.options.get('name-difference');
      const nameDifference = difference === undefined ? undefined : remarkIn(difference);
      const certifying = { mandateId: mandateId(), ...staff(), seenHash: option('seen'), nameDifference };
      return toldActed(await certifyMandate(desk, certifying), by());
    }
    case 'send-back':
      return toldActed(await sendMandateBack(desk, { mandateId: mandateId(), ...staff(), remark: remark() }), by());
    case 'refuse':
      return toldActed(await refuseMandate(desk, { mandateId: mandateId(), ...staff(), remark: remark() }), by());
    case 'suspend':
      return byTwo('suspension');
    case 'resume':
      return byTwo('resumption');
    case 'revoke':
      return byTwo('revocation');
    case 'show': {
      const file = await showMandate(desk.pool, mandateId(), desk.now());
      return file === undefined ? notFound() : { lines: fileLines(file), value: file, done: true };
    }
    case 'list':
      return list(desk, words);
    case 'certificate':
      return writeCertificate(program, mandateId(), option('out'));
  }
}

type Entered = { outcome: 'ENTERED'; mandateId: MandateId; contentHash: string };
type Faulty = { outcome: 'FAULTS'; faults: readonly RequestFault[] };

function toldEntered(entered: Entered | Faulty): Told {
  if (entered.outcome === 'FAULTS') return { lines: entered.faults.map(faultLine), value: entered, done: false };
  const { mandateId, contentHash } = entered;
  return { lines: [`${mandateId} entered, content hash ${contentHash}`], value: entered, done: true };
}

function toldActed(acted: CertifyOutcome | ChangeOutcome, by: string): Told {
  if (acted.outcome === 'FAULTS') return { lines: acted.faults.map(faultLine), value: acted, done: false };
  if (acted.outcome !== 'DONE') return { lines: [refusalLine(acted, by)], value: acted, done: false };
  const { mandateId, state, contentHash } = acted.mandate;
  const lines = [`${mandateId} is ${state}, content hash ${contentHash}`];
  return { lines, value: { outcome: 'DONE', mandateId, state, contentHash }, done: true };
}

function toldByTwo(acted: ByTwoOutcome, by: string): Told {
  switch (acted.outcome) {
    case 'SAME_PERSON':
      return { lines: [`${by} can't approve what they proposed: another person must`], value: acted, done: false };
    case 'ALREADY_WAITING':
      return { lines: ['the same was proposed before and waits: decide on it'], value: acted, done: false };
    case 'DONE':
    case 'NOT_FOUND':
    case 'WRONG_STATE':
      return toldActed(acted, by);
  }
}

const notFound = (): Told => ({ lines: ['no mandate has this id'], value: { outcome: 'NOT_FOUND' }, done: false });

async function list(desk: Desk, { options }: Words): Promise<Told> {
  const today = algiersDay(desk.now());
  const page = await viewMandates(desk.pool, {
    visibleTo: undefined,
    employerNumber: parsed(options.get('employer'), parseEmployerNumber, '--employer takes ten digits'),
    state: parsed(options.get('state'), stateNamed, `--state is one of ${mandateStates.join(', ')}`),
    before: undefined,
    limit: parsed(options.get('limit'), limitIn, '--limit is a number from 1 to 1000') ?? 50,
    today,
  });
  const mandates = page.map(({ mandate }) => mandate);
  const lines = mandates.map((mandate) =>
    [mandate.mandateId, stateOn(mandate, today).padEnd(21), mandate.creditor.padEnd(9), mandate.employerNumber].join(
      '  ',
    ),
  );
  return { lines: lines.length === 0 ? ['none'] : lines, value: { mandates }, done: true };
}

async function writeCertificate(program: MandateProgram, mandateId: MandateId, file: string): Promise<Told> {
  const { desk, typesetter, ...print } = program;
  const found = await showMandate(desk.pool, mandateId, desk.now());
  if (found === undefined) return notFound();
  const { mandate, certificate } = found;
  if (certificate === undefined) {
    return {
      lines: [`the mandate is ${found.state}: it has no certificate`],
      value: { state: found.state },
      done: false,
    };
  }
  const content = file.endsWith('.pdf')
    ? await printCertificate({ ...print, db: desk.pool, typeset: typesetter().typeset }, mandate, certificate)
    : certificate.token;
  // It names the employer and the account: for its reader alone.
  await writeFile(file, content, { mode: 0o600 });
  return { lines: [`written to ${file}`], value: { mandateId, file }, done: true };
}

/** What the command line says of the request, over what a sample employer would say. */
async function typedIn(words: Words, desk: Desk): Promise<TypedRequest> {
  const sample = words.options.get('sample');
  const typed = fieldsIn(words);
  return sample === undefined ? typed : { ...(await sampleRequest(sample, algiersDay(desk.now()))), ...typed };
}

const fieldsIn = ({ options }: Words): TypedRequest =>
  Object.fromEntries(
    requestFields.flatMap((field) => {
      const value = options.get(fieldOptions[field]);
      return value === undefined ? [] : [[field, value]];
    }),
  );

async function sampleRequest(employerNumber: string, today: Day): Promise<TypedRequest> {
  const employer = (await readSampleEmployers()).find((sample) => sample.employerNumber === employerNumber);
  if (employer === undefined) throw new Error('--sample names no employer of src/commands/sample-employers.csv');
  return {
    ...employer,
    creditor: 'CNAS',
    perDebitCeiling: formatAmount(employer.perDebitCeiling),
    periodCeiling: formatAmount(employer.perMonthCeiling),
    period: 'MONTH',
    validFrom: today,
    validTo: addDays(today, 730),
  };
}

/** One person has one spelling, so that maker and checker can't be the same under two. */
const personIn = (text: string): string =>
  /^[a-z0-9][a-z0-9._@-]{1,63}$/.test(text)
    ? text
    : wrong('--by is a name of 2 to 64 small letters, digits and . _ @ -, such as officer-amel');

const remarkIn = (text: string): string =>
  text.trim().length >= 3 && text.trim().length <= 500 ? text.trim() : wrong('a reason has 3 to 500 characters');

const stateNamed = (text: string): MandateState | undefined => mandateStates.find((state) => state === text);

const limitIn = (text: string): number | undefined => (/^[1-9]\d{0,2}$|^1000$/.test(text) ? Number(text) : undefined);

const parsed = <Value>(text: string | undefined, parse: (text: string) => Value | undefined, expected: string) =>
  text === undefined ? undefined : (parse(text) ?? wrong(expected));

function wrong(message: string): never {
  throw new Error(message);
}

function missing(act: Act, what: string): never {
  throw new Error(`${what} is missing\n\n${usageOf(act)}`);
}
