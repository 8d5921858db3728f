-- Up Migration

-- What is being given back at the close is told among what is open.
alter table statement_open_debits drop constraint statement_open_debits_state_check,
  add constraint statement_open_debits_state_check
    check (state in ('SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT', 'REVERSING'));
alter table statement_figures drop constraint statement_figures_figure_check,
  add constraint statement_figures_figure_check check (figure in ('SETTLED', 'REJECTED', 'CANCELLED', 'REVERSED', 'CORRECTED',
    'SCHEDULED', 'ACCEPTED', 'EXECUTING', 'IN_DOUBT', 'REVERSING'));
