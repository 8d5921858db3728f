/** How much one caller, or all of them, may ask of a door: SECURITY.md's numbers. Tests take smaller ones. */
export type HttpLimits = {
  handshakeSeconds: number;
  /** From the first moment of the connection, or the end of the answer before, to the end of the headers. */
  headerSeconds: number;
  requestSeconds: number;
  /** The same of one whose body is spooled. */
  listSeconds: number;
  /** How often the two above are looked at. */
  checkSeconds: number;
  /** Longer than clients' own 30 to 60 s, or they write to connections that are being closed. */
  keepAliveSeconds: number;
  /** A connection on which nothing moves, with an answer that nobody reads; one whose list is being read and stored has `listSeconds`. */
  stalledSeconds: number;
  drainSeconds: number;
  /** How long an orderly stop leaves idle connections open: what comes on one meanwhile is answered, as its last. */
  lingerSeconds: number;
  connections: number;
  /** By certificate where there is one, else by address. */
  connectionsPerClient: number;
  /** Requests that are being answered at once. */
  requestsUnderWay: number;
  headerBytes: number;
  headers: number;
  bodyBytes: number;
  /** A PDF in place of a JSON body. */
  documentBytes: number;
  /** A body that is spooled. */
  listBytes: number;
  /** Those that are spooled at once. */
  lists: number;
};

export const defaultHttpLimits: HttpLimits = {
  handshakeSeconds: 5,
  headerSeconds: 5,
  requestSeconds: 10,
  listSeconds: 300,
  checkSeconds: 1,
  keepAliveSeconds: 75,
  stalledSeconds: 90,
  drainSeconds: 15,
  lingerSeconds: 3,
  connections: 2_000,
  connectionsPerClient: 500,
  requestsUnderWay: 1_000,
  headerBytes: 8 * 1024,
  headers: 60,
  bodyBytes: 64 * 1024,
  documentBytes: 2 * 1024 * 1024,
  listBytes: 256 * 1024 * 1024,
  lists: 4,
};
