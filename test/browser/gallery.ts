import { html } from 'hono/html';
import { badge, debitBadge, mandateBadge, reasonText, type Tone } from '../../src/back-office/look/badge.ts';
import {
  callout,
  columns,
  comparison,
  descriptions,
  details,
  differing,
  lead,
  section,
  tabs,
  tiles,
  timeline,
  usageBar,
} from '../../src/back-office/look/blocks.ts';
import { chart } from '../../src/back-office/look/chart.ts';
import {
  amountField,
  checkboxField,
  dateField,
  fieldGroup,
  fieldRow,
  fileField,
  numberField,
  radioField,
  selectField,
  textareaField,
  textField,
} from '../../src/back-office/look/fields.ts';
import { actions, faultSummary, form, hiddenField, postButton, submitButton } from '../../src/back-office/look/form.ts';
import { csvLink, emptyState, filterForm, pager, table, toolbar } from '../../src/back-office/look/table.ts';
import {
  amountText,
  buttonLink,
  dayText,
  instantText,
  link,
  ltr,
  nameText,
  printLink,
  ribText,
} from '../../src/back-office/look/text.ts';
import type { Html } from '../../src/back-office/page.ts';
import type { Words } from '../../src/back-office/words/words.ts';
import { debitStates } from '../../src/debits/debit.ts';
import { mandateStates } from '../../src/mandates/mandate.ts';
import { type Centimes, centimesFromDatabase } from '../../src/values/centimes.ts';
import { addDays, type Day, parseDay } from '../../src/values/dates.ts';

const visit = { csrf: 'token' };
const rib = '00700012000001234566';
const firstDay = dayOf('2026-01-01');
const at = new Date('2026-01-31T23:30:00Z');

/** Sample text of the employer's own, in the reader's script. */
const samples = {
  fr: {
    name: 'SARL Briqueterie <b>du Sud</b> & Fils',
    other: 'SARL Briqueterie du Nord & Fils',
    text: 'Montant mensuel',
    hint: 'Tel qu’il est écrit sur le formulaire signé.',
    fault: 'Indiquez un montant en dinars, par exemple 125 000,00.',
  },
  ar: {
    name: 'شركة ذات مسؤولية محدودة مصنع الآجر الجنوبي',
    other: 'شركة ذات مسؤولية محدودة مصنع الآجر الشمالي',
    text: 'المبلغ الشهري',
    hint: 'كما هو مكتوب في الاستمارة الموقعة.',
    fault: 'أدخل مبلغا بالدينار، مثلا 125 000,00.',
  },
  en: {
    name: 'Southern Brickworks <b>Ltd</b>',
    other: 'Northern Brickworks Ltd',
    text: 'Monthly amount',
    hint: 'As written on the signed form.',
    fault: 'Give an amount in dinars, such as 125 000,00.',
  },
};

/** Every part of the look once, as a page of the back office would use it. */
export const gallery = (words: Words): Html => html`
${lead(mandateBadge(words, 'ACTIVE'), ltr('0199a2b4-7c1e-7a00-8000-0123456789ab'), nameText(samples[words.language].name))}
${tabs(samples[words.language].text, [
  { href: '#a', label: words.say('common.section.mandates'), current: true },
  { href: '#b', label: words.say('common.section.debits'), current: false },
])}
${tiles([
  {
    label: words.say('common.debit.SETTLED'),
    value: words.number(12_345),
    note: words.amount(amount('123456789000')),
    href: '#t1',
  },
  { label: words.say('common.debit.REJECTED'), value: words.number(87), note: words.percent(0.007), tone: 'bad' },
  { label: words.say('common.debit.IN_DOUBT'), value: words.number(2), href: '#t2', tone: 'attention' },
  { label: words.say('common.mandate.PENDING_CERTIFICATION'), value: words.number(14) },
])}
${columns(section(words.say('common.hour'), hours(words)), section(words.say('common.day'), days(words)))}
${section(words.say('common.section.mandates'), particulars(words), buttonLink('#c', words.say('common.back')))}
${columns(section(words.say('common.section.audit'), life(words)), section(words.say('common.compared'), compared(words)))}
${(['info', 'good', 'warning', 'danger'] as const).map((tone) => callout(tone, samples[words.language].text, samples[words.language].hint))}
${list(words)}
${section(words.say('common.section.requests'), fields(words))}`;

const particulars = (words: Words): Html => html`
${descriptions([
  [samples[words.language].text, amountText(words, amount('12500000'))],
  ['RIB', ribText(rib)],
  [words.say('common.day'), dayText(words, firstDay)],
  [words.say('common.hour'), instantText(words, at)],
  [words.say('common.section.debits'), reasonText(words, 'AM04')],
  ['Nom', nameText(samples.ar.name)],
])}
<h3>${words.say('common.section.debits')}</h3>
${usageBar(words, { label: samples[words.language].text, used: amount('3125000'), ceiling: amount('12500000') })}
${usageBar(words, { label: samples[words.language].text, used: amount('11250000'), ceiling: amount('12500000') })}
${usageBar(words, { label: samples[words.language].text, used: amount('12500000'), ceiling: amount('12500000') })}
${actions(printLink(words, '#pdf', words.say('common.export-csv')), postButton({ visit, action: '#post', label: words.say('common.cancel'), tone: 'danger', confirm: words.say('common.cancel') }))}
<p>${(['good', 'going', 'attention', 'bad', 'over'] satisfies Tone[]).map((tone) => html`${badge(tone, tone)} `)}</p>
<p>${mandateStates.map((state) => html`${mandateBadge(words, state)} `)}</p>
<p>${debitStates.map((state) => html`${debitBadge(words, state)} `)}</p>
${details(words.say('common.figures'), ltr(rib))}`;

const life = (words: Words): Html =>
  timeline(words, [
    { at, what: words.say('common.mandate.DRAFT'), who: nameText(samples.ar.name) },
    {
      at,
      what: words.say('common.mandate.CERTIFIED'),
      who: 'S. Benali',
      from: mandateBadge(words, 'PENDING_CERTIFICATION'),
      to: mandateBadge(words, 'CERTIFIED'),
    },
    {
      at,
      what: words.say('common.mandate.SUSPENDED'),
      to: mandateBadge(words, 'SUSPENDED'),
      reason: samples[words.language].hint,
    },
  ]);

function compared(words: Words): Html {
  const { name, other, text } = samples[words.language];
  return comparison(
    words,
    text,
    [words.say('common.section.requests'), words.say('common.section.mandates')],
    [
      { label: text, values: [differing(name, other), differing(other, name)], same: false },
      { label: 'RIB', values: [ribText(rib), ribText(rib)], same: true },
    ],
    'compared',
  );
}

function list(words: Words): Html {
  const listing = { path: '/list', query: new URLSearchParams({ name: 'x y', after: 'cursor' }) };
  const rows = [1, 2, 3].map((index) => ({ index, name: samples[words.language].name }));
  return html`${filterForm(
    words,
    listing,
    textField({ name: 'q', label: 'RIB', ltr: true, size: 'medium' }),
    selectField({ name: 'state', label: words.say('common.figures'), none: words.say('common.none'), choices: [] }),
    dateField({ name: 'from', label: words.say('common.day'), value: firstDay }),
  )}
${section(
  words.say('common.section.mandates'),
  html`${toolbar(words.number(3), csvLink(words, listing))}
${table({
  caption: words.say('common.section.mandates'),
  captionHidden: true,
  columns: [
    { heading: words.say('common.figures'), names: true, cell: (row) => link(`#row-${row.index}`, nameText(row.name)) },
    { heading: 'RIB', cell: () => ribText(rib) },
    { heading: words.say('common.section.mandates'), cell: () => mandateBadge(words, 'ACTIVE') },
    {
      heading: html`${samples[words.language].text} (${words.say('common.currency')})`,
      numeric: true,
      cell: (row) => words.figure(amount(`${row.index}2345678${row.index}`)),
    },
    {
      heading: words.say('common.cancel'),
      quiet: true,
      cell: (row) => postButton({ visit, action: `#row-${row.index}`, label: words.say('common.cancel') }),
    },
  ],
  rows,
  mark: (row) => (row.index === 2 ? 'warning' : row.index === 3 ? 'danger' : undefined),
  empty: '',
})}
${pager(words, listing, 'next')}`,
)}
${section(
  words.say('common.section.debits'),
  table({
    caption: words.say('common.section.debits'),
    columns: [{ heading: 'x', cell: () => '' }],
    rows: [],
    empty: emptyState({
      title: words.say('common.none'),
      advice: samples[words.language].hint,
      action: { href: '#new', label: words.say('common.back') },
    }),
  }),
)}`;
}

function fields(words: Words): Html {
  const { text, hint, fault, name } = samples[words.language];
  const choices = [
    { value: 'a', label: words.say('common.yes'), hint },
    { value: 'b', label: words.say('common.no') },
  ];
  return html`${faultSummary(words, { amount: fault, choice: fault })}
${form({
  visit,
  action: '#send',
  files: true,
  content: html`${hiddenField('seen', 'hash')}
${fieldGroup(
  text,
  textField({ name: 'name', label: 'Nom', value: name, required: true, hint }),
  textField({
    name: 'rib',
    label: 'RIB',
    value: rib,
    ltr: true,
    inputMode: 'numeric',
    maxLength: 24,
    required: true,
    size: 'medium',
    data: { rib: 'yes' },
  }),
  fieldRow(
    amountField({ name: 'amount', label: text, value: '12x', fault, hint, currency: words.say('common.currency') }),
    numberField({ name: 'count', label: words.say('common.figures'), value: '3', minimum: 1, maximum: 9 }),
    dateField({ name: 'day', label: words.say('common.day'), value: firstDay }),
  ),
)}
${radioField({ name: 'choice', label: text, choices, value: 'a', fault, required: true })}
${selectField({ name: 'select', label: text, choices, value: 'b' })}
${textareaField({ name: 'why', label: words.say('common.reason'), value: name })}
${fileField({ name: 'file', label: 'PDF', accept: '.pdf', hint })}
${checkboxField({ name: 'agree', label: hint, checked: true })}
${textField({ name: 'fixed', label: text, value: rib, readOnly: true, ltr: true })}
${actions(submitButton({ label: words.say('common.search') }), submitButton({ label: words.say('common.back'), tone: 'plain', name: 'then', value: 'back' }), submitButton({ label: words.say('common.cancel'), tone: 'danger', confirm: hint }))}`,
})}`;
}

const hours = (words: Words): Html =>
  chart(words, {
    id: 'hours',
    title: samples[words.language].text,
    summary: samples[words.language].hint,
    pointHeading: words.say('common.hour'),
    series: [
      { name: words.say('common.debit.SETTLED'), tone: 'good' },
      { name: words.say('common.debit.REJECTED'), tone: 'bad' },
    ],
    points: Array.from({ length: 24 }, (_, hour) => {
      const settled = hour < 7 || hour > 18 ? 0 : 40 + ((hour * 37) % 90);
      return {
        tick: String(hour),
        name: `${hour}:00`,
        values: [settled, hour % 3].map((drawn) => ({ drawn, shown: words.number(drawn) })),
      };
    }),
  });

const days = (words: Words): Html =>
  chart(words, {
    id: 'days',
    title: samples[words.language].text,
    summary: samples[words.language].hint,
    pointHeading: words.say('common.day'),
    series: [{ name: words.say('common.currency'), tone: 'plain' }],
    points: Array.from({ length: 30 }, (_, index) => {
      const day = addDays(firstDay, index);
      const shown = amount(String(((index * 7919) % 31) * 10_000_000_00));
      return {
        tick: words.dayAndMonth(day),
        name: words.day(day),
        values: [{ drawn: Number(shown) / 100, shown: words.amount(shown) }],
      };
    }),
  });

const amount = (centimes: string): Centimes => centimesFromDatabase(centimes);

function dayOf(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new Error(text);
  return day;
}
