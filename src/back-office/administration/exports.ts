import { readCalendar } from '../../calendar/change.ts';
import {
  type CertificateLine,
  type CreditorLine,
  certificatesOf,
  creditorsOf,
  type SigningKeyLine,
  signingKeyLinesOf,
} from '../../clients/look-up.ts';
import { listEndedStops, standingStops } from '../../stops/look-up.ts';
import type { Stop } from '../../stops/stop.ts';
import { algiersDay, formatInstant } from '../../values/dates.ts';
import { type CsvColumn, csvFile, pageByPage } from '../csv.ts';
import type { PageAnswer, Visit } from '../page.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import type { Words } from '../words/words.ts';
import { type FeastLine, feastLines } from './calendar-page.ts';
import { scopesText } from './creditor-pages.ts';
import { type AdministrationParts, knownCreditor, notFound, standingOf } from './shared.ts';
import { remarkText, stopperText } from './stop-words.ts';

type Column<Row> = CsvColumn<Row>;
const text = <Row>(title: string, of: (row: Row) => string): Column<Row> => ({ title, kind: 'TEXT', of });
const code = <Row>(title: string, of: (row: Row) => string): Column<Row> => ({ title, kind: 'CODE', of });
const instant = <Row>(title: string, of: (row: Row) => Date | undefined): Column<Row> =>
  text(title, (row) => {
    const at = of(row);
    return at === undefined ? '' : formatInstant(at);
  });

export async function exportCreditors({ db }: AdministrationParts, { words }: Visit): Promise<PageAnswer> {
  const columns: Column<CreditorLine>[] = [
    code(words.say('administration.creditor'), ({ creditorCode }) => creditorCode),
    text(words.say('administration.name-fr'), ({ nameFr }) => nameFr),
    text(words.say('administration.name-ar'), ({ nameAr }) => nameAr),
    code(words.say('administration.account'), ({ collectionAccount }) => collectionAccount),
    instant(words.say('administration.certificate-until'), ({ certificateUntil }) => certificateUntil),
    instant(words.say('administration.key-until'), ({ signingKeyUntil }) => signingKeyUntil),
  ];
  return csvFile(words, 'creditors.csv', columns, await creditorsOf(db));
}

export async function exportCertificates(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const creditor = await knownCreditor(parts, visit);
  if (creditor === undefined) return notFound(visit, 'creditors');
  const standing = (line: CertificateLine) => standingOf({ ...line, from: line.notBefore, until: line.notAfter }, now);
  const columns: Column<CertificateLine>[] = [
    text(words.say('administration.subject'), ({ subject }) => subject),
    text(words.say('administration.issuer'), ({ issuer }) => issuer),
    code(words.say('administration.serial'), ({ serialNumber }) => serialNumber),
    code(words.say('administration.thumbprint'), ({ thumbprint }) => thumbprint),
    instant(words.say('administration.valid-from'), ({ notBefore }) => notBefore),
    instant(words.say('administration.valid-until'), ({ notAfter }) => notAfter),
    text(words.say('administration.standing'), (line) => words.say(`administration.standing.${standing(line)}`)),
  ];
  return csvFile(words, `certificates-${creditor}.csv`, columns, await certificatesOf(parts.db, creditor));
}

export async function exportSigningKeys(parts: AdministrationParts, visit: Visit): Promise<PageAnswer> {
  const { words, now } = visit;
  const creditor = await knownCreditor(parts, visit);
  if (creditor === undefined) return notFound(visit, 'creditors');
  const standing = (line: SigningKeyLine) => standingOf({ ...line, from: line.validFrom, until: line.validUntil }, now);
  const columns: Column<SigningKeyLine>[] = [
    code(words.say('administration.thumbprint'), ({ thumbprint }) => thumbprint),
    text(words.say('administration.algorithm'), ({ algorithm }) => algorithm),
    text(words.say('administration.scopes'), ({ scopes }) => scopesText(visit, scopes)),
    instant(words.say('administration.valid-from'), ({ validFrom }) => validFrom),
    instant(words.say('administration.valid-until'), ({ validUntil }) => validUntil),
    text(words.say('administration.standing'), (line) => words.say(`administration.standing.${standing(line)}`)),
    text(words.say('administration.record'), ({ registration }) => registration),
  ];
  return csvFile(words, `signing-keys-${creditor}.csv`, columns, await signingKeyLinesOf(parts.db, creditor));
}

export async function exportFeasts({ db }: AdministrationParts, { words, now }: Visit): Promise<PageAnswer> {
  const columns: Column<FeastLine>[] = [
    text(words.say('administration.name-fr'), ({ nameFr }) => nameFr),
    text(words.say('administration.name-ar'), ({ nameAr }) => nameAr),
    text(words.say('common.day'), ({ next }) => next),
    text(words.say('administration.repeats'), ({ on }) =>
      words.say('yearly' in on ? 'administration.every-year' : 'administration.that-day'),
    ),
    text(words.say('administration.source'), ({ source }) => source),
  ];
  return csvFile(words, 'feasts.csv', columns, feastLines(await readCalendar(db), algiersDay(now)));
}

/** A stop with the name of who made it. */
type Exported = Stop & { by: string };

/** What stands, and what ever stood. */
export async function exportStops({ db }: AdministrationParts, { words, staff }: Visit): Promise<PageAnswer> {
  const named = async (stops: readonly Stop[]): Promise<Exported[]> => {
    const names = await selectStaffNames(db, [...new Set(stops.map(({ stoppedBy }) => stoppedBy))]);
    return stops.map((stop) => ({ ...stop, by: stopperText(words, names, stop) }));
  };
  const page = { limit: 500 };
  const rows = async function* () {
    yield* pageByPage<Exported>(async (last) =>
      named(await standingStops(db, staff.agencies, { ...page, after: last?.stopId })),
    );
    yield* pageByPage<Exported>(async (last) =>
      named(await listEndedStops(db, staff.agencies, { ...page, before: last?.stopId })),
    );
  };
  const columns: Column<Exported>[] = [
    text(words.say('administration.what-stopped'), (stop) => lineOf(words, stop)),
    instant(words.say('administration.stopped-at'), ({ stoppedAt }) => stoppedAt),
    text(words.say('administration.stopped-by'), ({ by }) => by),
    text(words.say('administration.reason'), (stop) => remarkText(words, stop)),
    instant(words.say('administration.started-at'), ({ endedAt }) => endedAt),
  ];
  return csvFile(words, 'stops.csv', columns, rows());
}

function lineOf(words: Words, stop: Stop): string {
  switch (stop.scope) {
    case 'ALL':
      return words.say('administration.stopped-all');
    case 'CREDITOR':
      return `${words.say('administration.stopped-creditor')} ${stop.creditor}`;
    case 'MANDATE':
      return `${words.say('administration.stopped-mandate')} ${stop.mandateId}`;
  }
}
