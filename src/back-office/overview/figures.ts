import { html } from 'hono/html';
import type { Figure, FigureEvent, ReasonFigure } from '../../debits/figures.sql.ts';
import { type DebitFigures, figureDays } from '../../debits/figures.ts';
import { noCentimes, sumOf } from '../../values/centimes.ts';
import { addDays, type Day, startOfAlgiersDay } from '../../values/dates.ts';
import type { CsvColumn } from '../csv.ts';
import { reasonText } from '../look/badge.ts';
import { type Tile, tiles } from '../look/blocks.ts';
import { type ChartPoint, chart } from '../look/chart.ts';
import { emptyState, table } from '../look/table.ts';
import { amountText } from '../look/text.ts';
import type { Html } from '../page.ts';
import type { Words } from '../words/words.ts';

const nothing: Figure = { debits: 0, amount: noCentimes };

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** What came in today, and what became of it. `readsDebits`: the reader may go on to the debits themselves. */
export function todayTiles(words: Words, { today, days }: DebitFigures, readsDebits: boolean): Html {
  const of = (event: FigureEvent): Figure => days.find((one) => one.day === today && one.event === event) ?? nothing;
  const [settled, rejected, reversed] = [of('SETTLED'), of('REJECTED'), of('REVERSED')];
  const ended = settled.debits + rejected.debits;
  const tile = (label: string, figure: Figure, more: Partial<Tile> = {}): Tile => ({
    label,
    value: words.number(figure.debits),
    note: amountText(words, figure.amount),
    ...more,
  });
  const href = readsDebits ? { href: `/debits?from=${today}&to=${today}` } : {};
  return tiles([
    tile(words.say('overview.received'), of('RECEIVED'), href),
    tile(words.say('overview.settled'), settled),
    tile(words.say('overview.rejected'), rejected),
    tile(words.say('overview.cancelled'), of('CANCELLED')),
    // Rare: where nothing was given back there is nothing to see.
    ...(reversed.debits === 0 ? [] : [tile(words.say('overview.reversed'), reversed)]),
    {
      label: words.say('overview.settled-share'),
      value: ended === 0 ? '–' : words.percent(share(settled.debits, ended)),
      note: words.say('overview.of-ended', { count: ended }),
    },
  ]);
}

/** How today's debits ended: settled, and rejected by reason. */
export function outcomes(words: Words, { today, days, reasons }: DebitFigures): Html {
  const settled = days.find((one) => one.day === today && one.event === 'SETTLED');
  type Line = Figure & { what: Html | string };
  const rows: Line[] = [
    ...(settled === undefined ? [] : [{ ...settled, what: words.say('overview.settled') }]),
    ...reasons.map((one: ReasonFigure) => ({ ...one, what: reasonText(words, one.reason) })),
  ];
  const ended = rows.reduce((sum, { debits }) => sum + debits, 0);
  return table<Line>({
    caption: words.say('overview.outcomes'),
    captionHidden: true,
    rows,
    empty: emptyState({ title: words.say('overview.no-outcome'), advice: words.say('overview.no-outcome-advice') }),
    columns: [
      { heading: words.say('overview.outcome'), names: true, cell: ({ what }) => what },
      { heading: words.say('overview.debits'), numeric: true, cell: ({ debits }) => words.number(debits) },
      {
        heading: words.say('overview.share'),
        numeric: true,
        cell: ({ debits }) => words.percent(share(debits, ended)),
      },
      { heading: words.say('overview.amount'), numeric: true, cell: ({ amount }) => amountText(words, amount) },
    ],
  });
}

/** Today by hour: how many were settled, how many rejected. */
export function hourChart(words: Words, { today, hours }: DebitFigures): Html {
  const start = startOfAlgiersDay(today).getTime();
  const count = (hour: number, event: FigureEvent): number =>
    hours.find((one) => one.event === event && one.hour.getTime() === start + hour * 3_600_000)?.debits ?? 0;
  const points: ChartPoint[] = Array.from({ length: 24 }, (_, hour) => ({
    tick: String(hour),
    name: words.say('overview.hour', { from: twoDigits(hour), to: twoDigits((hour + 1) % 24) }),
    values: (['SETTLED', 'REJECTED'] as const).map((event) => {
      const drawn = count(hour, event);
      return { drawn, shown: words.number(drawn) };
    }),
  }));
  const busiest = highest(points);
  return chart(words, {
    id: 'hours',
    title: words.say('overview.by-hour'),
    summary:
      busiest === undefined
        ? words.say('overview.nothing-today')
        : words.say('overview.busiest-hour', { hour: busiest.name, debits: words.number(heightOf(busiest)) }),
    pointHeading: words.say('common.hour'),
    series: [
      { name: words.say('overview.settled'), tone: 'good' },
      { name: words.say('overview.rejected'), tone: 'bad' },
    ],
    points,
  });
}

/** What was settled on each of the last days. */
export function dayChart(words: Words, { today, days }: DebitFigures): Html {
  const settledOn = (day: Day) => days.find((one) => one.day === day && one.event === 'SETTLED')?.amount ?? noCentimes;
  const shown = Array.from({ length: figureDays }, (_, index) => addDays(today, index + 1 - figureDays));
  const points: ChartPoint[] = shown.map((day) => ({
    tick: words.dayAndMonth(day),
    name: words.day(day),
    // Only drawn, and so a number in dinars will do.
    values: [{ drawn: Number(settledOn(day)) / 100, shown: words.amount(settledOn(day)) }],
  }));
  const busiest = highest(points);
  const total = words.amount(sumOf(shown.map(settledOn)));
  return chart(words, {
    id: 'days',
    title: words.say('overview.by-day', { days: figureDays }),
    summary:
      busiest === undefined
        ? words.say('overview.nothing-settled', { days: figureDays })
        : words.say('overview.busiest-day', { total, day: busiest.name, amount: busiest.values[0]?.shown ?? '' }),
    pointHeading: words.say('common.day'),
    series: [{ name: words.say('overview.settled-amount'), tone: 'plain' }],
    points,
  });
}

const heightOf = ({ values }: ChartPoint): number => values.reduce((sum, { drawn }) => sum + drawn, 0);

/** The point that stands out; none where nothing is drawn. */
function highest(points: readonly ChartPoint[]): ChartPoint | undefined {
  const [first] = points.toSorted((one, other) => heightOf(other) - heightOf(one));
  return first === undefined || heightOf(first) === 0 ? undefined : first;
}

const twoDigits = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** Up to when the figures are whole. Seconds behind is how it should be; more is said as a warning. */
export const asOfLine = (words: Words, asOf: Date): Html =>
  html`${words.say('overview.as-of', { time: words.time(asOf) })}`;

/** One line of the figures as a file; `reason` only where today's rejections are parted by it. */
export type FigureLine = Figure & { day: Day; what: string; reason: string };

const eventWords = {
  RECEIVED: 'overview.received',
  SETTLED: 'overview.settled',
  REJECTED: 'overview.rejected',
  CANCELLED: 'overview.cancelled',
  REVERSED: 'overview.reversed',
} as const;

export const figureColumns = (words: Words): CsvColumn<FigureLine>[] => [
  { title: words.say('common.day'), kind: 'TEXT', of: ({ day }) => day },
  { title: words.say('overview.outcome'), kind: 'TEXT', of: ({ what }) => what },
  { title: words.say('debits.reason'), kind: 'CODE', of: ({ reason }) => reason },
  { title: words.say('overview.debits'), kind: 'TEXT', of: ({ debits }) => String(debits) },
  { title: words.say('overview.amount'), kind: 'AMOUNT', of: ({ amount }) => amount },
];

export const figureLines = (words: Words, { today, days, reasons }: DebitFigures): FigureLine[] => [
  ...days.map(({ event, ...figure }) => ({ ...figure, what: words.say(eventWords[event]), reason: '' })),
  ...reasons.map(({ debits, amount, reason }) => ({
    ...{ debits, amount, day: today, reason },
    what: words.say('overview.rejected'),
  })),
];
