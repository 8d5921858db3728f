import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { insertMandate } from './bank.ts';
import { openTestGateway, type TestGateway } from './gateway.ts';
import { describeIf } from './programs.ts';

type Order = { endToEndId: string; body: string; issuer?: string };
type Answer = { status: number; body: Record<string, unknown> };

const examples = fileURLToPath(new URL('../examples', import.meta.url));

/** Each example with the files that it takes, as its first lines say. */
const programs = {
  java: (file: (name: string) => string) => [
    path.join(examples, 'java/SignedDebit.java'),
    ...['ca.pem', 'cnas.p12', 'cnas-signing-key.pem'].map(file),
  ],
  php: (file: (name: string) => string) => [
    path.join(examples, 'php/signed-debit.php'),
    ...['ca.pem', 'cnas.pem', 'cnas-key.pem', 'cnas-signing-key.pem'].map(file),
  ],
};

async function run(program: keyof typeof programs, bank: TestGateway, order: Order): Promise<Answer> {
  const [script = '', ...files] = programs[program]((name) => path.join(bank.certificates, name));
  const { endToEndId, body, issuer = bank.config.issuer } = order;
  const { stdout } = await promisify(execFile)(program, [
    ...[script, bank.gateway.apiOrigin, ...files],
    ...['CNAS', issuer, endToEndId, body],
  ]);
  const [, status, text = ''] = /^(\d{3})\n(.*)\n$/s.exec(stdout) ?? [];
  return { status: Number(status), body: JSON.parse(text) };
}

async function openOrder(bank: TestGateway): Promise<Order> {
  const mandateId = await insertMandate(bank.db, new Date(), {});
  const reference = `DAC-${randomUUID().slice(0, 8)}`;
  return {
    endToEndId: `E2E-${randomUUID().slice(0, 8)}`,
    body: JSON.stringify({
      ...{ mandateId, employerNumber: '0262992312', amount: '125000.00', currency: 'DZD' },
      declaration: { reference, declaredAmount: '125000.00', periodLabel: '2026-01' },
    }),
  };
}

const packages = { java: 'default-jdk-headless', php: 'php-cli php-curl' };

for (const program of ['java', 'php'] as const) {
  describeIf(program, packages[program])(`the example in ${program}`, () => {
    test('debits once, and gets the same confirmation when it asks again', async () => {
      await using bank = await openTestGateway();
      const order = await openOrder(bank);
      const first = await run(program, bank, order);
      expect(first).toMatchObject({ status: 201, body: { state: 'SETTLED' } });
      const again = await run(program, bank, order);
      expect(again.status).toBe(200);
      expect(again.body.confirmation).toBe(first.body.confirmation);
      expect(again.body.confirmation).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(bank.breaches).toEqual([]);
      // Java compiles its program at each start.
    }, 180_000);

    test('is told what is wrong with a signature for another bank', async () => {
      await using bank = await openTestGateway();
      const refused = await run(program, bank, { ...(await openOrder(bank)), issuer: 'https://other.bank.example' });
      expect(refused).toMatchObject({ status: 401, body: { detail: expect.stringContaining('aud') } });
    }, 180_000);
  });
}

describeIf('php', packages.php)('a signature in PHP', () => {
  test('is 64 bytes, also where one of its two numbers is short', async () => {
    // One in 128 has a number of less than 32 bytes: DER leaves leading zeros out.
    const script = `
      $source = file_get_contents($argv[1]);
      eval(substr($source, strpos($source, 'function requestSignature')));
      $key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
      $short = 0;
      for ($count = 0; $count < 3000; $count++) {
          openssl_sign("text $count", $der, $key, OPENSSL_ALGO_SHA256);
          if (strlen($der) < 70) $short++;
          if (strlen(rawSignature($der)) !== 64) exit(1);
      }
      echo $short > 0 ? 'short ones too' : 'none was short';`;
    const { stdout } = await promisify(execFile)('php', ['-r', script, path.join(examples, 'php/signed-debit.php')]);
    expect(stdout).toBe('short ones too');
  });
});
