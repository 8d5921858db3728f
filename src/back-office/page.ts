import type { Readable } from 'node:stream';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Role, Staff } from './staff.ts';
import type { Words } from './words/words.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The parts of the back office that its navigation names. */
export type Section =
  | 'overview'
  | 'requests'
  | 'mandates'
  | 'debits'
  | 'statements'
  | 'approvals'
  | 'work'
  | 'audit'
  | 'administration';

export type Upload = { name: string; bytes: Buffer };

/** One request of a signed-in member of staff: who, in which language, asking what. */
export type Visit = {
  staff: Staff;
  words: Words;
  /** The path's parts, by the names that the page's path gives them. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** What a form sent: its CSRF token has been checked. Empty for a GET. */
  form: URLSearchParams;
  uploads: ReadonlyMap<string, Upload>;
  /** For the hidden field of each form (`csrfField` of look/form.ts). */
  csrf: string;
  /** The staff member's network address, as the socket has it. */
  from: string;
  requestId: string;
  now: Date;
};

/** A name or a RIB that this answer shows: reading it is an act, journalled before the answer goes out. */
export type Reading = {
  kind: 'mandate.read' | 'mandates.read' | 'debit.read' | 'debits.read' | 'account.read';
  subjectId?: string;
};

export type PageAnswer =
  | { answer: 'PAGE'; status?: 200 | 403 | 404 | 409 | 422; title: string; content: Html; read?: readonly Reading[] }
  /** After a form was done: `notice` is said once, on the page that comes. `to` is a local path. */
  | { answer: 'GO'; to: string; notice?: string }
  | {
      answer: 'FILE';
      type: string;
      name: string;
      content: Buffer | Readable;
      inline?: boolean;
      /** Bytes that somebody uploaded: shown where they can reach nothing of ours, whatever a viewer makes of them. */
      foreign?: boolean;
      read?: readonly Reading[];
    };

/** One address of the back office. Whoever lacks all of `roles` is told so, and sees nothing. */
export type BackOfficePage = {
  method: 'GET' | 'POST';
  /** As Express reads it: `/mandates/:mandateId`. */
  path: string;
  section: Section;
  roles: readonly Role[];
  /** The sign-in must be of the last five minutes: an older one is asked for again. */
  fresh?: boolean;
  /** Takes files: their fields and the largest size of one, in bytes. */
  uploads?: { fields: readonly string[]; maximumBytes: number };
  run: (visit: Visit) => Promise<PageAnswer>;
};
