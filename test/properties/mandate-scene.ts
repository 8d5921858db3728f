import { expect } from 'vitest';
import { acceptMandate } from '../../src/mandates/accept.ts';
import type { TypedRequest } from '../../src/mandates/authorisation-request.ts';
import { changeDraft } from '../../src/mandates/change.ts';
import type { WriteOutcome } from '../../src/mandates/creditor-write.ts';
import { enterMandate } from '../../src/mandates/enter.ts';
import { expiryWork } from '../../src/mandates/expire.ts';
import { type MandateState, stateOn, statesBefore } from '../../src/mandates/mandate.ts';
import { openRequest } from '../../src/mandates/open-request.ts';
import { refuseMandate } from '../../src/mandates/refuse.ts';
import { resumeForCreditor } from '../../src/mandates/resume.ts';
import { revokeForCreditor } from '../../src/mandates/revoke.ts';
import { sendMandateBack } from '../../src/mandates/send-back.ts';
import { submitMandate } from '../../src/mandates/submit.ts';
import { suspendForCreditor } from '../../src/mandates/suspend.ts';
import { addDays, algiersDay, type Day } from '../../src/values/dates.ts';
import type { MandateId } from '../../src/values/ids.ts';
import {
  hidhab,
  type MandateBank,
  morning,
  officer,
  openMandateBank,
  resumeForBank,
  revokeForBank,
  signedRequest,
  supervisor,
  suspendForBank,
} from '../mandates.ts';
import { type BySide, type ByStaff, type MandateAct, mostMandates, validDays } from './mandate-model.ts';

/** One employer's mandates, in the order in which they were entered. */
export type MandateScene = { bank: MandateBank; mandates: MandateId[] };

/** The bank is one for all the scenes of a test; each begins on the same morning. */
export async function openMandateScenes(): Promise<
  AsyncDisposable & { next: (opened: boolean) => Promise<MandateScene> }
> {
  const bank = await openMandateBank();
  let run = 0;
  return {
    async next(opened) {
      run += 1;
      bank.setNow(morning);
      const first = opened ? await open(bank, run) : await enter(bank, undefined);
      return { bank, mandates: [first ?? expect.fail('the first one has faults')] };
    },
    [Symbol.asyncDispose]: () => bank[Symbol.asyncDispose](),
  };
}

const typed = (bank: MandateBank): TypedRequest => ({
  ...hidhab,
  validFrom: algiersDay(bank.desk.now()),
  validTo: addDays(algiersDay(bank.desk.now()), validDays),
});

async function open(bank: MandateBank, run: number): Promise<MandateId | undefined> {
  const { creditor: _, ...asked } = typed(bank);
  const request = signedRequest(bank.desk.now());
  const opened = await openRequest(bank.desk, {
    reference: `REQ-${run}`,
    asked: { ...asked, creditor: 'CNAS' },
    request,
  });
  return opened.outcome === 'OPENED' ? opened.mandate.mandateId : undefined;
}

async function enter(bank: MandateBank, replaces: MandateId | undefined): Promise<MandateId | undefined> {
  const why = replaces && { replaces, replaceReason: 'ceilings-changed', replaceRemark: 'New form of the employer' };
  const request = { typed: { ...typed(bank), ...why }, by: officer, from: '192.0.2.7' };
  const entered = await enterMandate(bank.desk, request);
  return entered.outcome === 'ENTERED' ? entered.mandateId : undefined;
}

/** Does it, and says what was answered. */
export async function performOn(scene: MandateScene, act: MandateAct): Promise<string> {
  const { bank, mandates } = scene;
  if (act.act === 'wait') {
    bank.setNow(new Date(bank.desk.now().getTime() + act.days * 86_400_000));
    return act.act;
  }
  if (act.act === 'expire') {
    const work = expiryWork({ db: bank.pool, now: bank.desk.now });
    await work.run(await work.due(1_000));
    return act.act;
  }
  const mandateId = mandates.at(act.which);
  if (mandateId === undefined || (act.act === 'replace' && mandates.length === mostMandates)) return 'NONE';
  switch (act.act) {
    case 'replace': {
      const entered = await enter(bank, mandateId);
      if (entered !== undefined) mandates.push(entered);
      return entered === undefined ? 'FAULTS' : 'ENTERED';
    }
    case 'accept': {
      const { mandate } = await bank.file(mandateId);
      const certificate = mandate.certifiedAt === undefined ? 'NONE' : 'THIS';
      return (await acceptMandate(bank.desk, { mandateId, request: signedRequest(bank.desk.now()), certificate }))
        .outcome;
    }
    case 'suspend':
    case 'resume':
    case 'revoke':
      return act.side === 'bank' ? forBank(bank, mandateId, act) : forCreditor(bank, mandateId, act);
    case 'change':
    case 'submit':
    case 'send-back':
    case 'refuse':
    case 'certify':
      return byStaff(bank, mandateId, act);
  }
}

async function byStaff(bank: MandateBank, mandateId: MandateId, { act, by }: ByStaff): Promise<string> {
  const acting = { mandateId, by, from: '192.0.2.7', remark: 'Test' };
  switch (act) {
    case 'change':
      return (await changeDraft(bank.desk, { ...acting, typed: { phone: '+213716480895' } })).outcome;
    case 'submit':
      return (await submitMandate(bank.desk, acting)).outcome;
    case 'send-back':
      return (await sendMandateBack(bank.desk, acting)).outcome;
    case 'refuse':
      return (await refuseMandate(bank.desk, acting)).outcome;
    case 'certify':
      return (await bank.certify(mandateId, { by })).outcome;
  }
}

const bankActs = { suspend: suspendForBank, resume: resumeForBank, revoke: revokeForBank };
const creditorActs = { suspend: suspendForCreditor, resume: resumeForCreditor, revoke: revokeForCreditor };

const forBank = async ({ desk }: MandateBank, mandateId: MandateId, { act }: BySide): Promise<string> =>
  (await bankActs[act](desk, { mandateId, by: supervisor, from: '192.0.2.7', remark: 'Test' })).outcome;

async function forCreditor({ desk }: MandateBank, mandateId: MandateId, { act }: BySide): Promise<string> {
  const write = { mandateId, request: signedRequest(desk.now()), reason: undefined };
  const written: WriteOutcome = await creditorActs[act](desk, write);
  return written.outcome;
}

/** What holds of each today: its state, and who suspends it. */
export async function standing({ bank, mandates }: MandateScene): Promise<string[]> {
  const { rows } = await bank.db.owner.query<StandingRow>(
    `select state, state_since, valid_to, array_remove(array[case when suspended_by_bank then 'bank' end,
              case when suspended_by_creditor then 'creditor' end], null) as suspended_by
       from unnest($1::uuid[]) with ordinality as named (mandate_id, position) join mandates using (mandate_id) order by position`,
    [mandates],
  );
  return rows.map(({ state, state_since: stateSince, valid_to: validTo, suspended_by }) => {
    const today = stateOn({ state, stateSince, validTo }, algiersDay(bank.desk.now()));
    return [today, ...(today === 'SUSPENDED' ? suspended_by : [])].join(' ');
  });
}

type StandingRow = { state: MandateState; state_since: Date; valid_to: Day; suspended_by: string[] };

/** What must hold of an employer's mandates, whatever was done in whatever order. */
export async function expectSoundChain({ bank, mandates }: MandateScene): Promise<void> {
  const { rows } = await bank.db.owner.query<{
    state: MandateState;
    checked: boolean;
    followed: boolean;
    certificates: number;
  }>(
    `select state, certified_by is null or certified_by <> all (makers) as checked,
            exists (select from journal j join mandates next on next.mandate_id::text = j.detail ->> 'replacedBy'
                     where j.subject_id = m.mandate_id and next.accepted_at is not null) as followed,
            (select count(*)::int from tokens where subject_id = m.mandate_id and kind = 'mandate-certificate+jwt') as certificates
       from mandates m where mandate_id = any ($1::uuid[])`,
    [mandates],
  );
  expect(rows.filter(({ state }) => state === 'ACTIVE' || state === 'SUSPENDED').length).toBeLessThanOrEqual(1);
  for (const { state, checked, followed, certificates } of rows) {
    expect(checked).toBe(true);
    if (state === 'REPLACED') expect(followed).toBe(true);
    const uncertified = state === 'DRAFT' || state === 'PENDING_CERTIFICATION' || state === 'REFUSED';
    if (state !== 'EXPIRED') expect(certificates).toBe(uncertified ? 0 : 1);
  }
  for (const mandateId of mandates) await expectLegalLife(bank, mandateId);
}

/** The journal tells a way through the table of states, step by step, that ends in the state that is stored. */
async function expectLegalLife({ db }: MandateBank, mandateId: MandateId): Promise<void> {
  const { rows } = await db.owner.query<{
    from_state: MandateState | null;
    to_state: MandateState;
    stored: MandateState;
  }>(
    `select from_state, to_state, state as stored from journal join mandates on mandate_id = subject_id
      where subject_id = $1 and to_state is not null and from_state is distinct from to_state order by entry_id`,
    [mandateId],
  );
  expect(rows[0]).toMatchObject({ from_state: null, to_state: 'DRAFT' });
  for (const [before, { from_state, to_state }] of rows.slice(1).entries()) {
    expect(from_state).toBe(rows[before]?.to_state);
    expect(statesBefore(to_state)).toContain(from_state);
  }
  expect(rows.at(-1)?.to_state).toBe(rows[0]?.stored);
}
