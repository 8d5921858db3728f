import { toCardinal } from 'n2words/fr-FR';
import type { Centimes } from '../values/centimes.ts';

type Words = { fr: string; ar: string };

/**
 * An amount as a person reads it aloud, in the nominative: "cent mille dinars et cinquante centimes". The press counts
 * in centimes ("230 milliards de centimes"), so beside the figures the words say which of the two is meant.
 */
export const amountInWords = (amount: Centimes): Words => ({ fr: inFrench(amount), ar: inArabic(amount) });

function inFrench(amount: Centimes): string {
  const dinars = amount / 100n;
  const centimes = amount % 100n;
  const parts = [];
  if (dinars > 0n || centimes === 0n) {
    const words = frenchCardinal(dinars);
    const unit = dinars < 2n ? 'dinar' : 'dinars';
    parts.push(/(million|milliard)s?$/.test(words) ? `${words} de ${unit}` : `${words} ${unit}`);
  }
  if (centimes > 0n) parts.push(`${toCardinal(centimes)} ${centimes === 1n ? 'centime' : 'centimes'}`);
  return parts.join(' et ');
}

/** From 10^12 on in milliards, "mille milliards": a French billion is 10^12, but an English one 10^9. */
function frenchCardinal(dinars: bigint): string {
  const milliards = dinars / 1_000_000_000n;
  if (milliards < 1000n) return toCardinal(dinars);
  const rest = dinars % 1_000_000_000n;
  return `${toCardinal(milliards)} milliards${rest === 0n ? '' : ` ${toCardinal(rest)}`}`;
}

function inArabic(amount: Centimes): string {
  const dinars = amount / 100n;
  const centimes = amount % 100n;
  const parts = [];
  if (dinars > 0n || centimes === 0n) parts.push(counted(dinars, dinar));
  if (centimes > 0n) parts.push(counted(centimes, centime));
  return parts.join(' و');
}

/** The forms of a masculine noun that Arabic asks for by the number before it. */
type Noun = {
  one: string;
  two: string;
  /** The dual just before its genitive, without its nun: "ألفا دينار". */
  twoBeforeNoun: string;
  /** After 3 to 10. */
  few: string;
  /** After 11 to 99. */
  many: string;
  /** After a full hundred, thousand and so on; also after 11 to 99 just before its genitive: "أحد عشر ألف دينار". */
  single: string;
};

const noun = (single: string, few: string, one = single): Noun => ({
  one,
  two: `${single}ان`,
  twoBeforeNoun: `${single}ا`,
  few,
  many: `${single}اً`,
  single,
});

const dinar = noun('دينار', 'دنانير', 'دينار واحد');
const centime = noun('سنتيم', 'سنتيمات', 'سنتيم واحد');
const scales: readonly (readonly [bigint, Noun])[] = [
  [1_000_000_000_000n, noun('تريليون', 'تريليونات')],
  [1_000_000_000n, noun('مليار', 'مليارات')],
  [1_000_000n, noun('مليون', 'ملايين')],
  [1000n, noun('ألف', 'آلاف')],
];

/** A number with its noun. `beforeNoun`: a genitive follows at once, as دينار follows in "مائتا ألف دينار". */
function counted(number: bigint, noun: Noun, beforeNoun = false): string {
  if (number === 1n) return noun.one;
  if (number === 2n) return beforeNoun ? noun.twoBeforeNoun : noun.two;
  const rest = number % 100n;
  // One and two have no number word of their own beside the noun: as in "ألف ليلة وليلة", the noun is said again.
  if (rest === 1n || rest === 2n) return `${counted(number - rest, noun)} و${counted(rest, noun, beforeNoun)}`;
  if (rest === 0n) return `${cardinal(number, true)} ${noun.single}`;
  if (rest <= 10n) return `${cardinal(number, false)} ${noun.few}`;
  return `${cardinal(number, false)} ${beforeNoun ? noun.single : noun.many}`;
}

/** The number words for something masculine. `beforeNoun`: its last word is a hundred, a thousand … of the noun that follows. */
function cardinal(number: bigint, beforeNoun: boolean): string {
  const parts = [];
  let rest = number;
  for (const [scale, name] of scales) {
    const count = rest / scale;
    rest %= scale;
    if (count > 0n) parts.push(counted(count, name, beforeNoun && rest === 0n));
  }
  if (rest > 0n || number === 0n) parts.push(belowThousand(Number(rest), beforeNoun));
  return parts.join(' و');
}

const units = ['صفر', 'واحد', 'اثنان', 'ثلاثة', 'أربعة', 'خمسة', 'ستة', 'سبعة', 'ثمانية', 'تسعة', 'عشرة'];
const tens = ['', '', 'عشرون', 'ثلاثون', 'أربعون', 'خمسون', 'ستون', 'سبعون', 'ثمانون', 'تسعون'];
const hundreds = ['', 'مائة', 'مائتان', 'ثلاثمائة', 'أربعمائة', 'خمسمائة', 'ستمائة', 'سبعمائة', 'ثمانمائة', 'تسعمائة'];

function belowThousand(number: number, beforeNoun: boolean): string {
  if (number === 200 && beforeNoun) return 'مائتا';
  if (number >= 100) {
    const hundred = word(hundreds, Math.floor(number / 100));
    return number % 100 === 0 ? hundred : `${hundred} و${belowThousand(number % 100, false)}`;
  }
  if (number <= 10) return word(units, number);
  if (number === 11) return 'أحد عشر';
  if (number === 12) return 'اثنا عشر';
  if (number < 20) return `${word(units, number - 10)} عشر`;
  const ten = word(tens, Math.floor(number / 10));
  return number % 10 === 0 ? ten : `${word(units, number % 10)} و${ten}`;
}

function word(words: readonly string[], at: number): string {
  const found = words[at];
  if (found === undefined) throw new RangeError('no such number word');
  return found;
}
