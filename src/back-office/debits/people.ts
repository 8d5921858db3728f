import type { Contest } from '../../debits/contest.sql.ts';
import type { DebitFile } from '../../debits/file.ts';
import { nameText } from '../look/text.ts';
import type { Named } from '../mandates/life.ts';
import { selectStaffNames } from '../staff-names.sql.ts';
import type { DebitPageParts } from './parts.ts';

/** Who of the staff has a part in a debit. */
export const peopleIn = ({ history, evidence, contests }: DebitFile): string[] => [
  ...history.flatMap(({ side, actor }) => (side === 'bank' && actor !== undefined ? [actor] : [])),
  ...evidence.map(({ attachedBy }) => attachedBy),
  ...peopleOf(contests),
];

export const peopleOf = (contests: readonly Contest[]): string[] => contests.map(({ openedBy }) => openedBy);

/** Names staff as the identity provider does; who has never signed in is shown by the subject. */
export async function namesFor({ db }: Pick<DebitPageParts, 'db'>, people: readonly string[]): Promise<Named> {
  const names = await selectStaffNames(db, [...new Set(people)]);
  return (person) => nameText(names.get(person) ?? person);
}
