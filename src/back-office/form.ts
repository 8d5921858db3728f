import express, { type Request, type Response } from 'express';
import multer from 'multer';
import { PageFault } from './fault.ts';
import type { BackOfficePage, Upload } from './page.ts';

export type Form = { fields: URLSearchParams; uploads: ReadonlyMap<string, Upload> };

const mostBytes = 65_536;
const mostFields = 200;

const readText = express.text({ type: 'application/x-www-form-urlencoded', limit: mostBytes });

/** Reads what a form sent, bounded: its fields, and its files where the page takes some. Throws PageFault. */
export async function readForm(request: Request, response: Response, page: BackOfficePage): Promise<Form> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') {
    await ran(readText, request, response);
    const body: unknown = request.body;
    const fields = new URLSearchParams(typeof body === 'string' ? body : '');
    if (fields.size > mostFields) throw new PageFault('too-large');
    return { fields, uploads: new Map() };
  }
  if (type === 'multipart/form-data' && page.uploads !== undefined) return readParts(request, response, page.uploads);
  throw new PageFault('not-a-form');
}

async function readParts(
  request: Request,
  response: Response,
  { fields: names, maximumBytes }: NonNullable<BackOfficePage['uploads']>,
): Promise<Form> {
  const read = multer({
    storage: multer.memoryStorage(),
    // Else Arabic names of files are garbled.
    defParamCharset: 'utf8',
    limits: {
      fileSize: maximumBytes,
      files: names.length,
      fields: mostFields,
      fieldSize: mostBytes,
      fieldNameSize: 100,
      parts: mostFields + names.length,
    },
  }).fields(names.map((name) => ({ name, maxCount: 1 })));
  await ran(read, request, response).catch((fault: unknown) => {
    // What is broken off or has no end is told without a kind of its own.
    throw fault instanceof multer.MulterError ? fault : new PageFault('malformed', { cause: fault });
  });
  const uploads = new Map<string, Upload>();
  // A file field that was left empty is sent as one without a name.
  for (const file of filesOf(request))
    if (file.originalname !== '') uploads.set(file.fieldname, { name: file.originalname, bytes: file.buffer });
  return { fields: fieldsOf(request.body), uploads };
}

function filesOf({ files = [] }: Request): Express.Multer.File[] {
  return Array.isArray(files) ? files : Object.values(files).flat();
}

function fieldsOf(body: unknown): URLSearchParams {
  const fields = new URLSearchParams();
  if (typeof body !== 'object' || body === null) return fields;
  for (const [name, value] of Object.entries<unknown>({ ...body }))
    for (const one of [value].flat()) if (typeof one === 'string') fields.append(name, one);
  return fields;
}

/** A middleware as a promise. */
const ran = (middleware: express.RequestHandler, request: Request, response: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    void middleware(request, response, (fault: unknown) => (fault ? reject(fault) : resolve()));
  });
