import type { Request } from 'express';
import type { Operation } from './contract-document.ts';
import { malformedBy, Problem } from './problem.ts';
import { hasBody, mediaTypeOf } from './request-head.ts';

/** `accepts`: how the answer goes out, the first of the operation's own media types where the caller does not say. */
export type Negotiated = { accepts: string; contentType: string | undefined };

/** The media types of answer and body. Where the contract names no choice, `Accept` is not looked at (RFC 9110, 12.4.1). */
export function negotiate(request: Request, operation: Operation): Negotiated {
  const offered = operation.answers.find(({ status }) => status < 300)?.mediaTypes.map(({ type }) => type) ?? [];
  const accepted = request.accepts(offered);
  if (accepted === false && operation.answers.some(({ status }) => status === 406))
    throw new Problem('not-acceptable', `This operation answers ${offered.join(', ')}`);
  const accepts = accepted === false ? (offered[0] ?? 'application/json') : String(accepted);
  if (operation.body === undefined) {
    if (hasBody(request)) throw malformedBy([{ pointer: '', message: 'this operation takes no body' }]);
    return { accepts, contentType: undefined };
  }
  if (request.headers['content-encoding'] !== undefined && request.headers['content-encoding'] !== 'identity')
    throw new Problem('unsupported-media-type', 'Compressed bodies are not taken');
  const contentType = mediaTypeOf(request.headers['content-type']);
  const taken = operation.body.mediaTypes.map(({ type }) => type);
  if (contentType === undefined || !taken.includes(contentType))
    throw new Problem('unsupported-media-type', `This operation takes ${taken.join(', ')}`);
  return { accepts, contentType };
}
