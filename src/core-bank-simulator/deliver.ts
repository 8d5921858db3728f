import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How an answer goes out. */
export type Delivery =
  | { way: 'ANSWER'; body: Buffer }
  | { way: 'TWICE'; body: Buffer; second: Buffer }
  | { way: 'STATUS'; status: number }
  | { way: 'CUT'; body: Buffer; at: 'headers' | 'body' }
  | { way: 'RESET' }
  | { way: 'SILENCE' };

/** `raw`: the TCP connection under the TLS one, which alone can be reset. */
export function deliver(response: ServerResponse, raw: Socket | undefined, delivery: Delivery): void {
  switch (delivery.way) {
    case 'ANSWER':
      answer(response, delivery.body);
      return;
    case 'TWICE': {
      const { socket } = response;
      const { body, second } = delivery;
      // Written into the connection itself: HTTP has no way to say it, and a client none to have asked for it.
      response.once('finish', () => socket?.write(Buffer.concat([headOf(second), second])));
      answer(response, body);
      return;
    }
    case 'STATUS':
      response.writeHead(delivery.status, { 'Content-Length': 0 }).end();
      return;
    case 'CUT': {
      const { body, at } = delivery;
      response.writeHead(200, { 'Content-Type': xml, 'Content-Length': body.length });
      if (at === 'headers') response.flushHeaders();
      else response.write(body.subarray(0, Math.floor(body.length / 2)));
      // An orderly end at a place that is none: everything that was written still arrives.
      response.socket?.end();
      return;
    }
    case 'RESET':
      if (raw === undefined || raw.destroyed) response.socket?.destroy();
      else raw.resetAndDestroy();
      return;
    case 'SILENCE':
      return;
  }
}

const xml = 'application/xml';

function answer(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'Content-Type': xml, 'Content-Length': body.length }).end(body);
}

const headOf = (body: Buffer): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: ${xml}\r\nContent-Length: ${body.length}\r\n\r\n`);
