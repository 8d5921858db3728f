import https from 'node:https';
import type { Visitor } from '../back-office.ts';
import type { Asked } from './addresses.ts';

/** One page as it was measured: its address with ids taken out, or the form that asked for it; its times in milliseconds, the fastest first. */
export type PageTime = { page: string; example: string; status: number; bytes: number; milliseconds: number[] };

/** An address without what differs from one mandate to the next. */
const patternOf = ({ pathname, searchParams }: URL): string =>
  `${pathname
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, ':id')
    .replaceAll(/[0-9a-f]{64}/g, ':hash')
    .replaceAll(/\/\d+(?=\/|$)/g, '/:number')}${[...searchParams.keys()]
    .sort()
    .map((name, index) => `${index === 0 ? '?' : '&'}${name}`)
    .join('')}`;

export type Crawl = { origin: string; authority: string; addresses: readonly string[]; searches: readonly Asked[] };

const examplesOfOne = 2;
const times = 7;

/**
 * Goes from page to page by their links, as one person may, and asks each kind of page several times over one kept
 * connection; each of `addresses` and `searches` too, whatever kind it is. What it finds are pages; files (PDF, CSV) are
 * left to be asked for by themselves.
 */
export async function crawl(visitor: Visitor, { origin, authority, addresses, searches }: Crawl): Promise<PageTime[]> {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: authority });
  const cookie = [...visitor.browser.cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; ');
  const seen = new Map<string, number>();
  const asked = new Set<string>();
  const found: PageTime[] = [];
  const named = new Set(addresses.map((address) => new URL(address, origin).href));
  /** What was not come to by a link: of another role or agency it is no page of this person's. */
  const wished = (url: URL, form: string | undefined) => form !== undefined || named.has(url.href);
  const waiting = [new URL('/', origin), ...[...named].map((href) => new URL(href))];
  /** Asks several times; undefined where it is no page that this person may see. */
  const measure = async (url: URL, page: string, form?: string): Promise<Answer | undefined> => {
    const milliseconds: number[] = [];
    for (let time = 0; ; ) {
      const answer = await ask(agent, url, cookie, form);
      const isPage = answer.type.startsWith('text/html') && answer.location === undefined;
      const isAnswered = form !== undefined && answer.location !== undefined;
      if ((!isPage && !isAnswered) || (wished(url, form) && answer.status >= 400)) return undefined;
      milliseconds.push(answer.milliseconds);
      time += 1;
      if (time < times) continue;
      milliseconds.sort((one, other) => one - other);
      const example = `${url.pathname}${url.search}`;
      found.push({ page, example, status: answer.status, bytes: answer.body.length, milliseconds });
      return answer;
    }
  };
  try {
    const csrf = await visitor.csrf();
    for (const { path, fields } of searches) {
      const form = new URLSearchParams({ csrf, ...fields }).toString();
      const answer = await measure(new URL(path, origin), `POST ${path} ${Object.keys(fields).join()}`, form);
      if (answer?.location === undefined) continue;
      named.add(new URL(answer.location, origin).href);
      waiting.push(new URL(answer.location, origin));
    }
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      const page = patternOf(url);
      const count = seen.get(page) ?? 0;
      if (asked.has(url.href) || (count >= examplesOfOne && !named.has(url.href))) continue;
      asked.add(url.href);
      seen.set(page, count + 1);
      const answer = await measure(url, page);
      waiting.push(...(answer === undefined ? [] : linksOf(answer.body, url)));
    }
    return found;
  } finally {
    agent.destroy();
  }
}

type Answer = { status: number; type: string; location: string | undefined; body: string; milliseconds: number };

/** A GET, or the form where there is one, as a browser on this door sends it. */
function ask(agent: https.Agent, url: URL, cookie: string, form?: string): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = { 'content-type': 'application/x-www-form-urlencoded', origin: url.origin, referer: url.href };
    const options = {
      agent,
      method: form === undefined ? 'GET' : 'POST',
      headers: { cookie, ...(form !== undefined && sent) },
    };
    const request = https.request(url, options, (answer) => {
      const type = answer.headers['content-type'] ?? '';
      const { location } = answer.headers;
      // A file may be the whole journal: it is a page's time that is measured.
      if (!type.startsWith('text/html') && location === undefined) {
        answer.destroy();
        return resolve({
          status: answer.statusCode ?? 0,
          type,
          location,
          body: '',
          milliseconds: performance.now() - began,
        });
      }
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          type,
          location,
          body: Buffer.concat(chunks).toString(),
          milliseconds: performance.now() - began,
        }),
      );
    });
    request.once('error', reject);
    request.end(form);
  });
}

/** Where a page's links lead, on this door; `&amp;` is the only entity that an address of ours has. */
const linksOf = (body: string, from: URL): URL[] =>
  [...body.matchAll(/<a [^>]*href="([^"#]+)/g)]
    .map(([, href = '']) => new URL(href.replaceAll('&amp;', '&'), from))
    .filter((url) => url.origin === from.origin && !/\.(csv|pdf|svg|png)$/.test(url.pathname));
