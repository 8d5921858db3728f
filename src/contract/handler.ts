import type { ConnectedClient, SignedRequest } from '../clients/client.ts';
import type { operations } from './generated.ts';
import type { Upload } from './upload.ts';

/** Every operation of the contract, by its `operationId`. */
export type OperationId = keyof operations;

type Parameters<Id extends OperationId, In extends 'path' | 'query'> = operations[Id] extends {
  parameters: { [Place in In]?: infer Values };
}
  ? NonNullable<Values>
  : Record<never, never>;

type JsonBody<Id extends OperationId> = operations[Id] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : undefined;

type Signed<Id extends OperationId> = operations[Id] extends { parameters: { header: { 'Request-Signature': string } } }
  ? { request: SignedRequest }
  : Record<never, never>;

/** What a handler is given: validated against the contract, signature checked where the operation is a write. */
export type Call<Id extends OperationId> = {
  client: ConnectedClient;
  requestId: string;
  receivedAt: Date;
  path: Parameters<Id, 'path'>;
  query: Parameters<Id, 'query'>;
  /** The body as JSON; undefined where it came as another media type or there is none. */
  body: JsonBody<Id>;
  rawBody: Buffer;
  /** The body of an operation that the contract says is spooled; `body` and `rawBody` hold nothing then. */
  upload: Upload | undefined;
  /** The request's media type without parameters, "application/json". */
  contentType: string | undefined;
  /** The first of the operation's own media types that the caller accepts, as the contract offers them for 200. */
  accepts: string;
} & Signed<Id>;

/** What goes back: JSON for an object, bytes or text as they are; or what is too large to be held at once, piece by piece. */
export type Answer = {
  status: number;
  headers?: Readonly<Record<string, string>>;
  contentType?: string;
  body?: object | string | Uint8Array;
  stream?: AnswerStream;
};

/** Asked for the next piece when the one before has gone out. `bytes`: the length where it is known beforehand. */
export type AnswerStream = { pieces: AsyncIterable<string>; bytes?: number };

export type Handlers<Id extends OperationId> = { [Name in Id]: (call: Call<Name>) => Promise<Answer> };
