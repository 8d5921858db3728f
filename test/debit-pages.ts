import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { debitPages } from '../src/back-office/debits/pages.ts';
import type { DebitPageParts } from '../src/back-office/debits/parts.ts';
import type { PageAnswer, Visit } from '../src/back-office/page.ts';
import { wordsOf } from '../src/back-office/words/load.ts';
import type { Language } from '../src/back-office/words/words.ts';
import { openCursors } from '../src/contract/cursor.ts';
import { openTypesetter } from '../src/documents/typesetter.ts';
import { must } from './bank.ts';
import { amel, issuer, openBankByHand } from './by-hand.ts';

export type Asked = Partial<Pick<Visit, 'params' | 'query' | 'form' | 'uploads'>> & {
  agencies?: Visit['staff']['agencies'];
  roles?: Visit['staff']['roles'];
  language?: Language;
};

/** The debits' pages over a bank whose core the test can silence, each asked for as one person's visit. */
export async function openPages() {
  const open = new AsyncDisposableStack();
  const byHand = open.use(await openBankByHand());
  const typesetter = open.use(openTypesetter());
  const parts: DebitPageParts = {
    ...byHand.hands,
    cursors: openCursors(randomBytes(32)),
    keys: byHand.keys,
    issuer: issuer.issuer,
    environment: 'test',
    registry: {
      lookUp: async () => ({ outcome: 'UNREGISTERED' }),
      signingKeysOf: async () => new Map(),
      forget: () => undefined,
    },
    typeset: typesetter.typeset,
    bank: { nameFr: 'Banque', nameAr: 'البنك' },
    keysAddress: () => 'https://keys.bank.example',
    config: { contestTermDays: 30 },
  };
  const pages = debitPages(parts);
  const visit = ({ agencies = 'ALL', roles = ['officer', 'supervisor'], language = 'fr', ...asked }: Asked): Visit => ({
    staff: {
      subject: amel,
      name: 'Amel',
      roles,
      agencies,
      signedInAt: byHand.bank.clock.now(),
    },
    words: wordsOf(language),
    params: {},
    query: new URLSearchParams(),
    form: new URLSearchParams(),
    uploads: new Map(),
    csrf: 'token',
    from: '10.0.0.7',
    requestId: 'request',
    now: byHand.bank.clock.now(),
    ...asked,
  });
  return {
    byHand,
    parts,
    visit,
    ask: (method: 'GET' | 'POST', path: string, asked: Asked = {}): Promise<PageAnswer> =>
      must(pages.find((page) => page.method === method && page.path === path)).run(visit(asked)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

export async function textOf(answer: PageAnswer): Promise<string> {
  if (answer.answer !== 'PAGE') throw new Error(answer.answer);
  return String(await answer.content);
}

export const bytesOf = (content: Buffer | Readable): Promise<Buffer> =>
  Buffer.isBuffer(content) ? Promise.resolve(content) : buffer(content);
