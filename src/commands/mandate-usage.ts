import type { RequestField } from '../mandates/authorisation-request.ts';

/** Each field of an authorisation request and the option that says it. */
export const fieldOptions: Readonly<Record<RequestField, string>> = {
  creditor: 'creditor',
  employerNumber: 'employer',
  rib: 'rib',
  nameFr: 'name-fr',
  nameAr: 'name-ar',
  representativeFr: 'representative-fr',
  representativeAr: 'representative-ar',
  phone: 'phone',
  perDebitCeiling: 'per-debit',
  periodCeiling: 'per-period',
  period: 'period',
  validFrom: 'from',
  validTo: 'to',
  replaces: 'replaces',
  replaceReason: 'replace-told',
  replaceRemark: 'replace-reason',
  handOver: 'hand-over',
};

export const acts = [
  'enter',
  'change',
  'submit',
  'certify',
  'send-back',
  'refuse',
  'suspend',
  'resume',
  'revoke',
  'show',
  'list',
  'certificate',
] as const;
export type Act = (typeof acts)[number];

/** What an act takes beside the mandate's id: every act knows --json and --help. */
export const optionsOf: Readonly<Record<Act, readonly string[]>> = {
  enter: ['by', 'sample', ...Object.values(fieldOptions)],
  change: ['by', ...Object.values(fieldOptions)],
  submit: ['by'],
  certify: ['by', 'seen', 'name-difference'],
  'send-back': ['by', 'reason'],
  refuse: ['by', 'reason'],
  suspend: ['by', 'approved-by', 'told', 'reason'],
  resume: ['by', 'approved-by', 'told', 'reason'],
  revoke: ['by', 'approved-by', 'told', 'reason'],
  show: [],
  list: ['employer', 'state', 'limit'],
  certificate: ['out'],
};

const fields = `  --creditor CODE            CNAS, CACOBATPH
  --employer NUMBER          the employer number, ten digits
  --rib RIB                  the account at this bank
  --name-fr TEXT --name-ar TEXT
  --representative-fr TEXT --representative-ar TEXT --phone NUMBER      may be left out
  --per-debit AMOUNT         the most that one debit may take: 125000.00
  --per-period AMOUNT        the most that a period may take
  --period PERIOD            MONTH, QUARTER or YEAR
  --from DAY --to DAY        first and last day, both included: 2026-01-31
  --replaces MANDATE         the mandate that ends when this one is accepted
  --replace-told CODE        why, as the creditor is told: ceilings-changed, account-changed, employer-request …
  --replace-reason TEXT      why, for the bank's staff alone`;

const by = '  --by PERSON                who does it: officer-amel, supervisor-karim';
const reason = '  --reason TEXT              why: kept beside the mandate, shown to the bank’s staff alone';
const byTwo = `${by}
  --approved-by PERSON       another person, who approves it
${reason}
  --told CODE                what the creditor is told of why (bank-decision)`;

const usages: Readonly<Record<Act, string>> = {
  enter: `enter --by PERSON …: enter an authorisation request as a draft\n${by}\n${fields}
  --sample NUMBER            take what is not said here from that sample employer`,
  change: `change MANDATE --by PERSON …: correct a draft; an empty text takes an optional field away\n${by}\n${fields}`,
  submit: `submit MANDATE --by PERSON: lay a draft before the supervisors\n${by}`,
  certify: `certify MANDATE --by PERSON --seen HASH: certify what others have entered and submitted\n${by}
  --seen HASH                the content hash of what was looked at (see show)
  --name-difference TEXT     why an account holder of another name is the employer all the same`,
  'send-back': `send-back MANDATE --by PERSON --reason TEXT: give it back to the officers, to be corrected\n${by}\n${reason}`,
  refuse: `refuse MANDATE --by PERSON --reason TEXT: end a request that the bank won't certify\n${by}\n${reason}`,
  suspend: `suspend MANDATE --by PERSON --approved-by PERSON --reason TEXT: raise the bank's suspension\n${byTwo}`,
  resume: `resume MANDATE --by PERSON --approved-by PERSON --reason TEXT: lift the bank's suspension\n${byTwo}`,
  revoke: `revoke MANDATE --by PERSON --approved-by PERSON --reason TEXT: end a certified mandate before its date, for ever\n${byTwo}`,
  show: 'show MANDATE: everything that the bank knows of it',
  list: `list: the mandates, newest first
  --employer NUMBER          only this employer's
  --state STATE              only those in this state
  --limit NUMBER             at most so many (50)`,
  certificate: `certificate MANDATE --out FILE: write the certificate to a file
  --out FILE                 the PDF for FILE.pdf, otherwise the token`,
};

export const usageOf = (act: Act): string =>
  `npm run mandate -- ${usages[act]}\n  --json                     print JSON`;

export const usage = `npm run mandate -- ACT …, and --help after each of

${acts.map((act) => `  ${usages[act].split('\n', 1)[0]}`).join('\n')}`;
