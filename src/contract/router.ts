import os from 'node:os';
import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../database/clock.ts';
import { withoutValues } from '../operations/fault.ts';
import { uuidV7 } from '../values/ids.ts';
import { openAdmission, type Rates } from './admission.ts';
import { type AnyHandlers, bindHandlers, type Match, type RoutedCall } from './bind.ts';
import { type Authenticate, type CheckSignature, clientOf, signedRequestOf } from './caller.ts';
import type { Contract, Operation } from './contract-document.ts';
import { answerFailure, CallerGone, type Failure } from './failure.ts';
import type { Answer } from './handler.ts';
import type { HttpLimits } from './http-limits.ts';
import { negotiate } from './negotiation.ts';
import { malformedBy, Problem } from './problem.ts';
import { readBody } from './request-body.ts';
import { checkHead, decoded, readTarget, type Target } from './request-head.ts';
import { openSpool } from './spool.ts';
import { readStrictJson } from './strict-json.ts';
import { openValidation } from './validation.ts';
import { type AnswerContext, renderAnswer, streamAnswer, writeAnswer } from './write-answer.ts';

/** What was answered, for the metrics. `operationId` is "none" where there was no such operation. */
export type Observation = { operationId: string; status: number; seconds: number; requestBytes: number };

export type RouterParts = {
  contract: Contract;
  handlers: AnyHandlers;
  clock: Clock;
  limits: HttpLimits;
  rates: Rates;
  /** Where a body is kept that is too large to be held; undefined: the system's own temporary folder. */
  spoolFolder?: string | undefined;
  /** Where the pages of the problem types are; asked each time, since a test knows its ports late. */
  publicOrigin: () => string;
  authenticate: Authenticate;
  checkSignature: CheckSignature;
  log: (failure: Failure) => void;
  observe: (observation: Observation) => void;
  /** For tests: told of each answer that is not as the contract says. Costs time, so production does without. */
  onBreach?: (breach: string) => void;
};

/** What becomes known of a request while it is answered; what is known at its end is what is told of it. */
type Progress = { operation?: Operation; inHandler: 'READ' | 'WRITE' | 'NOT_BEGUN'; requestBytes: number };

/** One request of an operation, its body still in bytes. */
type Sent = {
  request: Request;
  operation: Operation;
  path: Readonly<Record<string, string>>;
  query: Target['query'];
  contentType: string | undefined;
  rawBody: Buffer;
};

/**
 * Answers every request of the API, in SECURITY.md's order of checks: cheap ones first, and before the signature is
 * checked nothing is written. The contract names the operations; each has its handler, or this throws at start.
 */
export function apiRouter(parts: RouterParts): RequestHandler {
  const { contract, clock, limits, log, observe, onBreach } = parts;
  const findRoute = bindHandlers(contract, parts.handlers);
  const validation = openValidation(contract);
  const admission = openAdmission(parts.rates, limits.requestsUnderWay);
  const spool = openSpool(limits, parts.spoolFolder ?? os.tmpdir());

  async function respond(request: Request, response: Response, requestId: string, progress: Progress): Promise<Answer> {
    const receivedAt = clock.now();
    checkHead(request, limits);
    const target = readTarget(request.originalUrl);
    const match = findRoute(request.method, target.path);
    if (match.outcome === 'FOUND') progress.operation = match.route.operation;
    const client = await clientOf(request, parts.authenticate);
    await admission.checkRate(client.creditorCode, progress.operation?.operationId ?? 'none');
    const leave = admission.enter();
    try {
      const { route, path } = found(match);
      const { operation } = route;
      const { accepts, contentType } = negotiate(request, operation);
      await using upload = operation.spooled ? await spool(request, response, receivedAt) : undefined;
      const limitBytes = contentType === 'application/pdf' ? limits.documentBytes : limits.bodyBytes;
      const rawBody =
        operation.body === undefined || operation.spooled
          ? Buffer.alloc(0)
          : await readBody(request, response, { limitBytes, seconds: limits.requestSeconds });
      progress.requestBytes = upload?.bytes ?? rawBody.length;
      const signed = await signedRequestOf(
        request,
        client,
        operation,
        { body: rawBody, digest: upload?.digest, at: receivedAt },
        parts.checkSignature,
      );
      const checked = check({ request, operation, path, query: target.query, contentType, rawBody });
      progress.inHandler = operation.method === 'GET' ? 'READ' : 'WRITE';
      return await route.handle({
        ...{ client, requestId, receivedAt, ...checked, rawBody, upload, contentType, accepts },
        ...(signed === undefined ? {} : { request: signed }),
      });
    } finally {
      leave();
    }
  }

  /** Strict JSON first, since a schema can only speak of what has one meaning; then every fault at once. */
  function check({
    request,
    operation,
    path: sentPath,
    query,
    contentType,
    rawBody,
  }: Sent): Pick<RoutedCall, 'path' | 'query' | 'body'> {
    const json = contentType === 'application/json' && !operation.spooled ? readStrictJson(rawBody) : undefined;
    if (json?.outcome === 'FAULT') throw malformedBy([{ pointer: json.pointer, message: json.message }]);
    const named = operation.parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
    const headers = Object.fromEntries(
      named.flatMap((name) => (request.headersDistinct[name.toLowerCase()] ?? []).map((value) => [name, value])),
    );
    const path = Object.entries(sentPath).map(([name, value]) => [name, decoded(value) ?? value]);
    const parameters = validation.checkParameters(operation, { path: Object.fromEntries(path), query, headers });
    const faults = [
      ...parameters.faults,
      ...(json === undefined ? [] : validation.checkBody(operation, 'application/json', json.value)),
    ];
    if (faults.length > 0) throw malformedBy(faults);
    return { path: parameters.path, query: parameters.query, body: json?.value };
  }

  async function send(
    response: Response,
    answer: Answer,
    context: AnswerContext,
    { operation, requestBytes }: Progress,
  ): Promise<void> {
    // Its body may still come or not: what follows on this connection could not be told from it.
    if (response.req.headers.expect !== undefined && requestBytes === 0) response.setHeader('Connection', 'close');
    if (onBreach !== undefined) {
      const rendered = renderAnswer(answer, context);
      const { 'Content-Type': contentType } = rendered.headers;
      const place = `${operation?.operationId ?? 'none'} ${answer.status}`;
      const bytes = answer.stream === undefined ? rendered.bytes : undefined;
      for (const breach of validation.checkAnswer(operation, { ...rendered, contentType, bytes }))
        onBreach(`${place}: ${breach}`);
    }
    if (answer.stream === undefined) writeAnswer(response, answer, context);
    else await streamAnswer(response, answer, context);
  }

  return async (request, response) => {
    const started = performance.now();
    const context: AnswerContext = { requestId: uuidV7(clock.now()), publicOrigin: parts.publicOrigin() };
    const progress: Progress = { inHandler: 'NOT_BEGUN', requestBytes: 0 };
    const fail = (error: unknown): Answer => {
      const { answer, kind } = answerFailure(error, progress.inHandler);
      const { operationId = 'none' } = progress.operation ?? {};
      if (kind !== undefined) log({ requestId: context.requestId, operationId, kind, fault: withoutValues(error) });
      return answer;
    };
    response.once('finish', () => {
      const { operation, requestBytes } = progress;
      const seconds = (performance.now() - started) / 1000;
      observe({ operationId: operation?.operationId ?? 'none', status: response.statusCode, seconds, requestBytes });
    });
    try {
      await send(response, await respond(request, response, context.requestId, progress), context, progress);
    } catch (error) {
      if (!(error instanceof CallerGone || response.headersSent)) return send(response, fail(error), context, progress);
      // Too late for an answer: the broken connection says so, and the log where the caller did not leave by itself.
      if (response.headersSent && !leftByCaller(error)) fail(error);
      response.destroy();
    }
  };
}

const leftByCaller = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';

function found(match: Match): Extract<Match, { outcome: 'FOUND' }> {
  switch (match.outcome) {
    case 'FOUND':
      return match;
    case 'NO_METHOD':
      throw new Problem('method-not-allowed', 'This path has other methods', {}, { Allow: match.allow.join(', ') });
    case 'NO_PATH':
      throw new Problem('not-found', 'The contract has no such path');
  }
}
