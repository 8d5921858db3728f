import { type Request, type RequestHandler, type Response, Router } from 'express';
import type pg from 'pg';
import type { Clock } from '../database/clock.ts';
import { checkCsrf, checkOrigin, csrfTokenOf } from './csrf.ts';
import { PageFault } from './fault.ts';
import { readForm } from './form.ts';
import { type Frame, pageBefore } from './frame.ts';
import { languageOf } from './language.ts';
import type { BackOfficePage, Visit } from './page.ts';
import { sendAnswer } from './send-answer.ts';
import { secondsSince, staffOf } from './session.ts';
import { localPath } from './sign-in/return-to.ts';
import { hasRole } from './staff.ts';
import { asTableFile } from './table-file.ts';
import { wordsOf } from './words/load.ts';

export type RoutingParts = {
  db: pg.Pool;
  clock: Clock;
  pages: readonly BackOfficePage[];
  origin: () => string;
  frame: Frame;
  freshSeconds: number;
  requestIdOf: (response: Response) => string;
  /** Told which page a request is for, before it runs. */
  onPage: (response: Response, page: BackOfficePage) => void;
};

/** The checks of every page, in the order of their price, and then the page itself. */
export function pageRoutes(parts: RoutingParts): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const paths = Map.groupBy(parts.pages, ({ path }) => path);
  for (const path of [...paths.keys()].sort(byExactness)) router.all(path, answerer(paths.get(path) ?? [], parts));
  // Whoever is not signed in is not told what there is.
  router.use((request, response) => {
    if (staffOf(request) === undefined) return askToSignIn(request, response, parts, undefined);
    throw new PageFault('not-found');
  });
  return router;
}

/** A fixed part goes before a parameter: `/mandates/new` is not a mandate. */
function byExactness(one: string, other: string): number {
  const rank = (path: string) => path.replaceAll(/:[^/]+/g, '\u{10ffff}');
  return rank(one) < rank(other) ? -1 : 1;
}

function answerer(pages: readonly BackOfficePage[], parts: RoutingParts): RequestHandler {
  const by = {
    GET: pages.filter(({ method }) => method === 'GET'),
    POST: pages.filter(({ method }) => method === 'POST'),
  };
  const [get] = by.GET;
  const [post] = by.POST;
  if (by.GET.length > 1 || by.POST.length > 1) throw new Error(`two pages of one address: ${pages[0]?.path}`);
  return async (request, response) => {
    const sends = request.method === 'POST';
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (sends) checkOrigin(request, parts.origin());
    const staff = staffOf(request);
    if (staff === undefined) return askToSignIn(request, response, parts, get);
    const page = sends ? post : reads ? get : undefined;
    if (page === undefined) {
      const allowed = [get && 'GET, HEAD', post && 'POST'].filter((one) => one !== undefined).join(', ');
      throw new PageFault('method-not-allowed', { headers: { Allow: allowed } });
    }
    parts.onPage(response, page);
    if (!hasRole(staff, page.roles)) throw new PageFault('forbidden');
    const now = parts.clock.now();
    if (page.fresh && secondsSince(staff.signedInAt, now) > parts.freshSeconds)
      return signInAgain(request, response, parts, get);
    const form = sends ? await readForm(request, response, page) : undefined;
    if (form !== undefined) checkCsrf(request, form.fields);
    const visit: Visit = {
      staff,
      words: wordsOf(languageOf(request)),
      params: paramsOf(request),
      query: new URL(request.originalUrl, parts.origin()).searchParams,
      form: form?.fields ?? new URLSearchParams(),
      uploads: form?.uploads ?? new Map(),
      csrf: csrfTokenOf(request),
      from: request.socket.remoteAddress ?? '',
      requestId: parts.requestIdOf(response),
      now,
    };
    const answer = await page.run(visit);
    await sendAnswer(parts, page, visit, sends ? answer : await asTableFile(visit, answer), { request, response });
  };
}

const paramsOf = ({ params }: Request): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value].flat().join('/')]));

/** Back to where the person wanted to be. A form is not sent again by itself: the page says so. */
function askToSignIn(request: Request, response: Response, parts: RoutingParts, get: BackOfficePage | undefined): void {
  response.redirect(303, signInAddress(request, parts, get, {}));
}

function signInAgain(request: Request, response: Response, parts: RoutingParts, get: BackOfficePage | undefined): void {
  response.redirect(303, signInAddress(request, parts, get, { fresh: '1' }));
}

function signInAddress(
  request: Request,
  parts: RoutingParts,
  get: BackOfficePage | undefined,
  more: Record<string, string>,
): string {
  if (request.method !== 'POST')
    return `/sign-in?${new URLSearchParams({ ...more, to: localPath(request.originalUrl) })}`;
  const to = get === undefined ? pageBefore(request, parts.origin()) : localPath(request.originalUrl);
  return `/sign-in?${new URLSearchParams({ ...more, sent: '1', to })}`;
}
