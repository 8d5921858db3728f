import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { ensureDevelopmentCertificates } from '../../certs-dev/development-certificates.ts';
import { registerDevelopmentClients } from '../../src/clients/development.ts';
import { developmentCertificates } from '../../src/config.ts';
import { makeDevelopmentKeys } from '../../src/signing/keys.ts';
import { statementWork } from '../../src/statements/close.ts';
import type { ListMediaType } from '../../src/statements/reconciliation.ts';
import { must } from '../bank.ts';
import { issuer } from '../kill/kill-bank.ts';
import { startGateway } from '../kill/process.ts';
import { openVolumeDay, runDue, type Timed, volumeWorkParts } from '../volume-day.ts';
import { type ListCreditor, openListCreditor, watchGateway } from './creditor.ts';
import { type ListFigures, makeList } from './list.ts';

/**
 * `npm run reconciliation-volume -- --lines 1000000 [--json FILE]`: one day of so many settled debits, and a list of as
 * many lines in each form, sent to a gateway in a process of its own: taken in, matched, its lines read. How long each
 * takes, the most memory that the gateway held, and the longest that a small call beside it waited. Fails where a figure
 * or a line is not as it must be.
 */
const { values } = parseArgs({ options: { lines: { type: 'string', default: '1000000' }, json: { type: 'string' } } });
const lines = Number(values.lines);
if (!Number.isInteger(lines) || lines < 200 || lines > 1_000_000) throw new Error('--lines is 200 to 1000000');

const seconds = (began: number): number => Math.round((performance.now() - began) / 100) / 10;
const timed: Timed = async (what, act) => {
  const began = performance.now();
  const result = await act();
  console.log(`${what.padEnd(28)} ${String(seconds(began)).padStart(7)} s`);
  return result;
};

await using volume = await openVolumeDay(lines, timed);
await timed('statement closed', () => runDue(statementWork(volumeWorkParts(volume))));
await using open = new AsyncDisposableStack();
const own = open.adopt(await mkdtemp(path.join(os.tmpdir(), 'gateway-lists-')), (made) =>
  rm(made, { recursive: true, force: true }),
);
const keyFolder = path.join(own, 'keys');
await makeDevelopmentKeys(keyFolder, new Date());
await ensureDevelopmentCertificates(developmentCertificates);
await registerDevelopmentClients(volume.owner, developmentCertificates, { issuer, now: new Date() });
const gateway = open.use(
  startGateway({
    logFile: path.join(own, 'gateway.log'),
    environment: {
      GATEWAY_ENVIRONMENT: 'test',
      GATEWAY_ISSUER: issuer,
      GATEWAY_API_HOST: '127.0.0.1',
      GATEWAY_API_PORT: '0',
      GATEWAY_PUBLIC_HOST: '127.0.0.1',
      GATEWAY_PUBLIC_PORT: '0',
      GATEWAY_OPERATIONS_PORT: '0',
      GATEWAY_LOG_LEVEL: 'warn',
      GATEWAY_DATABASE_URL: volume.urls.gateway,
      GATEWAY_LEDGER_DATABASE_URL: volume.urls.ledger,
      GATEWAY_DATA_FOLDER: own,
      GATEWAY_KEY_FOLDER: keyFolder,
    },
  }),
);
const origin = must(await gateway.ready).api;
const creditor = open.use(openListCreditor({ origin, certificates: developmentCertificates, issuer }));
const watch = open.use(watchGateway(gateway.pid, () => creditor.get('/v1/connection')));
const report = { lines, forms: await inEachForm() };
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);

async function inEachForm() {
  const forms = [];
  for (const mediaType of ['application/json', 'text/csv', 'application/x-ndjson'] as const) {
    const form = await measured(mediaType);
    forms.push(form);
    console.log(JSON.stringify(form));
  }
  return forms;
}

async function measured(mediaType: ListMediaType) {
  const { body, figures } = makeList(mediaType, volume.day, lines);
  const target = `/v1/reconciliations/${mediaType.replace(/.*\W/, '')}`;
  watch.take();
  const sent = await creditor.send(target, body, mediaType);
  if (sent.status !== 202) throw new Error(`the list was answered ${sent.status} ${JSON.stringify(sent.json)}`);
  const sending = watch.take();
  const began = performance.now();
  const told = await untilMatched(target);
  const matching = { seconds: seconds(began), ...watch.take() };
  if (!isDeepStrictEqual(countsOf(told.figures), figures)) throw new Error(`figures: ${JSON.stringify(told.figures)}`);
  const again = await creditor.send(target, body, mediaType);
  if (again.status !== 200 || again.json.token !== told.token)
    throw new Error('the same list again has another answer');
  watch.take();
  return {
    ...{ mediaType, mebibytes: Math.round(body.length / 1_048_576) },
    sending: { seconds: rounded(sent.seconds), afterLastByteSeconds: rounded(sent.afterLastByte), ...sending },
    matching,
    reading: await readBack(target, figures),
  };
}

async function untilMatched(target: string) {
  for (;;) {
    const told = await creditor.get(target);
    if (told.state === 'MATCHED') return told;
    await pause(250);
  }
}

/** Every line as JSON lines, and as CSV: as many of each outcome as the figures say, and what settled with its references. */
async function readBack(target: string, figures: ListFigures) {
  const began = performance.now();
  const counts: Record<string, number> = {};
  await eachLine(creditor, `${target}/lines`, 'application/x-ndjson', (text) => {
    const { outcome, debitId, jti } = JSON.parse(text);
    const key = String(outcome).toLowerCase();
    counts[key] = (counts[key] ?? 0) + 1;
    const isWhole = outcome === 'MISSING' || (typeof debitId === 'string' && typeof jti === 'string');
    if (!isWhole) throw new Error(`a line without its references: ${text}`);
  });
  if (!isDeepStrictEqual(counts, figures)) throw new Error(`lines: ${JSON.stringify(counts)}`);
  const jsonLines = { seconds: seconds(began), ...watch.take() };
  const begunCsv = performance.now();
  let records = -1;
  await eachLine(creditor, `${target}/lines`, 'text/csv', () => {
    records += 1;
  });
  if (records !== lines + figures.unexpected) throw new Error(`${records} lines as CSV`);
  return { jsonLines, csv: { seconds: seconds(begunCsv), ...watch.take() } };
}

async function eachLine(from: ListCreditor, target: string, accept: string, take: (text: string) => void) {
  const through = new PassThrough();
  const reading = (async () => {
    for await (const text of createInterface({ input: through })) take(text);
  })();
  await from.read(target, accept, (piece) => void through.write(piece));
  through.end();
  await reading;
}

function countsOf(figures: unknown): Record<string, number> {
  const all = Object.entries(figures as Record<string, { count: number }>);
  return Object.fromEntries(
    all.flatMap(([name, { count }]) => (['expected', 'settled', 'reversed'].includes(name) ? [] : [[name, count]])),
  );
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
