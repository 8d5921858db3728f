import type { Request, RequestHandler, Response } from 'express';
import { type Language, languages } from './words/words.ts';

const cookieName = '__Host-language';
const yearMilliseconds = 365 * 86_400_000;

/** The reader's language: the one chosen, else the browser's first that there is, else French. */
export function languageOf(request: Request): Language {
  const chosen = /(?:^|;\s*)__Host-language=([a-z]{2})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
  const accepted = request.acceptsLanguages('fr', 'ar', 'en');
  return parseLanguage(chosen) ?? parseLanguage(accepted) ?? 'fr';
}

/** `?language=ar` on any address: keeps the choice, and goes on to the same address without it. */
export function languageSwitch(): RequestHandler {
  return (request, response, next) => {
    const address = URL.parse(request.originalUrl, 'https://here.invalid');
    const language = parseLanguage(address?.searchParams.get('language'));
    if (request.method !== 'GET' || address === null || language === undefined) return next();
    keepLanguage(response, language);
    address.searchParams.delete('language');
    // Never to another host, however many slashes the path begins with.
    response.redirect(303, `${address.pathname.replace(/^\/+/, '/')}${address.search}`);
  };
}

function keepLanguage(response: Response, language: Language): void {
  response.cookie(cookieName, language, {
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
    maxAge: yearMilliseconds,
  });
}

const parseLanguage = (text: unknown): Language | undefined => languages.find((language) => language === text);
