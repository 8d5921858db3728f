import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { page } from './admin-page.ts';
import { isRuleName, readAccounts, readFunding, readKind, readRule, readRules, readStatus } from './admin-requests.ts';
import { type Administration, AdministrationFault, type BookRow } from './administration.ts';

export type AdminDoor = { port: number; close: () => Promise<void> };

/** The admin API, in plain HTTP on loopback alone: whoever reaches it can tell the bus to lie. */
export async function openAdminDoor(port: number, administration: Administration): Promise<AdminDoor> {
  const server = createServer(routes(administration));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the admin API has no port');
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function routes(administration: Administration): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(loopbackOnly);
  app.use(express.json({ limit: '4mb' }));
  app.get('/', async (_request, response) => {
    response.type('html').send(await page(administration));
  });
  app.get('/behaviours', (_request, response) => response.json(administration.rules()));
  app.put('/behaviours', (request, response) => {
    administration.putRules(readRules(request.body));
    response.json(administration.rules());
  });
  app.delete('/behaviours', (_request, response) => {
    administration.clearRules();
    response.status(204).end();
  });
  app.put('/behaviours/:name', (request, response) => {
    const { name } = request.params;
    if (!isRuleName(name)) throw new AdministrationFault('a name has letters, digits, dots and dashes, 60 at most');
    administration.putRule(name, readRule(request.body));
    response.json(administration.rules());
  });
  app.delete('/behaviours/:name', (request, response) =>
    response.status(administration.removeRule(request.params.name) ? 204 : 404).end(),
  );
  app.get('/kind', (_request, response) => response.json(administration.kind()));
  app.put('/kind', (request, response) => {
    administration.setKind(readKind(request.body));
    response.json(administration.kind());
  });
  app.get('/counts', (_request, response) => response.json(administration.counts()));
  app.get('/refused-messages', (_request, response) => response.json(administration.refusedMessages()));
  app.get('/imbalances', async (_request, response) => response.json(await administration.imbalances()));
  app.get('/books', async (_request, response) => {
    response.type('application/x-ndjson');
    await pipeline(Readable.from(linesOf(administration.books())), response);
  });
  accountRoutes(app, administration);
  app.use((_request, response) => response.status(404).json({ fault: 'GET / says what there is' }));
  app.use(answerFaults);
  return app;
}

function accountRoutes(app: express.Express, administration: Administration): void {
  app.post('/accounts', async (request, response) => {
    response.status(201).json({ opened: await administration.openAccounts(readAccounts(request.body)) });
  });
  app.get('/accounts/:rib', async (request, response) => {
    const account = await administration.account(request.params.rib);
    response.status(account === undefined ? 404 : 200).json(account ?? { fault: 'no account with this RIB' });
  });
  app.put('/accounts/:rib/status', async (request, response) => {
    await administration.setStatus(request.params.rib, readStatus(request.body).status);
    response.status(204).end();
  });
  app.post('/accounts/:rib/fundings', async (request, response) => {
    response.json({ paidIn: await administration.fund(request.params.rib, readFunding(request.body)) });
  });
}

async function* linesOf(rows: AsyncGenerator<BookRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** A page of somewhere else whose name was made to lead here (DNS rebinding) has another Host. */
const loopbackOnly: RequestHandler = (request, response, next) => {
  if (['localhost', '127.0.0.1'].includes(request.hostname)) next();
  else response.status(403).json({ fault: 'on loopback alone' });
};

const answerFaults: ErrorRequestHandler = (fault: unknown, _request, response, _next) => {
  if (response.headersSent) return void response.destroy();
  if (fault instanceof AdministrationFault) return void response.status(400).json({ fault: fault.message });
  // Express's own, of a body that is no JSON or too large.
  const status = fault instanceof Error && 'status' in fault && typeof fault.status === 'number' ? fault.status : 500;
  response.status(status).json({ fault: status < 500 ? 'the body is no JSON, or too large' : 'the simulator failed' });
};
