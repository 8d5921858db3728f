import { expect, test } from 'vitest';
import { cnas } from '../../test/bank.ts';
import { sealAll, tamper } from '../../test/journal.ts';
import { hidhab, openMandateBank } from '../../test/mandates.ts';
import { eventToken } from './event-token.ts';
import { selectEventsAfter } from './events.sql.ts';
import { numberSealed } from './number.ts';

test.for([
  ['CREDITOR', true, true],
  ['CREDITOR', false, false],
  ['BANK', true, undefined],
] as const)(
  'of a mandate that the %s opened, handed over %s: the certificate comes with the event %s',
  async ([origin, handOver, comes]) => {
    await using bank = await openMandateBank();
    const mandateId = await bank.certified();
    await tamper(bank.db, `update mandates set origin = '${origin}', hand_over = ${handOver}`);
    await sealAll(bank.db);
    await numberSealed({ pool: bank.pool });
    const events = await selectEventsAfter(bank.pool, cnas, { epoch: 0, sequence: 0 }, 10);
    const certified = events.find(({ kind }) => kind === 'mandate.certified');
    // Undefined: nothing is told of it before its certificate was shown.
    if (comes === undefined) return expect(events).toEqual([]);
    if (certified === undefined) return expect.fail('it is told');
    const { claims } = eventToken(certified);
    expect(claims).toMatchObject({ mandateId, from: 'PENDING_CERTIFICATION', to: 'CERTIFIED', side: 'BANK' });
    expect(claims.certificate).toBe(comes ? await bank.token(mandateId) : undefined);
    const { certificate: _certificate, ...others } = claims;
    for (const secret of [hidhab.rib, hidhab.nameFr, hidhab.nameAr])
      expect(JSON.stringify(others)).not.toContain(secret);
  },
);
