import https from 'node:https';

/** One answer, as it came: no redirection is followed. */
export type Seen = {
  status: number;
  headers: Headers;
  body: string;
  bytes: Buffer;
  url: URL;
  location: URL | undefined;
};

export type Asked = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
};

/** A browser's cookies and redirections over real TLS, without the browser. */
export type Browser = {
  ask: (address: string | URL, asked?: Asked) => Promise<Seen>;
  /** The same, and on to wherever it leads, by GET. */
  follow: (address: string | URL, asked?: Asked) => Promise<Seen>;
  cookies: Map<string, { name: string; value: string; path: string }>;
};

export function openBrowser(authority: string): Browser {
  const cookies: Browser['cookies'] = new Map();
  const cookieFor = (url: URL) =>
    [...cookies.values()]
      .filter(({ path }) => url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  const keep = (line: string) => {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(name.length + 1);
    const attribute = (wanted: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const path = attribute('path') ?? '/';
    const expires = attribute('expires');
    const key = `${name} ${path}`;
    if (value === '' || (expires !== undefined && Date.parse(expires) <= Date.now())) cookies.delete(key);
    else cookies.set(key, { name, value, path });
  };
  const ask: Browser['ask'] = (address, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(address);
      const cookie = cookieFor(url);
      const request = https.request(
        url,
        { method, ca: authority, agent: false, headers: { ...(cookie === '' ? {} : { cookie }), ...headers } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('error', reject);
          answer.once('end', () => {
            const bytes = Buffer.concat(chunks);
            for (const line of answer.headers['set-cookie'] ?? []) keep(line);
            const { location } = answer.headers;
            resolve({
              status: answer.statusCode ?? 0,
              headers: new Headers(
                Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
                  values.map((value): [string, string] => [name, value]),
                ),
              ),
              body: bytes.toString(),
              bytes,
              url,
              location: location === undefined ? undefined : new URL(location, url),
            });
          });
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  const follow: Browser['follow'] = async (address, asked) => {
    let seen = await ask(address, asked);
    for (let step = 0; seen.location !== undefined; step += 1) {
      if (step === 10) throw new Error(`led round in a circle: ${seen.url.pathname}`);
      seen = await ask(seen.location);
    }
    return seen;
  };
  return { ask, follow, cookies };
}
