import { expect, test } from 'vitest';
import { account, booked, type LineWish, lineOf, resolution, statusReport } from '../../../test/bus-answers.ts';
import { ribOf } from '../../../test/ledger-bank.ts';
import type { Answering } from '../../../test/misbehaving-bus.ts';
import { inDoubt, instruction, moved, speakTo } from '../../../test/spoken-bus.ts';
import { instructionOf, newReference } from '../contract-bank.ts';
import { keptMessages } from './messages.ts';
import { namespaceOf } from './versions.ts';
import { writeDocument } from './xml.ts';

test('a debit that moved is told with its booking, and both messages are kept byte for byte', async () => {
  let said: Buffer | undefined;
  await using spoken = await speakTo(({ messageId }) => {
    said = statusReport(messageId, [lineOf(instruction)]);
    return said;
  });
  expect(await spoken.port.debit([instruction])).toEqual(moved);
  const [seen] = spoken.bus.seen;
  expect(
    await spoken.rows('select direction, type, outcome, http_status, body from core_messages order by exchanged_at'),
  ).toEqual([
    { direction: 'SENT', type: 'pacs.003.001.08', outcome: null, http_status: null, body: seen?.body },
    { direction: 'RECEIVED', type: 'pacs.002.001.10', outcome: 'ANSWERED', http_status: 200, body: said },
  ]);
  expect(await spoken.rows('select reference, amount, debtor, creditor from core_message_references')).toEqual([
    { reference: instruction.reference, amount: '12500000', debtor: ribOf(1), creditor: ribOf(2) },
  ]);
  expect(spoken.quarantined).toEqual([]);
});

test('a message is kept before it is sent: what can not be kept is not sent', async () => {
  await using spoken = await speakTo(({ messageId }) => statusReport(messageId, [lineOf(instruction)]), {
    messagesIn: () => ({
      keepSent: async () => Promise.reject(new Error('the disk is full')),
      keepReceived: async () => undefined,
      instructionsSent: async () => Promise.reject(new Error('the disk is full')),
    }),
  });
  expect(await spoken.port.debit([instruction])).toEqual(inDoubt);
  expect(await spoken.port.inquire([instruction.reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(spoken.bus.seen).toEqual([]);
  expect(spoken.faults).toHaveLength(2);
});

/** Each way of saying nothing, and how it is kept. */
const silences: readonly [string, Answering, string][] = [
  ['never answers', () => new Promise<undefined>(() => undefined), 'TIMED_OUT'],
  ['resets the connection', (_, __, socket) => void socket.destroy(), 'BROKEN_OFF'],
  ['answers 500', (_, response) => void response.writeHead(500).end(), 'HTTP_STATUS'],
  ['answers 400', (_, response) => void response.writeHead(400).end(), 'HTTP_STATUS'],
  ['leads elsewhere', (_, response) => void response.writeHead(302, { Location: '/' }).end(), 'HTTP_STATUS'],
  [
    'answers half',
    ({ messageId }, response, socket) => {
      const whole = statusReport(messageId, [lineOf(instruction)]);
      response.writeHead(200, { 'Content-Length': whole.byteLength }).write(whole.subarray(0, 200));
      setImmediate(() => socket.destroy());
    },
    'BROKEN_OFF',
  ],
  [
    'is cut off in its XML',
    ({ messageId }) => statusReport(messageId, [lineOf(instruction)]).subarray(0, 400),
    'UNREADABLE',
  ],
  ['answers nothing', () => '', 'UNREADABLE'],
  ['answers in HTML', () => '<html><body>moved</body></html>', 'UNREADABLE'],
  [
    'has a DTD',
    ({ messageId }) =>
      statusReport(messageId, [lineOf(instruction)])
        .toString()
        .replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'),
    'UNREADABLE',
  ],
  [
    'speaks another version',
    ({ messageId }) =>
      statusReport(messageId, [lineOf(instruction)])
        .toString()
        .replaceAll('002.001.10', '002.001.03'),
    'UNREADABLE',
  ],
  [
    'answers too much',
    ({ messageId }) => Buffer.concat([statusReport(messageId, []), Buffer.alloc(200_000, ' ')]),
    'TOO_LARGE',
  ],
];

test.for(silences)('a bus that %s leaves doubt, and no answer', async ([, answer, outcome]) => {
  await using spoken = await speakTo(answer, outcome === 'TIMED_OUT' ? { callSeconds: 1 } : {});
  const { reference } = instruction;
  expect(await spoken.port.debit([instruction])).toEqual(inDoubt);
  expect(await spoken.port.reverse([{ ...instruction, original: newReference() }])).toEqual(inDoubt);
  expect(await spoken.port.inquire([reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(await spoken.port.void([reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'UNREACHABLE' });
  await expect(spoken.port.movements('2026-01-31' as never)).rejects.toThrow('page 1');
  // Once each: nothing is ever sent a second time by itself.
  expect(spoken.bus.seen.filter(({ message }) => message === 'FIToFICstmrDrctDbt')).toHaveLength(1);
  expect(await spoken.rows("select distinct outcome from core_messages where direction = 'RECEIVED'")).toEqual([
    { outcome },
  ]);
  expect(spoken.quarantined).toEqual([]);
});

test.for<[string, LineWish, string]>([
  ['does not know', { status: 'RJCT', reasons: [{ Cd: 'NOOR' }], without: ['OrgnlTxRef'] }, 'UNKNOWN'],
  ['has voided', { status: 'CANC', without: ['OrgnlTxRef'] }, 'VOIDED'],
])(
  'an instruction that the bus says it %s is in doubt: only the answer to a question is one',
  async ([, wish, known]) => {
    await using spoken = await speakTo(({ messageId }) => statusReport(messageId, [lineOf(instruction, wish)]));
    expect(await spoken.port.debit([instruction])).toEqual(inDoubt);
    expect(await spoken.port.reverse([{ ...instruction, original: newReference() }])).toEqual(inDoubt);
    expect(await spoken.port.inquire([instruction.reference])).toEqual([{ outcome: known }]);
    expect(spoken.quarantined).toEqual([]);
  },
);

test("'already given back' refuses a reversal, when it is sent and when it is asked about; of a debit, or of what nothing is known of, it is no answer", async () => {
  const given: LineWish = { status: 'RJCT', reasons: [{ Cd: 'ARDT' }] };
  const reversal = { ...instructionOf(ribOf(1), ribOf(2), '125000.00'), original: instruction.reference };
  const stranger = instructionOf(ribOf(1), ribOf(2), '125000.00');
  let lines = [lineOf(instruction, given)];
  await using spoken = await speakTo(({ messageId }) => statusReport(messageId, lines));
  expect(await spoken.port.debit([instruction])).toEqual(inDoubt);
  lines = [lineOf(reversal, given)];
  expect(await spoken.port.reverse([reversal])).toEqual([{ outcome: 'REFUSED', reason: 'AM05' }]);
  lines = [instruction, reversal, stranger].map((one) => lineOf(one, given));
  const references = [instruction.reference, reversal.reference, stranger.reference];
  expect(await spoken.port.inquire(references)).toEqual([
    { outcome: 'NO_ANSWER' },
    { outcome: 'REFUSED', reason: 'AM05' },
    { outcome: 'NO_ANSWER' },
  ]);
  expect(spoken.quarantined).toEqual([]);
});

test('an answer against its instruction is quarantined: in doubt, told, and kept with what differs', async () => {
  await using spoken = await speakTo(({ messageId }) =>
    statusReport(messageId, [lineOf(instruction, { amount: '1.00' })]),
  );
  expect(await spoken.port.debit([instruction])).toEqual(inDoubt);
  // A question is held against what was sent before.
  expect(await spoken.port.inquire([instruction.reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(spoken.quarantined).toMatchObject([
    { reference: instruction.reference, difference: 'OTHER_AMOUNT', bookingReference: 'B-7', amount: 100n },
    { reference: instruction.reference, difference: 'OTHER_AMOUNT' },
  ]);
  const kept = await spoken.rows(
    "select d.message_id, reference, difference from core_message_differences d join core_messages using (message_id) where direction = 'RECEIVED' order by exchanged_at",
  );
  expect(kept).toEqual(
    spoken.quarantined.map(({ messageId, reference, difference }) => ({
      message_id: messageId,
      reference,
      difference,
    })),
  );
});

test('what contradicts is counted though it can not be kept, is no answer, and is kept as soon as it can be', async () => {
  let isAway = true;
  await using spoken = await speakTo(
    ({ messageId }) => statusReport(messageId, [lineOf(instruction, { amount: '124999.99' })]),
    {
      messagesIn(db, quarantined) {
        const kept = keptMessages(db.gateway, {
          instructionsHeld: async () => new Map(),
          quarantine: async (_, one) => void quarantined.push(one),
        });
        const away = () => Promise.reject(new Error('Connection terminated unexpectedly'));
        return { ...kept, keepReceived: (received) => (isAway ? away() : kept.keepReceived(received)) };
      },
    },
  );
  const { reference } = instruction;
  expect(await spoken.port.debit([instruction])).toEqual(inDoubt);
  expect([spoken.counted, spoken.quarantined]).toEqual([['OTHER_AMOUNT'], []]);
  // The next answer is true, and changes nothing of what the one before has said.
  spoken.bus.answer = ({ messageId }) => statusReport(messageId, [lineOf(instruction)]);
  expect(await spoken.port.inquire([reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  isAway = false;
  await expect
    .poll(() => spoken.quarantined, { timeout: 20_000 })
    .toMatchObject([{ reference, difference: 'OTHER_AMOUNT' }]);
  expect(await spoken.rows('select reference, difference from core_message_differences')).toEqual([
    { reference, difference: 'OTHER_AMOUNT' },
  ]);
});

test('an answer that contradicts is kept with its contradiction, or neither: a process that ends in between leaves none alone', async () => {
  let times = 0;
  await using spoken = await speakTo(
    ({ messageId }) => statusReport(messageId, [lineOf(instruction, { amount: '1.00' })]),
    {
      messagesIn: (db) =>
        keptMessages(db.gateway, {
          instructionsHeld: async () => new Map(),
          async quarantine() {
            times += 1;
            if (times === 1) throw new Error('Connection terminated unexpectedly');
          },
        }),
    },
  );
  const kept = () => spoken.rows("select outcome from core_messages where direction = 'RECEIVED'");
  expect(await spoken.port.debit([instruction])).toEqual(inDoubt);
  expect(await kept()).toEqual([]);
  await expect.poll(kept, { timeout: 20_000 }).toEqual([{ outcome: 'ANSWERED' }]);
  expect(times).toBe(2);
  expect(await spoken.rows('select difference from core_message_differences')).toEqual([
    { difference: 'OTHER_AMOUNT' },
  ]);
});

test('one reference stands in one message once: the same again is one line, other content goes into a later one', async () => {
  await using spoken = await speakTo(({ messageId }) => statusReport(messageId, [lineOf(instruction)]));
  const other = { ...instruction, debtor: ribOf(3) };
  const answers = await spoken.port.debit([instruction, instruction, other]);
  expect(answers).toEqual([...moved, ...moved, ...inDoubt]);
  expect(spoken.bus.seen.map(({ root }) => root?.children[0]?.children.length)).toEqual([2, 2]);
  expect(spoken.quarantined.map(({ difference }) => difference)).toEqual(['OTHER_ACCOUNT']);
});

test('what was not voided is asked about, and that is the answer', async () => {
  const [gone, unknown] = [newReference(), newReference()];
  await using spoken = await speakTo(({ messageId, message }) =>
    message === 'FIToFIPmtCxlReq'
      ? resolution(messageId, [
          { reference: gone, status: 'ACCR' },
          { reference: instruction.reference, status: 'RJCR' },
          { reference: unknown, status: 'RJCR' },
        ])
      : statusReport(messageId, [
          lineOf(instruction),
          lineOf(
            { ...instruction, reference: unknown },
            { status: 'RJCT', reasons: [{ Cd: 'NOOR' }], without: ['OrgnlTxRef'] },
          ),
        ]),
  );
  expect(await spoken.port.void([instruction.reference, gone, unknown])).toEqual([
    ...moved,
    { outcome: 'VOIDED' },
    { outcome: 'NO_ANSWER' },
  ]);
  expect(spoken.bus.seen.map(({ message }) => message)).toEqual(['FIToFIPmtCxlReq', 'FIToFIPmtStsReq']);
});

test('connections are kept, and one on which the bus says more than it was asked is not used again', async () => {
  await using spoken = await speakTo(({ messageId }) => statusReport(messageId, [lineOf(instruction)]));
  for (let time = 0; time < 5; time += 1) expect(await spoken.port.debit([instruction])).toEqual(moved);
  expect(spoken.bus.connections()).toBe(1);
  let given = Promise.withResolvers<void>();
  spoken.bus.answer = ({ messageId }, response, socket) => {
    const body = statusReport(messageId, [lineOf(instruction)]);
    socket.once('close', given.resolve);
    response.writeHead(200, { 'Content-Length': body.byteLength }).end(body, () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.byteLength}\r\n\r\n`);
      socket.write(body);
    });
  };
  for (let time = 0; time < 3; time += 1) {
    given = Promise.withResolvers();
    expect(await spoken.port.debit([instruction])).toEqual(moved);
    await given.promise;
  }
  expect(spoken.bus.connections()).toBe(3);
  expect(spoken.quarantined).toEqual([]);
});

test('an answer to another message is silence for all that were asked: no contradiction, told once, and its connection is given up', async () => {
  const second = instructionOf(ribOf(3), ribOf(2), '1.00', booked.executedAt);
  await using spoken = await speakTo(() => statusReport('f'.repeat(32), [lineOf(instruction), lineOf(second)]));
  expect(await spoken.port.debit([instruction, second])).toEqual([...inDoubt, ...inDoubt]);
  expect(await spoken.port.inquire([instruction.reference])).toEqual([{ outcome: 'NO_ANSWER' }]);
  expect(spoken.quarantined).toEqual([]);
  expect(spoken.otherMessages).toEqual(['pacs.002', 'pacs.002']);
  expect(spoken.bus.connections()).toBe(2);
  expect(
    await spoken.rows("select outcome, body is not null as kept from core_messages where direction = 'RECEIVED'"),
  ).toEqual([
    { outcome: 'UNREADABLE', kept: true },
    { outcome: 'UNREADABLE', kept: true },
  ]);
});

test('a bus that fails again and again is left alone: a debit is then in doubt at once, never sent later and never twice', async () => {
  await using spoken = await speakTo((_, response) => void response.writeHead(503).end(), {
    guard: { failures: 3, pauseSeconds: 3 },
  });
  const debits = Array.from({ length: 6 }, (_, at) =>
    instructionOf(ribOf(at + 1), ribOf(20), '1.00', booked.executedAt),
  );
  for (const debit of debits) expect(await spoken.port.debit([debit])).toEqual(inDoubt);
  expect(spoken.bus.seen).toHaveLength(3);
  expect(
    await spoken.rows(
      "select outcome, count(*)::int from core_messages where direction = 'RECEIVED' group by 1 order by 1",
    ),
  ).toEqual([
    { outcome: 'HTTP_STATUS', count: 3 },
    { outcome: 'NOT_SENT', count: 3 },
  ]);
  spoken.bus.answer = ({ messageId }) => statusReport(messageId, [lineOf(instruction)]);
  // Until the pause is over none of these is sent.
  await expect.poll(() => spoken.port.debit([instruction])).toEqual(moved);
  expect(await spoken.port.debit([instruction])).toEqual(moved);
  expect(spoken.bus.seen).toHaveLength(5);
});

test('what is over the bound is not sent', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const answer: Answering = async ({ messageId }) => {
    await held;
    return statusReport(messageId, [lineOf(instruction)]);
  };
  await using spoken = await speakTo(answer, { guard: { underWay: 1 } });
  const { promise: threeInDoubt, resolve: count } = Promise.withResolvers<void>();
  let refused = 0;
  const answers = Array.from({ length: 12 }, async () => {
    const answered = await spoken.port.debit([instruction]);
    if (answered[0]?.outcome === 'IN_DOUBT') refused += 1;
    if (refused === 3) count();
    return answered;
  });
  // One is under way and eight wait; three are told at once.
  await threeInDoubt;
  release();
  const ended = (await Promise.all(answers)).flat();
  expect(ended.filter(({ outcome }) => outcome === 'MOVED')).toHaveLength(9);
  expect(spoken.bus.seen).toHaveLength(9);
});

test('an account is what its answer says, and another account’s answer is none', async () => {
  let report: object = { Vrfctn: 'true' };
  let answers = account(ribOf(1));
  let updated: object = { UpdtdPtyAndAcctId: { Pty: { Nm: 'SARL Exemple' } } };
  await using spoken = await speakTo(({ messageId }) => {
    const agent = { Agt: { FinInstnId: { ClrSysMmbId: { MmbId: '005' } } } };
    return writeDocument(namespaceOf('acmt.024.001.03'), {
      IdVrfctnRpt: {
        Assgnmt: { MsgId: 'B', CreDtTm: '2026-01-31T10:15:00.180Z', Assgnr: agent, Assgne: agent },
        OrgnlAssgnmt: { MsgId: messageId, CreDtTm: '2026-01-31T10:15:00.180Z' },
        Rpt: {
          OrgnlId: messageId,
          ...report,
          OrgnlPtyAndAcctId: { Acct: answers },
          ...updated,
        },
      },
    });
  });
  const holder = 'SARL Exemple';
  expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'FOUND', status: 'OPEN', holder });
  report = { Vrfctn: 'false', Rsn: { Cd: 'AC06' } };
  expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'FOUND', status: 'BLOCKED', holder });
  report = { Vrfctn: 'false', Rsn: { Cd: 'AC04' } };
  expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'FOUND', status: 'CLOSED', holder });
  report = { Vrfctn: 'false', Rsn: { Cd: 'AC01' } };
  expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'UNKNOWN' });
  report = { Vrfctn: 'false', Rsn: { Cd: 'XX01' } };
  expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'UNREACHABLE' });
  for (const other of [{ OrgnlId: 'f'.repeat(32), Vrfctn: 'true' }, { Vrfctn: 'true', Rsn: { Cd: 'AC06' } }, {}]) {
    report = other;
    expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'UNREACHABLE' });
  }
  for (const known of [{ Vrfctn: 'true' }, { Vrfctn: 'false', Rsn: { Cd: 'AC06' } }]) {
    [report, updated] = [known, {}];
    expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'UNREACHABLE' });
  }
  report = { Vrfctn: 'true' };
  updated = { UpdtdPtyAndAcctId: { Pty: { Nm: 'SARL Exemple' } } };
  answers = account(ribOf(2));
  expect(await spoken.port.lookUpAccount(ribOf(1))).toEqual({ outcome: 'UNREACHABLE' });
});
