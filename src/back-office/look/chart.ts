import { scaleBand, scaleLinear } from 'd3-scale';
import { html } from 'hono/html';
import type { Html } from '../page.ts';
import type { Words } from '../words/words.ts';
import { details } from './blocks.ts';
import { table } from './table.ts';

export type ChartSeries = { name: string; tone: 'good' | 'bad' | 'plain' };

/** `drawn` is the height, `shown` the exact figure in the reader's form. */
export type ChartValue = { drawn: number; shown: string };

/** `tick` stands under the axis where there is room, `name` in the table of figures. A value a series. */
export type ChartPoint = { tick: string; name: string; values: readonly ChartValue[] };

export type Chart = {
  /** Unique on its page. */
  id: string;
  title: string;
  /** What the chart says, for whoever doesn't see it: the total, the highest. */
  summary: string;
  /** What the points are, for the table's first column: "Hour". */
  pointHeading: string;
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
};

const size = { width: 720, height: 240 };
const margin = { top: 12, bottom: 28, axis: 56, other: 12 };
/** "300 مليون" is longer than "300 M". */
const axisOfArabic = 72;

/**
 * Bars by hour or day, the series stacked: our own SVG, coloured by classes alone. Read from the right in Arabic, with
 * the axis at the right. The same figures stand in a table below it.
 */
export function chart(words: Words, given: Chart): Html {
  const { id, title, summary, series, points } = given;
  return html`<figure class="chart">
<figcaption id="${id}-title">${title}${series.length > 1 ? legend(series) : ''}</figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-summary" class="chart-drawing" direction="${words.direction}" focusable="false">
<title>${title}</title><desc>${summary}</desc>
${drawing(words, series, points)}
</svg>
<p class="chart-summary" id="${id}-summary">${summary}</p>
${details(words.say('common.figures'), figures(given))}
</figure>`;
}

function drawing(words: Words, series: readonly ChartSeries[], points: readonly ChartPoint[]): Html {
  const rtl = words.direction === 'rtl';
  const left = rtl ? margin.other : margin.axis;
  const right = size.width - (rtl ? axisOfArabic : margin.other);
  const bottom = size.height - margin.bottom;
  const x = scaleBand<number>()
    .domain(points.map((_, index) => index))
    .range(rtl ? [right, left] : [left, right])
    .paddingInner(0.28)
    .paddingOuter(0.14);
  const highest = Math.max(0, ...points.map(({ values }) => values.reduce((sum, { drawn }) => sum + drawn, 0)));
  const y = scaleLinear()
    .domain([0, highest === 0 ? 1 : highest])
    .nice(4)
    .range([bottom, margin.top]);
  // Counts and dinars: half of one is no figure to write on an axis.
  const ticks = y.ticks(4).filter(Number.isInteger);
  const every = Math.ceil(points.length / 12);
  return html`<g class="chart-grid">${ticks.map(
    (tick) => html`<line x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"></line>
<text class="chart-tick" text-anchor="end" x="${rtl ? right + 8 : left - 8}" y="${y(tick) + 4}">${words.compact(tick)}</text>`,
  )}</g>
<g class="chart-bars">${points.map((point, index) => bars({ series, point, x: x(index) ?? 0, width: x.bandwidth(), y }))}</g>
<g class="chart-axis"><line x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"></line>${points.map(
    (point, index) =>
      index % every === 0
        ? html`<text class="chart-tick" text-anchor="middle" x="${round((x(index) ?? 0) + x.bandwidth() / 2)}" y="${bottom + 18}">${point.tick}</text>`
        : '',
  )}</g>`;
}

type Bars = {
  series: readonly ChartSeries[];
  point: ChartPoint;
  x: number;
  width: number;
  y: (value: number) => number;
};

function bars({ series, point, x, width, y }: Bars): Html[] {
  let below = 0;
  return point.values.map(({ drawn, shown }, index) => {
    const from = below;
    below += drawn;
    const of = series[index];
    return html`<rect class="bar-${of?.tone ?? 'plain'}" x="${round(x)}" y="${round(y(below))}" width="${round(width)}" height="${round(y(from) - y(below))}"><title>${point.name} · ${of?.name ?? ''} · ${shown}</title></rect>`;
  });
}

const legend = (series: readonly ChartSeries[]): Html =>
  html` <span class="chart-legend">${series.map(({ name, tone }) => html`<span class="legend-${tone}">${name}</span>`)}</span>`;

const figures = ({ id, title, pointHeading, series, points }: Chart): Html =>
  table({
    csv: id,
    caption: title,
    captionHidden: true,
    columns: [
      { heading: pointHeading, names: true, cell: ({ name }: ChartPoint) => name },
      ...series.map(({ name }, index) => ({
        heading: name,
        numeric: true,
        cell: ({ values }: ChartPoint) => values[index]?.shown ?? '',
      })),
    ],
    rows: points,
    empty: '',
  });

const round = (value: number): number => Math.round(value * 10) / 10;
