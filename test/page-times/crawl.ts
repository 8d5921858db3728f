import https from 'node:https';
import type { Visitor } from '../back-office.ts';

/** One page as it was measured: its address with ids taken out, and its times in milliseconds, the fastest first. */
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

const examplesOfOne = 2;
const times = 7;

/**
 * Goes from page to page by their links, as one person may, and asks each kind of page several times over one kept
 * connection. What it finds are pages; files (PDF, CSV) are left to be asked for by themselves.
 */
export async function crawl(visitor: Visitor, origin: string, authority: string): Promise<PageTime[]> {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: authority });
  const cookie = [...visitor.browser.cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; ');
  const seen = new Map<string, number>();
  const asked = new Set<string>();
  const found: PageTime[] = [];
  const waiting = [new URL('/', origin)];
  try {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      const page = patternOf(url);
      const count = seen.get(page) ?? 0;
      if (count === examplesOfOne || asked.has(url.href)) continue;
      asked.add(url.href);
      seen.set(page, count + 1);
      const milliseconds: number[] = [];
      let last: Answer | undefined;
      for (let time = 0; time < times; time += 1) {
        last = await ask(agent, url, cookie);
        milliseconds.push(last.milliseconds);
        if (!last.type.startsWith('text/html')) break;
      }
      if (last === undefined || !last.type.startsWith('text/html')) continue;
      milliseconds.sort((one, other) => one - other);
      found.push({
        page,
        example: `${url.pathname}${url.search}`,
        status: last.status,
        bytes: last.body.length,
        milliseconds,
      });
      waiting.push(...linksOf(last.body, url));
    }
    return found;
  } finally {
    agent.destroy();
  }
}

type Answer = { status: number; type: string; body: string; milliseconds: number };

function ask(agent: https.Agent, url: URL, cookie: string): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const request = https.request(url, { agent, headers: { cookie } }, (answer) => {
      const type = answer.headers['content-type'] ?? '';
      // A file may be the whole journal: it is a page's time that is measured.
      if (!type.startsWith('text/html')) {
        answer.destroy();
        return resolve({ status: answer.statusCode ?? 0, type, body: '', milliseconds: performance.now() - began });
      }
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          type,
          body: Buffer.concat(chunks).toString(),
          milliseconds: performance.now() - began,
        }),
      );
    });
    request.once('error', reject);
    request.end();
  });
}

/** Where a page's links lead, on this door; `&amp;` is the only entity that an address of ours has. */
const linksOf = (body: string, from: URL): URL[] =>
  [...body.matchAll(/<a [^>]*href="([^"#]+)/g)]
    .map(([, href = '']) => new URL(href.replaceAll('&amp;', '&'), from))
    .filter((url) => url.origin === from.origin && !/\.(csv|pdf|svg|png)$/.test(url.pathname));
