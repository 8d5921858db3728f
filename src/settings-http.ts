import { defaultHttpLimits as limits } from './contract/http-limits.ts';
import { count, seconds } from './settings-shapes.ts';

/** What a door takes at most: times, connections, bytes. Of a list to reconcile, which may have a million lines, apart. */
export const httpSettings = {
  handshakeSeconds: seconds(limits.handshakeSeconds, 60, 'Longest TLS handshake'),
  headerSeconds: seconds(limits.headerSeconds, 60, "Until a request's headers are there"),
  requestSeconds: seconds(limits.requestSeconds, 300, 'Until a whole request is there'),
  listSeconds: seconds(limits.listSeconds, 900, 'The same of a list to reconcile, which may have a million lines'),
  checkSeconds: seconds(limits.checkSeconds, 30, 'How often these are looked at'),
  keepAliveSeconds: seconds(
    limits.keepAliveSeconds,
    600,
    "Until an idle connection is closed: longer than clients' own",
  ),
  stalledSeconds: seconds(
    limits.stalledSeconds,
    900,
    'Until a connection on which nothing moves is closed; while a list is read and stored, as long as a list may take',
  ),
  connections: count(limits.connections, 100_000, 'Open connections of a door'),
  connectionsPerClient: count(limits.connectionsPerClient, 100_000, 'Those of one client certificate or address'),
  requestsUnderWay: count(limits.requestsUnderWay, 100_000, 'Requests that are answered at once; then 503'),
  headerBytes: count(limits.headerBytes, 65_536, 'Bytes of the headers; then 431'),
  headers: count(limits.headers, 1_000, 'Headers of a request; then 431'),
  bodyBytes: count(limits.bodyBytes, 16_777_216, 'Bytes of a body; then 413'),
  documentBytes: count(limits.documentBytes, 67_108_864, 'Bytes of an uploaded PDF; then 413'),
  listBytes: count(limits.listBytes, 1_073_741_824, 'Bytes of a list to reconcile; then 413'),
  lists: count(limits.lists, 100, 'Such lists that are taken in at once; then 503'),
} as const;
