import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { developmentCertificates, originOf, readConfig } from '../config.ts';
import { readPrivateKey } from '../signing/private-key.ts';
import { signRequest } from '../signing/sign-request.ts';
import { parseCreditorCode } from '../values/ids.ts';

const usage = `npm run -s sign-request -- --target PATH [options]

Prints the value of the header Request-Signature for one request, good for five minutes.

  --target PATH      the path as it will be sent: /v1/debits/E2E-1
  --method METHOD    PUT without it
  --body FILE        the body, byte for byte as it will be sent; - reads standard input; {} without it
  --client NAME      whose key signs, of the development certificates: cnas without it
  --creditor CODE    the creditor's code: the client's name in capitals without it
  --key FILE         a signing key (PEM, PKCS#8, EC P-256) instead of the client's
  --audience URL     the bank's issuer URL (setting GATEWAY_ISSUER)
  --origin URL       the API's public origin (setting GATEWAY_API_ORIGIN): https://localhost:8443 without it

  TOKEN=$(npm run -s sign-request -- --target /v1/debits/E2E-1 --body body.json)
  curl --cacert certs-dev/out/ca.pem --cert certs-dev/out/cnas.pem --key certs-dev/out/cnas-key.pem \\
       -X PUT -H "Request-Signature: $TOKEN" -H 'Content-Type: application/json' --data-binary @body.json \\
       https://localhost:8443/v1/debits/E2E-1`;

const options = {
  help: { type: 'boolean', short: 'h' },
  target: { type: 'string' },
  method: { type: 'string', default: 'PUT' },
  body: { type: 'string' },
  client: { type: 'string', default: 'cnas' },
  creditor: { type: 'string' },
  key: { type: 'string' },
  audience: { type: 'string' },
  origin: { type: 'string' },
} as const;

/** Answers what to print. Throws one line that says what is wrong with the command line. */
export async function requestSignatureFor(
  words: readonly string[],
  { environment, now }: { environment: NodeJS.ProcessEnv; now: Date },
): Promise<string> {
  const { values } = parseArgs({ args: [...words], options });
  if (values.help === true) return usage;
  const { target, method, client } = values;
  if (target === undefined) throw new Error('--target is missing: the path as it will be sent (see --help)');
  if (!/^\/[!-~]*$/.test(target) || target.includes('?'))
    throw new Error('--target is a path, /v1/debits/E2E-1: no origin, no query, no blanks');
  if (!/^[A-Z]+$/.test(method)) throw new Error('--method is in capitals: PUT, POST');
  if (!/^[a-z0-9-]+$/.test(client)) throw new Error('--client is a name of the development certificates: cnas');
  const creditorCode = parseCreditorCode(values.creditor ?? client.toUpperCase());
  if (creditorCode === undefined) throw new Error("--creditor is a creditor's code: CNAS");
  const config = readConfig(environment);
  // npm runs in the checkout's root, whatever folder it was called from.
  const fileFrom = (name: string) => path.resolve(environment.INIT_CWD ?? '', name);
  const file = fileFrom(values.key ?? path.join(developmentCertificates, `${client}-signing-key.pem`));
  const pem = await readFile(file, 'utf8').catch(() => unreadable(file, '`npm run certs` makes the development keys'));
  const key = readPrivateKey(pem);
  if (key.outcome === 'REFUSED') throw new Error(`${file}: ${key.detail}`);
  return signRequest({
    key,
    creditorCode,
    issuer: values.audience ?? config.issuer,
    publicOrigin: values.origin ?? originOf(config.apiOrigin, config.apiPort),
    method,
    target,
    body: await bodyFrom(values.body, fileFrom),
    now,
  });
}

async function bodyFrom(name: string | undefined, fileFrom: (name: string) => string): Promise<Uint8Array> {
  if (name === undefined) return Buffer.from('{}');
  if (name === '-') return Buffer.concat(await Array.fromAsync(process.stdin));
  return readFile(fileFrom(name)).catch(() => unreadable(name, 'see --body in --help'));
}

function unreadable(file: string, advice: string): never {
  throw new Error(`${file} can not be read: ${advice}`);
}

if (import.meta.main) {
  await requestSignatureFor(process.argv.slice(2), { environment: process.env, now: new Date() }).then(
    console.log,
    (fault: unknown) => {
      console.error(fault instanceof Error ? fault.message : fault);
      process.exitCode = 1;
    },
  );
}
