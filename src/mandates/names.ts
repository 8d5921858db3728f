/**
 * Whether an account's holder, as the core banking system spells it in Latin or Arabic letters or both, is the employer.
 * Accents, case, punctuation, word order and the way a legal form is written make no difference; another legal form
 * does: a SARL is not the SPA of the same name.
 */
export function sameHolder(holder: string, employer: { nameFr: string; nameAr: string }): boolean {
  if (sameName(holder, employer.nameFr) || sameName(holder, employer.nameAr)) return true;
  // Both scripts on one line: each half must be right.
  const latin = holder.replace(/\p{Script=Arabic}+/gu, ' ');
  const arabic = holder.replace(/\p{Script=Latin}+/gu, ' ');
  return latin !== holder && arabic !== holder && sameName(latin, employer.nameFr) && sameName(arabic, employer.nameAr);
}

type ReadName = { words: readonly string[]; forms: ReadonlySet<string> };

function sameName(one: string, other: string): boolean {
  const [first, second] = [readName(one), readName(other)];
  if (first.words.length === 0 || second.words.length === 0) return false;
  const bothStateForms = first.forms.size > 0 && second.forms.size > 0;
  if (bothStateForms && first.forms.symmetricDifference(second.forms).size > 0) return false;
  // "Frigo-Sud" is written "Frigosud" too, and "Ben Youcef" "Benyoucef".
  return sorted(first.words) === sorted(second.words) || first.words.join('') === second.words.join('');
}

const sorted = (words: readonly string[]): string => words.toSorted().join(' ');

function readName(name: string): ReadName {
  const forms = new Set<string>();
  let text = ` ${joinedInitials(foldedWords(name)).join(' ')} `;
  // The longest spelling first: "société par actions simplifiée" holds "société par actions".
  for (const [spelling, form] of spellings) {
    const shorter = text.replaceAll(` ${spelling} `, ' ');
    if (shorter !== text) forms.add(form);
    text = shorter;
  }
  return { words: text.split(' ').filter((word) => word !== '' && !fillers.has(word)), forms };
}

/** Lower case, without accents, vowel signs and punctuation; letters that are confused in writing made one. */
function foldedWords(name: string): string[] {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}\u0640]/gu, '')
    .toLowerCase()
    .replace(/[^\u0020-\u024f\u0600-\u06ff]|[œæßøđł]/g, (letter) => sameLetter[letter] ?? ' ')
    .replace(/[أإآٱىةؤئءڤڨگپ٠-٩۰-۹]/g, (letter) => sameLetter[letter] ?? '')
    .replace(/&/g, ' et ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const sameLetter: Readonly<Record<string, string>> = {
  œ: 'oe',
  æ: 'ae',
  ß: 'ss',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  أ: 'ا',
  إ: 'ا',
  آ: 'ا',
  ٱ: 'ا',
  ى: 'ي',
  ة: 'ه',
  ؤ: 'و',
  ئ: 'ي',
  ء: '',
  ڤ: 'ف',
  ڨ: 'ق',
  گ: 'ك',
  پ: 'ب',
  ...Object.fromEntries([...'٠١٢٣٤٥٦٧٨٩'].map((digit, value) => [digit, String(value)])),
  ...Object.fromEntries([...'۰۱۲۳۴۵۶۷۸۹'].map((digit, value) => [digit, String(value)])),
};

/** "S.A.R.L", "s a r l", "ش.ذ.م.م": letters that stand alone side by side are one abbreviation. */
function joinedInitials(words: readonly string[]): string[] {
  const joined: string[] = [];
  let initials = '';
  for (const word of [...words, '']) {
    if (word.length === 1 && /\p{L}/u.test(word)) {
      initials += word;
      continue;
    }
    if (initials !== '') joined.push(initials);
    initials = '';
    if (word !== '') joined.push(word);
  }
  return joined;
}

/** Legal forms of the Code de commerce and how they are written; folded in the same way as the names. */
const legalForms: Readonly<Record<string, readonly string[]>> = {
  SARL: [
    'sarl',
    'société à responsabilité limitée',
    'ش.ذ.م.م',
    'ش.م.م',
    'شركة ذات مسؤولية محدودة',
    'شركة ذات المسؤولية المحدودة',
  ],
  EURL: [
    'eurl',
    'entreprise unipersonnelle à responsabilité limitée',
    'م.ذ.ش.و',
    'ش.ش.و.ذ.م.م',
    'م.ش.و.ذ.م.م',
    'مؤسسة ذات شخص وحيد',
    'مؤسسة ذات الشخص الوحيد',
    'مؤسسة ذات الشخص الوحيد وذات المسؤولية المحدودة',
    'مؤسسة ذات شخص وحيد وذات مسؤولية محدودة',
  ],
  SPA: ['spa', 'société par actions', 'ش.ذ.أ', 'ش.أ', 'شركة ذات أسهم', 'شركة المساهمة', 'شركة مساهمة', 'شركة بالأسهم'],
  SPAS: ['spas', 'société par actions simplifiée', 'ش.أ.م', 'ش.ذ.أ.م', 'شركة ذات أسهم مبسطة', 'شركة المساهمة البسيطة'],
  SNC: ['snc', 'société en nom collectif', 'ش.ت', 'شركة تضامن', 'شركة التضامن'],
  SCS: ['scs', 'société en commandite simple', 'ش.ت.ب', 'شركة توصية بسيطة', 'شركة التوصية البسيطة'],
  SCA: ['sca', 'société en commandite par actions', 'ش.ت.أ', 'شركة توصية بالأسهم', 'شركة التوصية بالأسهم'],
  EPE: ['epe', 'entreprise publique économique', 'مؤسسة عمومية اقتصادية', 'المؤسسة العمومية الاقتصادية'],
  EPIC: [
    'epic',
    'établissement public à caractère industriel et commercial',
    'م.ع.ص.ت',
    'مؤسسة عمومية ذات طابع صناعي وتجاري',
  ],
  EPA: ['epa', 'établissement public à caractère administratif', 'مؤسسة عمومية ذات طابع إداري'],
  PERSON: ['personne physique', 'شخص طبيعي'],
};

const spellings: readonly (readonly [string, string])[] = Object.entries(legalForms)
  .flatMap(([form, written]) =>
    written.map((spelling) => [joinedInitials(foldedWords(spelling)).join(' '), form] as const),
  )
  .toSorted(([one], [other]) => other.length - one.length);

/** Words that say nothing about who it is: a title, or the "and" between two founders. */
const fillers: ReadonlySet<string> = new Set(['m', 'mr', 'mme', 'mlle', 'monsieur', 'madame', 'et', 'السيد', 'السيده']);
