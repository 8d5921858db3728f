import { readFile } from 'node:fs/promises';
import request from 'supertest';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { openTestGateway } from './gateway.ts';

type Rule = {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
};
type RuleFile = { groups: { name: string; rules: Rule[] }[] };

const file: RuleFile = parse(await readFile(new URL('../docs/alerts.yml', import.meta.url), 'utf8'));
const rules = file.groups.flatMap((group) => group.rules);

/** Words of PromQL that stand where a metric's name could. */
const words = new Set(['sum', 'max', 'min', 'abs', 'by', 'increase', 'rate', 'time', 'absent', 'histogram_quantile']);

/** The metrics that an expression names: what is no word of the language, no label and no text. */
function metricsIn(expr: string): string[] {
  const bare = expr.replaceAll(/\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)].map(([name]) => name).filter((name) => !words.has(name));
}

test('each alert is whole: a name of its own, an expression, a severity, and what to do', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, expr, for: lasts, labels, annotations } of rules) {
    expect(alert).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(lasts ?? '1m').toMatch(/^\d+[smh]$/);
    expect(annotations.summary.length, alert).toBeGreaterThan(10);
    expect(annotations.description.length, alert).toBeGreaterThan(10);
    for (const [open, close] of ['()', '{}', '[]'])
      expect(expr.split(open ?? '').length, alert).toBe(expr.split(close ?? '').length);
    expect(metricsIn(expr).length, alert).toBeGreaterThan(0);
  }
});

test('each metric that an alert looks at is one that a running gateway tells', async () => {
  await using bank = await openTestGateway();
  const { text } = await request(bank.gateway.operationsOrigin).get('/metrics').expect(200);
  const told = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
  for (const { alert, expr } of rules)
    for (const metric of metricsIn(expr)) expect(told, alert).toContain(metric.replace(/_bucket$/, ''));
});

test('what must be alarmed of is: resolveBy, contradictions, books that differ, quarantine, dead work, sealing, statements, dead receivers', () => {
  const alarmed = new Set(rules.flatMap(({ expr }) => metricsIn(expr)));
  for (const metric of [
    'debits_past_resolve_by',
    'contradictions_open',
    'movements_unaccounted',
    'event_places_ahead_total',
    'books_differences',
    'core_answers_quarantined_total',
    'core_answers_to_other_messages_total',
    'jobs_dead',
    'journal_unsealed_oldest_seconds',
    'journal_unnumbered_oldest_seconds',
    'statements_overdue',
    'webhook_paused',
    'webhook_oldest_waiting_seconds',
    'webhook_events_given_up',
  ])
    expect(alarmed).toContain(metric);
});
