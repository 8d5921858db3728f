import { once } from 'node:events';
import { openLog } from '../operations/log.ts';
import { openDevelopmentGateway } from './development.ts';
import { backOfficeLines } from './development-print.ts';

/** `npm start`: a whole gateway on this machine, until Ctrl-C. */
await using development = await openDevelopmentGateway({
  environment: process.env,
  log: openLog,
  identityProviderPort: 8446,
}).catch((fault: unknown) => {
  console.error(fault instanceof Error ? fault.message : 'the gateway did not start');
  process.exit(1);
});
const { gateway, certificates } = development;
console.log(`
The gateway runs.
  API (mutual TLS)    ${gateway.apiOrigin}
  public door         ${gateway.publicOrigin}     the contract, its documentation, the key set
  operations          ${gateway.operationsOrigin}     /metrics /livez /readyz
${backOfficeLines(development)}

Try it, in another terminal:
  curl --cacert ${certificates}/ca.pem --cert ${certificates}/cnas.pem --key ${certificates}/cnas-key.pem ${gateway.apiOrigin}/v1/connection

Ctrl-C stops it.
`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
