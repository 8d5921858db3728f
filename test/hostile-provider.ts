import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import path from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { developmentCertificates } from '../src/config.ts';

/** An identity provider that says whatever a test has it say. */
export type HostileProvider = AsyncDisposable & {
  issuer: string;
  /** Signs claims with the key that is in its key set, as it is right; a test changes what it wants. */
  sign: (claims: JWTPayload, header?: { alg?: string; kid?: string }) => Promise<string>;
  /** The same by a key that nobody knows. */
  signAsSomebody: (claims: JWTPayload) => Promise<string>;
  /** What the token endpoint answers from now on. */
  setToken: (answer: { status?: number; body: unknown }) => void;
  /** Added to, or in place of, what it says of itself; undefined takes away. */
  setMetadata: (more: Record<string, unknown>) => void;
  setUserInfo: (answer: object) => void;
  /** The forms that the token endpoint was sent. */
  asked: URLSearchParams[];
};

export async function openHostileProvider(): Promise<HostileProvider> {
  const read = (name: string) => readFile(path.join(developmentCertificates, name), 'utf8');
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const other = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: 'known', alg: 'RS256', use: 'sig' };
  const asked: URLSearchParams[] = [];
  let token: { status?: number; body: unknown } = { status: 400, body: { error: 'invalid_grant' } };
  let userInfo: object = {};
  let more: Record<string, unknown> = {};
  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    userinfo_endpoint: `${issuer}/person`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
    ...more,
  });
  const server = createServer(
    { cert: await read('server.pem'), key: await read('server-key.pem') },
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.once('end', () => {
        const answer = (status: number, body: unknown) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        switch (request.url) {
          case '/.well-known/openid-configuration':
            return answer(200, metadata());
          case '/keys':
            return answer(200, { keys: [key] });
          case '/person':
            return answer(200, userInfo);
          case '/token':
            asked.push(new URLSearchParams(Buffer.concat(chunks).toString()));
            return answer(token.status ?? 200, token.body);
          default:
            return answer(404, {});
        }
      });
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const issuer = `https://localhost:${address.port}`;
  return {
    issuer,
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'known', ...header }).sign(privateKey),
    signAsSomebody: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'known' }).sign(other.privateKey),
    setToken: (answer) => {
      token = answer;
    },
    setMetadata: (added) => {
      more = added;
    },
    setUserInfo: (answer) => {
      userInfo = answer;
    },
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
