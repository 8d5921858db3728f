import { csrfSync } from 'csrf-sync';
import type { Request } from 'express';
import { PageFault } from './fault.ts';
import { csrfFieldName } from './look/form.ts';

/** The fields of the form that is being answered: the token comes in one of them. */
const forms = new WeakMap<Request, URLSearchParams>();

const tokens = csrfSync({
  getTokenFromRequest: (request) => forms.get(request)?.get(csrfFieldName) ?? undefined,
  getTokenFromState: (request) => request.session.csrfToken,
  storeTokenInState: (request, token) => {
    request.session.csrfToken = token;
  },
});

/** The session's token: made at the sign-in, the same for each of its forms. */
export const csrfTokenOf = (request: Request): string => tokens.generateToken(request);

/** Throws where the form has not this session's token. */
export function checkCsrf(request: Request, fields: URLSearchParams): void {
  forms.set(request, fields);
  if (!tokens.isRequestValid(request)) throw new PageFault('form-not-ours');
}

/** Throws where the form is not from a page of ours: browsers name the origin with every POST, and nobody else may be named. */
export function checkOrigin({ headers }: Request, origin: string): void {
  if (headers.origin !== origin || (headers['sec-fetch-site'] ?? 'same-origin') !== 'same-origin')
    throw new PageFault('form-not-ours');
}
