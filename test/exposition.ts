/** One sample of Prometheus's text format. */
export type Sample = { name: string; labels: Readonly<Record<string, string>>; value: number };

/**
 * Reads the text format 0.0.4 as strictly as promtool does: HELP and TYPE before the samples of a metric, names and
 * labels by the grammar, no sample twice, each histogram whole and rising. Throws at the first line that is wrong.
 */
export function readExposition(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, keyword, about = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') helped.add(about);
    else if (keyword === 'TYPE') {
      if (types.has(about) || !/^(counter|gauge|histogram|summary)$/.test(rest)) throw new Error(line);
      types.set(about, rest);
    } else {
      const sample = readSample(line);
      const metric = types.has(sample.name) ? sample.name : sample.name.replace(/_(bucket|sum|count)$/, '');
      if (!types.has(metric) || !helped.has(metric)) throw new Error(`no HELP or TYPE before: ${line}`);
      if (types.get(metric) === 'counter' && !metric.endsWith('_total'))
        throw new Error(`a counter without _total: ${line}`);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      samples.push(sample);
    }
  }
  for (const [name, type] of types) if (type === 'histogram') checkHistogram(name, samples);
  return samples;
}

const pair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

function readSample(line: string): Sample {
  const [, name, inside = '', value] =
    /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (Nan|NaN|[+-]Inf|[-+.\deE]+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  for (pair.lastIndex = 0; pair.lastIndex < inside.length; ) {
    const [, label, text] = pair.exec(inside) ?? [];
    if (label === undefined || text === undefined || label in labels) throw new Error(`labels: ${line}`);
    labels[label] = text;
  }
  // Prometheus reads numbers as Go does, which takes Nan as well.
  const read = value.endsWith('Inf') ? Number.POSITIVE_INFINITY : Number(value);
  if (Number.isNaN(read) && value.toLowerCase() !== 'nan') throw new Error(`no number: ${line}`);
  return { name, labels, value: read };
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  for (const count of samples.filter((sample) => sample.name === `${name}_count`)) {
    const own = JSON.stringify(count.labels);
    const buckets = samples.filter(
      ({ name: of, labels: { le: _le, ...labels } }) => of === `${name}_bucket` && JSON.stringify(labels) === own,
    );
    const values = buckets.map(({ value }) => value);
    const last = buckets.at(-1);
    if (values.some((value, position) => value < (values[position - 1] ?? 0))) throw new Error(`${name} falls`);
    if (last?.labels.le !== '+Inf' || last.value !== count.value) throw new Error(`${name} is not whole`);
  }
}
