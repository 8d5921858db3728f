import type { Request, Response } from 'express';
import type { Config } from '../config.ts';
import type { Queryable } from '../database/queryable.ts';
import { standingStops } from '../stops/look-up.ts';
import { stopBanner } from './administration/stop-words.ts';
import { csrfTokenOf } from './csrf.ts';
import { type FaultKind, type PageFault, statusOf } from './fault.ts';
import { languageOf } from './language.ts';
import { layout } from './look/layout.ts';
import { messageContent } from './look/message-page.ts';
import { sectionsOf } from './look/navigation.ts';
import type { BackOfficePage, Html, Section } from './page.ts';
import { staffOf } from './session.ts';
import { localPath } from './sign-in/return-to.ts';
import { wordsOf } from './words/load.ts';
import type { WordKey } from './words/words.ts';

export type FrameParts = {
  bank: { nameFr: string; nameAr: string };
  environment: Config['environment'];
  pages: readonly BackOfficePage[];
  origin: () => string;
  db: Queryable;
};

type Framed = { status: number; title: string; section?: Section; content: Html; notice?: string | undefined };

type Message = {
  status: number;
  title: WordKey;
  text: WordKey;
  action: { href: string; label: WordKey };
  requestId?: string;
};

export type Frame = {
  /** Sends a whole page, in the reader's language, with the navigation of whoever is signed in. */
  sendPage: (request: Request, response: Response, page: Framed) => Promise<void>;
  /** A page that only says something, and what to do next. */
  sendMessage: (request: Request, response: Response, message: Message) => Promise<void>;
  sendFault: (request: Request, response: Response, fault: PageFault, requestId: string) => Promise<void>;
};

export function openFrame({ bank, environment, pages, origin, db }: FrameParts): Frame {
  const sendPage: Frame['sendPage'] = async (request, response, { status, title, section, content, notice }) => {
    const staff = staffOf(request);
    const words = wordsOf(languageOf(request));
    // An error page goes out also where the database is away.
    const stops = staff === undefined ? [] : await standingStops(db, staff.agencies).catch(() => []);
    const page = await layout({
      ...{ bank, environment, title, words, content, notice, banner: staff && stopBanner({ words, staff }, stops) },
      address: request.method === 'POST' ? pageBefore(request, origin()) : localPath(request.originalUrl),
      visitor: staff && {
        staff,
        csrf: csrfTokenOf(request),
        section,
        sections: sectionsOf(pages, staff),
      },
    });
    response.status(status).type('html').set('Content-Language', words.language).send(String(page));
  };
  const sendMessage: Frame['sendMessage'] = (request, response, { status, title, text, action, requestId }) => {
    const words = wordsOf(languageOf(request));
    return sendPage(request, response, {
      status,
      title: words.say(title),
      content: messageContent({
        text: words.say(text),
        actions: [{ href: action.href, label: words.say(action.label) }],
        note: requestId === undefined ? undefined : words.say('sign-in.request-id', { id: requestId }),
      }),
    });
  };
  return {
    sendPage,
    sendMessage,
    sendFault: (request, response, { kind, headers }, requestId) =>
      sendMessage(request, response.set(headers), {
        status: statusOf(kind),
        title: `sign-in.${kind}-title`,
        text: `sign-in.${kind}-text`,
        action: nextOf(kind, request),
        requestId,
      }),
  };
}

function nextOf(kind: FaultKind, request: Request): Message['action'] {
  switch (kind) {
    case 'sign-in-failed':
    case 'sign-in-refused':
    case 'no-role':
      // Asked for anew, or the identity provider would go on as the same person without a word.
      return { href: '/sign-in?fresh=1', label: 'sign-in.sign-in-again' };
    case 'unavailable':
    case 'overloaded':
    case 'too-many-sign-ins':
    case 'provider-away':
      return { href: addressOf(request), label: 'sign-in.try-again' };
    case 'malformed':
    case 'forbidden':
    case 'form-not-ours':
    case 'not-found':
    case 'method-not-allowed':
    case 'conflict':
    case 'too-large':
    case 'not-a-form':
    case 'internal':
      return { href: '/', label: 'sign-in.to-overview' };
  }
}

/** Of what was asked, to ask it again; `//elsewhere` would lead away. */
const addressOf = ({ method, originalUrl }: Request): string =>
  method === 'GET' && !/^\/[/\\]/.test(originalUrl) ? originalUrl : '/';

/** The page of ours that a form stood on, as the browser tells. */
export function pageBefore({ headers }: Request, origin: string): string {
  const before = URL.parse(headers.referer ?? '');
  return before?.origin === origin ? localPath(`${before.pathname}${before.search}`) : '/';
}
