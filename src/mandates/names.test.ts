import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameHolder } from './names.ts';

const hidhab = { nameFr: 'SARL El Hidhab Construction', nameAr: 'ش.ذ.م.م الهضاب للبناء' };
const etudes = { nameFr: 'EURL Études Hydrauliques Soummam', nameAr: 'م.ذ.ش.و الصومام للدراسات المائية' };
const cheliff = { nameFr: 'SPA Cheliff Matériaux', nameAr: 'ش.ذ.أ الشلف لمواد البناء' };
const benyoucef = { nameFr: 'SNC Benyoucef & Frères', nameAr: 'ش.ت الإخوة بن يوسف' };
const mecanique = { nameFr: "SARL Mécanique Générale de l'Est", nameAr: 'ش.ذ.م.م الميكانيك العامة للشرق' };
const frigo = { nameFr: 'SARL Frigo-Sud', nameAr: 'ش.ذ.م.م تبريد الجنوب' };
const khelifa = { nameFr: 'Boulangerie Moderne Khelifa (personne physique)', nameAr: 'مخبزة خليفة الحديثة' };
const guesmi = { nameFr: 'Mohamed Guesmi', nameAr: 'محمد ڨاسمي' };

test.for([
  ['SARL EL HIDHAB CONSTRUCTION', hidhab],
  ['El Hidhab Construction SARL', hidhab],
  ['S.A.R.L. El-Hidhab Construction', hidhab],
  ['S A R L EL HIDHAB CONSTRUCTION', hidhab],
  ['EL HIDHAB CONSTRUCTION', hidhab],
  ['Construction El Hidhab, Sarl', hidhab],
  ['Société à Responsabilité Limitée El Hidhab Construction', hidhab],
  ['ش ذ م م الهضاب للبناء', hidhab],
  ['شركة ذات مسؤولية محدودة الهضاب للبناء', hidhab],
  ['الهضاب للبناء ش.ذ.م.م', hidhab],
  ['الهِضَاب للبنـــاء', hidhab],
  ['ش.ذ.م.م الهضاب للبناء / SARL El Hidhab Construction', hidhab],
  ['ETUDES HYDRAULIQUES SOUMMAM EURL', etudes],
  ['E\u0301tudes hydrauliques Soummam', etudes],
  ['مؤسسة ذات الشخص الوحيد وذات المسؤولية المحدودة الصومام للدراسات المائيه', etudes],
  ['SOCIETE PAR ACTIONS CHELIFF MATERIAUX', cheliff],
  ['ش.ذ.ا الشلف لمواد البناء', cheliff],
  ['شركة ذات أسهم الشلف لمواد البناء', cheliff],
  ['SNC BENYOUCEF ET FRERES', benyoucef],
  ['Ben Youcef Frères, société en nom collectif', benyoucef],
  ['الاخوة بن يوسف شركة التضامن', benyoucef],
  ['MECANIQUE GENERALE DE L EST SARL', mecanique],
  ['Mécanique générale de l’Est', mecanique],
  ['الميكانيك العامه للشرق', mecanique],
  ['FRIGOSUD SARL', frigo],
  ['Frigo Sud', frigo],
  ['Boulangerie moderne Khelifa', khelifa],
  ['KHELIFA BOULANGERIE MODERNE', khelifa],
  ['M. GUESMI MOHAMED', guesmi],
  ['محمد قاسمي', guesmi],
  ['السيد محمد قاسمى', guesmi],
] as const)('%s is the holder that the employer names', ([holder, employer]) => {
  expect(sameHolder(holder, employer)).toBe(true);
});

test.for([
  ['SPA El Hidhab Construction', hidhab],
  ['ش.ذ.أ الهضاب للبناء', hidhab],
  ['SARL El Hidhab', hidhab],
  ['SARL El Hidhab Construction Ouest', hidhab],
  ['SARL El Hidhab Constructions', hidhab],
  ['EURL El Hidhab Construction', hidhab],
  ['ش.ذ.م.م الهضاب للبناء / SARL El Djurdjura Construction', hidhab],
  ['SARL', hidhab],
  ['', hidhab],
  ['Эль Хидаб', hidhab],
  ['Mohamed Guesmi & Fils', guesmi],
] as const)('%s is someone else', ([holder, employer]) => {
  expect(sameHolder(holder, employer)).toBe(false);
});

test('a name is always its own, in capitals, without accents, turned round, whatever the legal form is set beside it', () => {
  const word = fc.constantFrom(
    'Études',
    'Hydrauliques',
    'Aït',
    'Béjaïa',
    'Sud',
    'Œuvres',
    'Khelifa',
    'Transport',
    'El',
  );
  const form = fc.constantFrom('SARL', 'S.A.R.L', 'Sarl.', 's a r l', '');
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), form, form, (words, first, second) => {
      const spelt = [...words.toReversed(), second].join(' ').toUpperCase();
      expect(sameHolder(spelt, { nameFr: [first, ...words].join(' '), nameAr: 'غير ذلك' })).toBe(true);
    }),
  );
});
