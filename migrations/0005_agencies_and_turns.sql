-- Up Migration

-- The agency that holds the account, as the RIB names it: staff see the employers of their agencies.
alter table mandate_debtors add column agency_code text not null generated always as (substr(rib, 4, 5)) stored;
create index debtors_of_agency on mandate_debtors (agency_code, mandate_id);

-- Debits of the chain that were sent and may still be refused for funds: with the refusals of the day never more than a
-- day allows, so that debits asked for at once can't bisect a balance either. Read from the row that is locked, since a
-- count over debits would miss those that committed during the wait. One that has ended is dropped by who comes next.
alter table mandate_usage add column under_way uuid[] not null default '{}';
