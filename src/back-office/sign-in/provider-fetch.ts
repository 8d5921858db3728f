import https from 'node:https';

/** The identity provider can't be reached, or answers that it can't answer. */
export class ProviderAway extends Error {}

type Asked = {
  method?: string | undefined;
  headers?: ConstructorParameters<typeof Headers>[0];
  body?: unknown;
  signal?: AbortSignal | null | undefined;
};

export type ProviderFetch = (url: string | URL, asked: Asked) => Promise<Response>;

const mostBytes = 1_048_576;

/**
 * Asks over TLS 1.2 or 1.3, trusting only these authorities where they are given: Node's own `fetch` takes none.
 * Follows no redirection. Throws ProviderAway where there is no answer, or a 5xx.
 */
export function openProviderFetch({ authorities }: { authorities?: string }): ProviderFetch {
  return (url, { method = 'GET', headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const away = (cause: unknown) => reject(new ProviderAway('the identity provider does not answer', { cause }));
      const request = https.request(
        url,
        {
          method,
          headers: Object.fromEntries(new Headers(headers)),
          minVersion: 'TLSv1.2',
          agent: false,
          ...(authorities === undefined ? {} : { ca: authorities }),
          ...(signal ? { signal } : {}),
        },
        (answer) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > mostBytes) request.destroy(new Error('the answer is too long'));
            else chunks.push(chunk);
          });
          answer.once('error', away);
          answer.once('end', () => {
            const status = answer.statusCode ?? 500;
            if (status >= 500) return away(undefined);
            const content = status === 204 || status === 304 ? null : Buffer.concat(chunks);
            resolve(new Response(content, { status, headers: headersOf(answer.headersDistinct) }));
          });
        },
      );
      request.once('error', away);
      request.end(typeof body === 'string' || body instanceof Uint8Array ? body : bodyText(body));
    });
}

const bodyText = (body: unknown): string => (body instanceof URLSearchParams ? body.toString() : '');

function headersOf(distinct: NodeJS.Dict<string[]>): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(distinct)) for (const value of values) headers.append(name, value);
  return headers;
}
