import type { Queryable } from '../../src/database/queryable.ts';

/**
 * A receiver that takes events and one that has not answered for days, with what every event came to: laid after the
 * gateway itself has numbered them, since it would push what waits.
 */
export async function fillPushes(owner: Queryable): Promise<void> {
  for (const text of [webhooks, deliveries]) await owner.query({ text });
  await owner.query({ text: 'analyze' });
}

const webhooks = `
  insert into webhooks (webhook_id, creditor_code, url, digest, asked_at, request_jti, state, state_since, registered_at, failures,
    failing_since, probe_at, received_at, tried_at, answer)
  select gen_random_uuid(), creditor, 'https://receiver.invalid/events', repeat('0', 64), now() - interval '400 days', 'webhook', state,
         now() - interval '3 days', now() - interval '399 days', failures, case when failures > 0 then now() - interval '3 days' end,
         case when failures > 0 then now() + interval '1 day' end, now() - interval '3 days', now(), 'timed-out'
    from (values ('CNAS', 'PAUSED', 20), ('CACOBATPH', 'ACTIVE', 0)) as receiver (creditor, state, failures)`;

/** Of the one that does not answer the last fifth waits; of both some were read in the feed and some given up. */
const deliveries = `
  insert into event_deliveries (creditor_code, epoch, sequence, lane, state, attempts, next_at, first_at, tried_at, ended_at, answer)
  select creditor_code, epoch, sequence, coalesce(subject_id, '00000000-0000-0000-0000-000000000000'), state,
         case when state = 'DEAD' then 12 else 1 end, now() + interval '1 day', now(), now(), case when state <> 'WAITING' then now() end,
         case state when 'DELIVERED' then '204' else 'timed-out' end
    from events join event_counts using (creditor_code, epoch),
         lateral (select case when creditor_code = 'CNAS' and sequence > last * 4 / 5 then 'WAITING' when sequence % 500 = 7 then 'DEAD'
                              when sequence % 50 = 3 then 'READ' else 'DELIVERED' end as state) as ends`;
