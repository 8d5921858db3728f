/**
 * How the caller may try again. `same`: the same name, at once, with a new signature; `after`: that, once Retry-After has
 * passed; `next-attempt`: the same name with the attempt's next number.
 */
export type Retry = 'same' | 'new-debit' | 'next-attempt' | 'after' | 'never';

type ProblemEntry = { status: number; title: string; retry: Retry; cause: string; whoActs: string };

/**
 * Every problem that the gateway answers with (RFC 9457). On the wire `type` is `<public origin>/problems/<kind>`, and
 * the public door makes that page from what stands here. The contract's `Problem.type` names the same kinds.
 */
export const problems = {
  malformed: {
    status: 400,
    title: 'The request does not match the contract',
    retry: 'never',
    cause: 'A parameter, a header or the body breaks the contract. Each fault is named with its JSON pointer.',
    whoActs: 'The creditor corrects its program. Nothing was begun and no name was used.',
  },
  'certificate-missing': {
    status: 401,
    title: 'No client certificate was presented',
    retry: 'never',
    cause:
      'The connection carries no client certificate. Where the gateway ends TLS itself the handshake fails before that.',
    whoActs: 'The creditor configures its client certificate, or the bank the proxy that ends TLS.',
  },
  'signature-missing': {
    status: 401,
    title: 'The request is not signed',
    retry: 'same',
    cause: 'A write came without the header Request-Signature.',
    whoActs: 'The creditor signs each write with a key that the bank has registered.',
  },
  'signature-invalid': {
    status: 401,
    title: 'The request signature does not hold',
    retry: 'same',
    cause:
      'The token in Request-Signature breaks its grammar, names an unknown key, has a wrong signature, or has a claim that differs from the request. The answer says which, and from what.',
    whoActs:
      'The creditor corrects what differs and signs again. Where it is `iat`, the clocks differ: see the connection.',
  },
  'debit-rejected': {
    status: 402,
    title: 'The debit was rejected',
    retry: 'new-debit',
    cause:
      'Nothing was debited, and nothing will be under this name. The reason code says why, the signed rejection proves it.',
    whoActs: 'The creditor tells the employer. A new debit needs a name of its own and may name this one in `retryOf`.',
  },
  'reversal-rejected': {
    status: 402,
    title: 'The reversal was rejected',
    retry: 'next-attempt',
    cause:
      'Nothing was given back under this attempt, and nothing will be; the debit stays settled. The reason code says why: AM04 where the creditor’s own collection account is short.',
    whoActs: 'The creditor mends what the reason says, and asks with the next attempt’s number.',
  },
  'certificate-unregistered': {
    status: 403,
    title: 'The client certificate is not registered',
    retry: 'never',
    cause: 'The certificate comes from a trusted authority, but the bank has not registered it for a creditor.',
    whoActs: 'The creditor has the bank register the certificate.',
  },
  'certificate-withdrawn': {
    status: 403,
    title: 'The client certificate was withdrawn',
    retry: 'never',
    cause: 'The bank or the creditor has taken this certificate out of use.',
    whoActs: 'The creditor uses its current certificate, or asks the bank.',
  },
  'certificate-revoked': {
    status: 403,
    title: 'The client certificate was revoked',
    retry: 'never',
    cause: 'The authority that issued the certificate has revoked it.',
    whoActs: 'The creditor has a new certificate issued and registered.',
  },
  'certificate-expired': {
    status: 403,
    title: 'The client certificate is not valid now',
    retry: 'never',
    cause:
      'The last day of the certificate has passed, or its first has not come, also on a connection that was open before.',
    whoActs: 'The creditor uses a certificate that is valid. Two can be registered at once for rotation.',
  },
  'signature-scope': {
    status: 403,
    title: 'The signing key may not do this',
    retry: 'never',
    cause:
      'The key is registered, but not with the scope that the operation needs, or it belongs to another creditor than the certificate.',
    whoActs: 'The creditor signs with a key of that scope, or has the bank register one.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing at this address',
    retry: 'never',
    cause: 'The contract has no operation with this path.',
    whoActs: 'The creditor corrects the path.',
  },
  'mandate-not-found': {
    status: 404,
    title: 'The mandate is not known',
    retry: 'never',
    cause:
      'No mandate that this creditor may see has this id. One that the bank began is seen once its certificate was shown.',
    whoActs: 'The creditor checks the id, or shows the certificate first.',
  },
  'mandate-certificate-not-found': {
    status: 404,
    title: 'The mandate has no certificate yet',
    retry: 'never',
    cause: 'The bank has not certified this mandate.',
    whoActs: 'The creditor waits until the bank has certified it.',
  },
  'debit-not-found': {
    status: 404,
    title: 'The debit is not known',
    retry: 'never',
    cause: 'This creditor has no debit with this end-to-end id.',
    whoActs: 'The creditor checks the end-to-end id. A debit that was never received may be asked for under it.',
  },
  'confirmation-not-found': {
    status: 404,
    title: 'The debit has no settlement confirmation',
    retry: 'never',
    cause: 'The debit has not settled. Its state stands in the answer.',
    whoActs: 'The creditor looks at the debit: a confirmation exists if and only if the money has moved.',
  },
  'reversal-not-found': {
    status: 404,
    title: 'The debit was never to be given back',
    retry: 'never',
    cause: 'The creditor never asked for a reversal of this debit that was taken in.',
    whoActs: 'The creditor looks at the debit.',
  },
  'declaration-not-found': {
    status: 404,
    title: 'The declaration is not known',
    retry: 'never',
    cause: 'This creditor has asked for no debit for this declaration of this employer.',
    whoActs: 'The creditor checks reference and employer number.',
  },
  'statement-not-found': {
    status: 404,
    title: 'There is no statement of this day',
    retry: 'never',
    cause:
      'The day is before the creditor was registered, or has not ended, or its statement is not closed yet. It is closed within minutes after midnight in Algiers.',
    whoActs: 'The creditor checks the day, or asks again later. GET /v1/statements shows what there is.',
  },
  'reconciliation-not-found': {
    status: 404,
    title: 'There is no such reconciliation',
    retry: 'never',
    cause: 'The creditor has sent no list under this name.',
    whoActs: 'The creditor looks its name up, or sends the list.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The address does not know this method',
    retry: 'never',
    cause: 'The contract has this path, but not with this method. The header Allow names those that it has.',
    whoActs: 'The creditor corrects its program.',
  },
  'not-acceptable': {
    status: 406,
    title: 'The answer does not exist in a media type that was asked for',
    retry: 'never',
    cause: 'The header Accept names none of the media types of this operation.',
    whoActs: 'The creditor asks for one that the contract names.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    retry: 'same',
    cause: 'Headers or body were not complete within the time limit. Nothing was begun.',
    whoActs: 'The creditor sends it again.',
  },
  'debit-conflict': {
    status: 409,
    title: 'Another debit has this end-to-end id',
    retry: 'never',
    cause:
      'The name was first used with another mandate, amount, declaration or date (DU04). The first debit is unchanged.',
    whoActs: 'The creditor looks at the first debit. If it really means another one, that needs a name of its own.',
  },
  'declaration-paid': {
    status: 409,
    title: 'The declaration is paid or being paid',
    retry: 'never',
    cause:
      'With this debit the declaration would be paid twice (AM05) or beyond its declared amount (AM09). The live debits stand in the answer.',
    whoActs: 'The creditor looks at those debits. The name was not used.',
  },
  'declared-amount-differs': {
    status: 409,
    title: 'The declaration has another declared amount',
    retry: 'never',
    cause: 'A debit of this declaration is live, and it names another declared amount.',
    whoActs: 'The creditor waits for that debit, or cancels it, before it changes what was declared.',
  },
  'employer-number-differs': {
    status: 409,
    title: 'The mandate belongs to another employer number',
    retry: 'never',
    cause: 'The debit names a mandate and an employer number that do not belong together.',
    whoActs: 'The creditor corrects one of the two. The name was not used.',
  },
  'debit-ended': {
    status: 409,
    title: 'The debit was cancelled or reversed',
    retry: 'new-debit',
    cause: 'The name belongs to a debit that was cancelled or reversed, or it was cancelled before a debit came.',
    whoActs: 'The creditor uses a new name if it still wants to debit.',
  },
  'too-late-to-cancel': {
    status: 409,
    title: 'The debit can no longer be cancelled',
    retry: 'never',
    cause: 'The debit was sent to the core banking system, or it has ended. Its state stands in the answer.',
    whoActs: 'The creditor follows the debit.',
  },
  'event-place-ahead': {
    status: 409,
    title: 'The place is further than the feed goes',
    retry: 'never',
    cause:
      'The parameter `after` names an event that the gateway has not told of. Nothing counts as read by it. Where a place was kept from an earlier answer of this gateway, its database may have gone back to an earlier time without anyone having said so.',
    whoActs: 'The creditor begins again from a place that the feed has, and tells the bank.',
  },
  'debit-not-settled': {
    status: 409,
    title: 'The debit has not settled',
    retry: 'never',
    cause: 'Only a settled debit can be given back. The debit stands in the answer.',
    whoActs: 'The creditor follows the debit, or cancels it while nothing was sent.',
  },
  'reversal-window-passed': {
    status: 409,
    title: 'The debit settled too long ago',
    retry: 'never',
    cause: 'The bank gives a debit back for so many days after its settlement, and they have passed.',
    whoActs: 'The creditor pays the employer back by another way.',
  },
  'reversal-conflict': {
    status: 409,
    title: 'Another attempt to give the debit back stands',
    retry: 'never',
    cause:
      'The attempt’s number is not the one after the last, or an attempt that is not rejected stands, or this one was asked for another reason before. The debit and its last attempt stand in the answer.',
    whoActs: 'The creditor looks at the last attempt. Only after a rejection is the next number a new try.',
  },
  'reversal-contradicted': {
    status: 503,
    title: 'What the core banking system says of the debit contradicts what stands',
    retry: 'after',
    cause:
      'It said or booked something of this debit, or of an attempt to give it back, that contradicts what stands here: the money may have gone back already. The debit and its last attempt stand in the answer; nothing was begun.',
    whoActs: 'The bank’s staff look into it. The creditor asks the same attempt again when they have ended it.',
  },
  'reconciliation-conflict': {
    status: 409,
    title: 'Another list has this name',
    retry: 'never',
    cause: 'Other bytes were sent under this name before. A name is one list for ever.',
    whoActs: 'The creditor sends the other list under a name of its own.',
  },
  'reconciliation-not-matched': {
    status: 409,
    title: 'The reconciliation is not matched yet',
    retry: 'after',
    cause: 'It waits for the statement of its last day to be closed, or is being matched.',
    whoActs: 'The creditor asks again once Retry-After has passed.',
  },
  'jti-reused': {
    status: 409,
    title: 'The request signature was used for something else',
    retry: 'same',
    cause: 'Its `jti` was seen before with another name or another body. Nothing was changed.',
    whoActs: 'The creditor signs each request with a `jti` of its own.',
  },
  'authorisation-request-conflict': {
    status: 409,
    title: 'Another authorisation request has this name',
    retry: 'never',
    cause: 'Another content was sent under this reference before. A reference names one request for ever.',
    whoActs: 'The creditor sends what it asks now under a reference of its own.',
  },
  overtaken: {
    status: 409,
    title: 'A later request was applied before',
    retry: 'same',
    cause: 'A write on this mandate that was signed later has been applied already, so this one is refused.',
    whoActs: 'The creditor looks at the mandate, and signs again if it still means it.',
  },
  'mandate-state': {
    status: 409,
    title: "The mandate's state does not allow this",
    retry: 'never',
    cause: 'From its present state the mandate can not go where the request asks. The mandate stands in the answer.',
    whoActs: 'The creditor looks at the state. A mandate that has ended stays so: the employer needs a new one.',
  },
  'mandate-certificate-invalid': {
    status: 409,
    title: 'The certificate shown is not the one of this mandate',
    retry: 'never',
    cause: 'The certificate in the body does not verify, or it belongs to another mandate.',
    whoActs: 'The creditor has the certificate verified and shows the right one.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The body is too large',
    retry: 'never',
    cause: 'The body has more bytes than the operation takes.',
    whoActs: 'The creditor sends a smaller body.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has a media type that the operation does not take',
    retry: 'never',
    cause: 'Content-Type names none of the media types of this operation, or the body is compressed.',
    whoActs: 'The creditor corrects its program.',
  },
  'expectation-failed': {
    status: 417,
    title: 'The expectation can not be met',
    retry: 'never',
    cause: 'The header Expect asks for something other than 100-continue.',
    whoActs: 'The creditor leaves the header out.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    retry: 'after',
    cause:
      'A rate of this creditor or of the operation is reached, as many such calls are under way as may be at once, or the mandate has had its debits for today or has others under way. No name was used.',
    whoActs: 'The creditor waits as long as Retry-After says.',
  },
  'funds-refusals': {
    status: 429,
    title: 'Too many refusals for funds today',
    retry: 'after',
    cause: 'Debits under this mandate were refused for insufficient funds three times today. No name was used.',
    whoActs: 'The creditor tells the employer, and asks again on the next day (Africa/Algiers).',
  },
  'reversal-limit': {
    status: 429,
    title: 'The day has had its reversals',
    retry: 'after',
    cause: 'The bank lets a creditor ask for so many reversals in a day, and for so much money. No attempt was used.',
    whoActs: 'The creditor asks again on the next day (Africa/Algiers), or has the bank raise its limits.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    retry: 'never',
    cause: 'The request has more header bytes or more headers than the gateway takes.',
    whoActs: 'The creditor corrects its program.',
  },
  internal: {
    status: 500,
    title: 'The gateway failed',
    retry: 'same',
    cause: 'Something happened that nobody foresaw. The log has it under the request id.',
    whoActs: 'The creditor asks the same again: that is always safe. The bank looks at its log.',
  },
  unavailable: {
    status: 503,
    title: 'The gateway can not work now',
    retry: 'after',
    cause: 'A part that the gateway needs is away. Nothing was begun and no name was used.',
    whoActs: 'The creditor asks again after the time in Retry-After.',
  },
  'outcome-unknown': {
    status: 503,
    title: 'It is not known whether the request was taken in',
    retry: 'same',
    cause:
      'The connection to the database was lost in the one moment in which that decides. The debit may have been begun.',
    whoActs:
      'The creditor asks the same again, under the same name, and does not pay by another way before it has an answer.',
  },
  overloaded: {
    status: 503,
    title: 'The gateway has too much to do',
    retry: 'after',
    cause: 'Every queue is bounded, and this one is full. Nothing was begun and no name was used.',
    whoActs: 'The creditor asks again after the time in Retry-After.',
  },
  stopped: {
    status: 503,
    title: 'Debits are stopped',
    retry: 'after',
    cause: 'The bank has stopped all debits, or those of this creditor or this mandate. No name was used.',
    whoActs: 'The creditor waits, or asks the bank.',
  },
  'signed-before-restore': {
    status: 503,
    title: 'The request was signed before the gateway was restored',
    retry: 'after',
    cause:
      'The bank has put its database back to an earlier time. What was signed before, or so soon after that it could have been, is not taken: it may have been taken in already, and be among what was lost. No name was used.',
    whoActs:
      'The creditor signs anew once Retry-After has passed, and asks again for everything since the time that the bank names, under the same names: what had moved is confirmed with the same confirmation id, and moves nothing.',
  },
} as const satisfies Record<string, ProblemEntry>;

export type ProblemKind = keyof typeof problems;

export const problemKinds = Object.keys(problems) as ProblemKind[];
