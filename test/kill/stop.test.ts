import { expect, test } from 'vitest';
import { cnas, must } from '../bank.ts';
import { untilFinal } from './campaign.ts';
import { openCreditors } from './creditors.ts';
import { brokenInDatabase } from './invariants.ts';
import { openKillBank } from './kill-bank.ts';
import { startGateway } from './process.ts';
import { brokenOverApi } from './told.ts';

const leaseSeconds = 5;

test.for([
  // Its time ends before the lease does: who takes it up may only void it.
  {
    when: 'its time has passed',
    expiresInSeconds: 4,
    state: 'REJECTED',
    status: 402,
    booked: 'VOIDED',
    sent: 'IN_DOUBT',
  },
  // What is stored answers the sleeper's send: the same booking, not another.
  { when: 'there is time', expiresInSeconds: 60, state: 'SETTLED', status: 201, booked: 'MOVED', sent: 'MOVED' },
])(
  'a process that sleeps past its lease before it sends, and wakes when another has ended the debit, changes nothing: $when',
  {
    timeout: 180_000,
  },
  async ({ expiresInSeconds, state, status, booked, sent }) => {
    await using bank = await openKillBank();
    const environment = { ...bank.environment, GATEWAY_LEASE_SECONDS: String(leaseSeconds) };
    await using sleeper = startGateway({ ...bank, environment, cut: { at: 'stall-before-send', pass: 1 } });
    await using other = startGateway({ ...bank, environment });
    using toSleeper = openCreditors(bank);
    using toOther = openCreditors(bank);
    toSleeper.reach(must(await sleeper.ready).api);
    const { api, public: publicOrigin } = must(await other.ready);
    toOther.reach(api);
    const { mandateId, employerNumber } = must(bank.mandates[0]);

    const asked = toSleeper.put(cnas, '/v1/debits/STOPPED-1', {
      ...{ mandateId, employerNumber, amount: '125000.00', currency: 'DZD' },
      declaration: { reference: 'DAC-1', declaredAmount: '125000.00' },
      expiresAt: new Date(Date.now() + expiresInSeconds * 1000).toISOString(),
    });
    expect(await sleeper.line('stalled')).toBe('stalled');
    sleeper.signal('SIGSTOP');

    expect(await untilFinal(bank)).toBe(0);
    const { rows } = await bank.database.query({
      text: 'select state, outcome from debits join ledger.bookings on reference = core_reference',
    });
    expect(rows).toEqual([{ state, outcome: booked }]);
    const ended = (await toOther.get(cnas, '/v1/debits/STOPPED-1'))?.json;

    sleeper.signal('SIGCONT');
    expect(await sleeper.line('sent ')).toBe(`sent ${sent}`);
    const told = must(await asked);
    expect(told.status).toBe(status);
    expect(status === 402 ? told.json?.debit : told.json).toEqual(ended);
    sleeper.signal('SIGTERM');
    expect(await sleeper.ended).toBe('0');

    expect(await brokenInDatabase(bank)).toEqual([]);
    expect(await brokenOverApi({ bank, creditors: toOther, publicOrigin }, new Map())).toEqual([]);
    other.signal('SIGTERM');
    expect(await other.ended).toBe('0');
  },
);
