import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Centimes, parseAmount } from '../values/centimes.ts';
import { amountInWords } from './amount-in-words.ts';

const amount = (text: string): Centimes => parseAmount(text) ?? expect.unreachable(text);
const anyAmount = fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }).map((centimes) => amount(decimal(centimes)));
const decimal = (centimes: bigint) =>
  centimes
    .toString()
    .padStart(3, '0')
    .replace(/(\d\d)$/, '.$1');

describe('French', () => {
  test.each([
    ['0.00', 'zéro dinar'],
    ['0.01', 'un centime'],
    ['0.50', 'cinquante centimes'],
    ['1.00', 'un dinar'],
    ['1.01', 'un dinar et un centime'],
    ['80.00', 'quatre-vingts dinars'],
    ['81.00', 'quatre-vingt-un dinars'],
    ['71.80', 'soixante et onze dinars et quatre-vingts centimes'],
    ['200.00', 'deux cents dinars'],
    ['80000.00', 'quatre-vingt mille dinars'],
    ['101000.00', 'cent un mille dinars'],
    ['200000.00', 'deux cent mille dinars'],
    ['1000000.00', 'un million de dinars'],
    ['80000000.00', 'quatre-vingts millions de dinars'],
    ['1000000.10', 'un million de dinars et dix centimes'],
    ['1000001.00', 'un million un dinars'],
    ['1200000.00', 'un million deux cent mille dinars'],
    ['1000000000.00', 'un milliard de dinars'],
    ['1000000000000.00', 'mille milliards de dinars'],
    ['2500000000000.00', 'deux mille cinq cents milliards de dinars'],
    ['1000001000000.00', 'mille milliards un million de dinars'],
  ])('%s is "%s"', (figures, words) => {
    expect(amountInWords(amount(figures)).fr).toBe(words);
  });

  test('"de" stands after a full million or milliard, and nowhere else', () => {
    fc.assert(
      fc.property(anyAmount, (centimes) => {
        const dinars = centimes / 100n;
        expect(/ de dinars/.test(amountInWords(centimes).fr)).toBe(dinars > 0n && dinars % 1_000_000n === 0n);
      }),
    );
  });
});

describe('Arabic', () => {
  test.each([
    ['0.00', 'صفر دينار'],
    ['0.01', 'سنتيم واحد'],
    ['0.02', 'سنتيمان'],
    ['0.05', 'خمسة سنتيمات'],
    ['0.11', 'أحد عشر سنتيماً'],
    ['1.00', 'دينار واحد'],
    ['2.00', 'ديناران'],
    ['3.00', 'ثلاثة دنانير'],
    ['10.00', 'عشرة دنانير'],
    ['11.00', 'أحد عشر ديناراً'],
    ['12.00', 'اثنا عشر ديناراً'],
    ['13.00', 'ثلاثة عشر ديناراً'],
    ['22.00', 'اثنان وعشرون ديناراً'],
    ['99.00', 'تسعة وتسعون ديناراً'],
    ['100.00', 'مائة دينار'],
    ['101.00', 'مائة دينار ودينار واحد'],
    ['102.00', 'مائة دينار وديناران'],
    ['103.00', 'مائة وثلاثة دنانير'],
    ['111.00', 'مائة وأحد عشر ديناراً'],
    ['200.00', 'مائتا دينار'],
    ['202.00', 'مائتا دينار وديناران'],
    ['250.00', 'مائتان وخمسون ديناراً'],
    ['1000.00', 'ألف دينار'],
    ['1001.00', 'ألف دينار ودينار واحد'],
    ['1200.00', 'ألف ومائتا دينار'],
    ['2000.00', 'ألفا دينار'],
    ['2500.00', 'ألفان وخمسمائة دينار'],
    ['3000.00', 'ثلاثة آلاف دينار'],
    ['11000.00', 'أحد عشر ألف دينار'],
    ['11500.00', 'أحد عشر ألفاً وخمسمائة دينار'],
    ['100000.00', 'مائة ألف دينار'],
    ['101000.00', 'مائة ألف وألف دينار'],
    ['102000.00', 'مائة ألف وألفا دينار'],
    ['102500.00', 'مائة ألف وألفان وخمسمائة دينار'],
    ['103000.00', 'مائة وثلاثة آلاف دينار'],
    ['111000.00', 'مائة وأحد عشر ألف دينار'],
    ['150000.00', 'مائة وخمسون ألف دينار'],
    ['200000.00', 'مائتا ألف دينار'],
    ['300000.00', 'ثلاثمائة ألف دينار'],
    ['1000000.00', 'مليون دينار'],
    ['2000000.00', 'مليونا دينار'],
    ['5000000.00', 'خمسة ملايين دينار'],
    ['25000000.00', 'خمسة وعشرون مليون دينار'],
    ['101000000.00', 'مائة مليون ومليون دينار'],
    ['1000000000.00', 'مليار دينار'],
    ['3000000000.00', 'ثلاثة مليارات دينار'],
    ['1000000000000.00', 'تريليون دينار'],
    ['123456.02', 'مائة وثلاثة وعشرون ألفاً وأربعمائة وستة وخمسون ديناراً وسنتيمان'],
  ])('%s is "%s"', (figures, words) => {
    expect(amountInWords(amount(figures)).ar).toBe(words);
  });

  test('the words of every amount read back as that amount', () => {
    fc.assert(
      fc.property(anyAmount, (centimes) => {
        expect(readArabic(amountInWords(centimes).ar)).toBe(centimes);
      }),
    );
    for (let dinars = 0; dinars < 3000; dinars += 1) {
      const centimes = amount(`${dinars}.00`);
      expect(readArabic(amountInWords(centimes).ar)).toBe(centimes);
    }
  });

  test('the noun agrees with the last two digits: singular, dual, plural of 3 to 10, accusative of 11 to 99', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 13n - 1n }), (dinars) => {
        const rest = Number(dinars % 100n);
        const few = rest <= 10 ? 'دنانير' : 'ديناراً';
        const ending = ['دينار', 'دينار واحد', 'ديناران'][rest] ?? few;
        expect(` ${amountInWords(amount(`${dinars}.00`)).ar}`).toMatch(new RegExp(`[ و]${ending}$`));
      }),
    );
  });
});

const numberWords: Record<string, bigint> = {
  صفر: 0n,
  واحد: 1n,
  أحد: 1n,
  اثنان: 2n,
  اثنا: 2n,
  ثلاثة: 3n,
  أربعة: 4n,
  خمسة: 5n,
  ستة: 6n,
  سبعة: 7n,
  ثمانية: 8n,
  تسعة: 9n,
  عشرة: 10n,
  عشر: 10n,
  عشرون: 20n,
  ثلاثون: 30n,
  أربعون: 40n,
  خمسون: 50n,
  ستون: 60n,
  سبعون: 70n,
  ثمانون: 80n,
  تسعون: 90n,
  مائة: 100n,
  مائتان: 200n,
  مائتا: 200n,
  ثلاثمائة: 300n,
  أربعمائة: 400n,
  خمسمائة: 500n,
  ستمائة: 600n,
  سبعمائة: 700n,
  ثمانمائة: 800n,
  تسعمائة: 900n,
};
const nouns: readonly [RegExp, bigint][] = [
  [/^(دينار|دنانير)/, 100n],
  [/^سنتيم/, 1n],
  [/^(ألف|آلاف)/, 1000n],
  [/^(مليون|ملايين)/, 10n ** 6n],
  [/^مليار/, 10n ** 9n],
  [/^تريليون/, 10n ** 12n],
];

/** Reads number words back, knowing nothing of how they were made: words add up, a noun multiplies what stands before it. */
function readArabic(words: string): bigint {
  let total = 0n;
  let scaled = 0n;
  let count: bigint | undefined;
  let atNoun = false;
  for (const spelt of words.split(' ')) {
    const bare = spelt in numberWords || nouns.some(([form]) => form.test(spelt)) ? spelt : spelt.replace(/^و/, '');
    const [, value] = nouns.find(([form]) => form.test(bare)) ?? [];
    if (value === undefined) {
      // "دينار واحد": the one was counted with its noun.
      if (!(atNoun && spelt === 'واحد')) count = (count ?? 0n) + (numberWords[bare] ?? expect.unreachable(bare));
    } else if (value >= 1000n) {
      scaled += (/ان?$/.test(bare) ? 2n : (count ?? 1n)) * value;
      count = undefined;
    } else {
      const dual = bare.endsWith('ان') ? 2n : 1n;
      total += (count === undefined && scaled === 0n ? dual : scaled + (count ?? 0n)) * value;
      scaled = 0n;
      count = undefined;
    }
    atNoun = value !== undefined;
  }
  return total;
}
