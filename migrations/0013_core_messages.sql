-- Every message about a debit that the bank's own bus was sent or answered, byte for byte, and what contradicted its
-- instruction. They hold RIBs: read and written by core-banking/iso20022/messages.sql.ts alone. Insert-only.

create table core_messages (
  -- UUIDv7, the gateway's own; of a message sent also its MsgId.
  message_id   uuid primary key,
  direction    text not null check (direction in ('SENT', 'RECEIVED')),
  -- As written or read, "pacs.003.001.08". Null where what was received can't be read, or nothing was.
  type         text check (type ~ '^[a-z]{4}\.\d{3}\.\d{3}\.\d{2}$'),
  -- The message sent that it answers. One that is answered by nothing was cut off by the gateway's own end.
  answers      uuid references core_messages,
  -- Just before it was sent, or when it was there whole, or when it was clear that it would not come.
  exchanged_at timestamptz not null default clock_timestamp(),
  -- ANSWERED, or how it failed.
  outcome      text check (outcome in ('ANSWERED', 'UNREADABLE', 'HTTP_STATUS', 'TOO_LARGE', 'TIMED_OUT', 'BROKEN_OFF', 'NOT_CONNECTED', 'NOT_SENT')),
  http_status  integer check (http_status between 100 and 999),
  body         bytea,
  check (case direction when 'SENT' then answers is null and outcome is null and type is not null and body is not null
                        else answers is not null and outcome is not null end)
);
-- One exchange has one end.
create unique index core_messages_answers on core_messages (answers) where answers is not null;

-- What a message sent is about. With amount and accounts it is an instruction: what later answers are held against.
create table core_message_references (
  message_id uuid not null references core_messages,
  reference  text not null check (reference ~ '^[A-Z2-7]{32}$'),
  amount     bigint check (amount > 0),
  debtor     text check (debtor ~ '^\d{20}$'),
  creditor   text check (creditor ~ '^\d{20}$'),
  primary key (message_id, reference),
  check ((amount is null) = (debtor is null) and (amount is null) = (creditor is null))
);
create index core_messages_of_reference on core_message_references (reference, message_id);

-- What of an answer contradicts its instruction: never believed, and a contradiction of the debit.
create table core_message_differences (
  message_id uuid not null references core_messages,
  reference  text not null check (reference ~ '^[A-Z2-7]{32}$'),
  difference text not null check (difference in ('OTHER_AMOUNT', 'OTHER_CURRENCY', 'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME')),
  primary key (message_id, reference, difference)
);

grant select, insert on core_messages, core_message_references, core_message_differences to gateway_runtime;

alter table contradictions
  drop constraint contradictions_kind_check,
  add constraint contradictions_kind_check check (kind in ('MOVED_AFTER_REJECTION', 'MOVED_AFTER_CANCELLATION', 'OTHER_BOOKING',
    'OTHER_AMOUNT', 'OTHER_CURRENCY', 'OTHER_ACCOUNT', 'OTHER_REFERENCE', 'OTHER_OUTCOME', 'REFUSED_AFTER_SETTLEMENT')),
  -- The answer that was quarantined, where the bus's messages are kept.
  add column message_id uuid references core_messages;
