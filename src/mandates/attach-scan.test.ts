import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { morning, officer, openMandateBank, supervisor } from '../../test/mandates.ts';
import { attachScan, largestScanBytes } from './attach-scan.ts';
import { selectScanContent, selectScans } from './scans.sql.ts';
import { submitMandate } from './submit.ts';

const pdf = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF');
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const by = { by: officer, from: '192.0.2.7' };

test('a scan is kept with its hash, byte for byte, and is part of what is certified', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  const before = (await bank.file(mandateId)).mandate.contentHash;
  const attached = await attachScan(bank.desk, { ...by, by: 'officer-lila', mandateId, content: pdf });
  const digest = createHash('sha256').update(pdf).digest('hex');
  expect(attached).toMatchObject({
    outcome: 'DONE',
    mandate: { scanDigest: digest, makers: [officer, 'officer-lila'], state: 'DRAFT' },
  });
  expect(await selectScanContent(bank.pool, mandateId, digest)).toEqual({ mediaType: 'application/pdf', content: pdf });
  await bank.submit(mandateId);
  expect(await bank.certify(mandateId, { seenHash: before })).toEqual({ outcome: 'OTHER_CONTENT' });
  expect(await bank.certify(mandateId, { by: 'officer-lila' })).toEqual({ outcome: 'SAME_PERSON' });
  expect(await bank.certify(mandateId)).toMatchObject({ outcome: 'DONE' });
  await expect(bank.db.owner.query("update mandates set scan_digest = repeat('0', 64)")).rejects.toThrow(
    'a certified mandate never changes',
  );
  const { rows } = await bank.db.owner.query("select detail from journal where reason = 'scan-attached'");
  expect(rows).toEqual([{ detail: { from: '192.0.2.7', scan: digest } }]);
});

test('a better scan is another row, the last one counts, and the same again changes nothing', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  await attachScan(bank.desk, { ...by, mandateId, content: pdf });
  await attachScan(bank.desk, { ...by, mandateId, content: png });
  await attachScan(bank.desk, { ...by, mandateId, content: png });
  expect((await selectScans(bank.pool, mandateId)).map(({ mediaType }) => mediaType)).toEqual([
    'image/png',
    'application/pdf',
  ]);
  await expect(bank.pool.query('delete from request_scans')).rejects.toThrow('permission denied');
  await expect(bank.pool.query("update request_scans set content = 'x'")).rejects.toThrow('permission denied');
  await expect(bank.db.owner.query("update request_scans set content = 'x'")).rejects.toThrow('check constraint');
});

test.for([
  [Buffer.alloc(0), 'EMPTY'],
  [Buffer.concat([pdf, Buffer.alloc(largestScanBytes)]), 'TOO_LARGE'],
  [Buffer.from('<html><script>alert(1)</script>'), 'WRONG_TYPE'],
  [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), 'WRONG_TYPE'],
  [Buffer.from('GIF89a'.padEnd(64, '\0')), 'WRONG_TYPE'],
  [Buffer.from('MZ'.padEnd(512, '\0')), 'WRONG_TYPE'],
] as const)('what is no PDF, PNG or JPEG by its content is not kept: %#', async ([content, outcome]) => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  expect(await attachScan(bank.desk, { ...by, mandateId, content })).toEqual({ outcome });
  expect(await selectScans(bank.pool, mandateId)).toEqual([]);
});

test('nothing is attached to what was submitted, nor to another agency’s request', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  expect(await attachScan(bank.desk, { ...by, agencies: ['00120'], mandateId, content: pdf })).toEqual({
    outcome: 'NOT_FOUND',
  });
  await bank.submit(mandateId);
  expect(await attachScan(bank.desk, { ...by, mandateId, content: pdf })).toEqual({
    outcome: 'WRONG_STATE',
    state: 'PENDING_CERTIFICATION',
  });
});

test('staff of another agency find nothing to submit or to certify', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  expect(await submitMandate(bank.desk, { ...by, mandateId, agencies: ['00120'] })).toEqual({ outcome: 'NOT_FOUND' });
  await bank.submit(mandateId);
  expect(await bank.certify(mandateId, { agencies: ['00120'] })).toEqual({ outcome: 'NOT_FOUND' });
  expect(await bank.certify(mandateId, { agencies: ['00102'] })).toMatchObject({ outcome: 'DONE' });
});

test('two who certify at once give one approval, one token and one journal row', async () => {
  await using bank = await openMandateBank();
  const mandateId = await bank.enter();
  await bank.submit(mandateId);
  const people = [supervisor, 'supervisor-nadia', 'supervisor-lyes', 'supervisor-samia'];
  const outcomes = await Promise.all(people.map((person) => bank.certify(mandateId, { by: person })));
  expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
    'DONE',
    'WRONG_STATE',
    'WRONG_STATE',
    'WRONG_STATE',
  ]);
  const { rows } = await bank.db.owner.query(
    `select certified_by, (select count(*)::integer from tokens) as tokens,
            (select count(*)::integer from journal where kind = 'mandate.certified') as told from mandates`,
  );
  const winner = people[outcomes.findIndex(({ outcome }) => outcome === 'DONE')];
  expect(rows).toEqual([{ certified_by: winner, tokens: 1, told: 1 }]);
  expect(morning.getTime()).toBe(bank.desk.now().getTime());
});
