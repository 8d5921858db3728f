-- Up Migration

-- What a statement comes to on each account of the creditor's: what was credited to it, and what was given back out of it.
-- An account changes, and what was credited to the one before is given back out of that one for years: one account named
-- for a whole day would tell another bank statement than the bank's own. Counted with the statement's figures, which its
-- accounts come to; an older gateway counts none, and what it has counted is closed in the form of then.
create table statement_accounts (
  statement_id uuid not null references statements,
  account      text not null check (account ~ '^\d{20}$'),
  credits      bigint not null check (credits >= 0),
  credited     bigint not null check (credited >= 0),
  debits       bigint not null check (debits >= 0),
  debited      bigint not null check (debited >= 0),
  primary key (statement_id, account)
);
grant select, insert, update on statement_accounts to gateway_runtime;
