import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { Queryable } from '../database/queryable.ts';
import type { Frame } from './frame.ts';
import { insertReadings } from './journal-entries.sql.ts';
import type { BackOfficePage, PageAnswer, Visit } from './page.ts';
import { saveSession } from './session.ts';
import { localPath } from './sign-in/return-to.ts';

/** Writes what a page answered. What it read is in the journal first: an answer that can't be journalled does not go out. */
export async function sendAnswer(
  { db, frame }: { db: Queryable; frame: Frame },
  { section }: BackOfficePage,
  { staff, from }: Pick<Visit, 'staff' | 'from'>,
  answer: PageAnswer,
  { request, response }: { request: Request; response: Response },
): Promise<void> {
  if (answer.answer !== 'GO' && answer.read !== undefined && answer.read.length > 0)
    await insertReadings(db, answer.read, { subject: staff.subject, from });
  switch (answer.answer) {
    case 'PAGE': {
      const { status = 200, title, content } = answer;
      return frame.sendPage(request, response, { status, title, section, content, notice: await takeNotice(request) });
    }
    case 'GO':
      if (answer.notice !== undefined) {
        request.session.notice = answer.notice;
        await saveSession(request);
      }
      response.redirect(303, localPath(answer.to));
      return;
    case 'FILE': {
      response.attachment(answer.name).type(answer.type);
      const disposition = response.get('Content-Disposition') ?? '';
      if (answer.inline) response.set('Content-Disposition', disposition.replace(/^attachment/, 'inline'));
      // In an origin of its own, without scripts; Chromium's viewer shows a PDF and saves it all the same.
      if (answer.foreign) response.set('Content-Security-Policy', "default-src 'none'; sandbox allow-downloads");
      if (Buffer.isBuffer(answer.content)) response.send(answer.content);
      else await pipeline(answer.content, response);
    }
  }
}

/** Said once: gone from the session before the page is. */
async function takeNotice(request: Request): Promise<string | undefined> {
  const { notice } = request.session;
  if (notice === undefined) return undefined;
  delete request.session.notice;
  await saveSession(request);
  return notice;
}
