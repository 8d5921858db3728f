-- Up Migration

-- What the alert of books that differ looks at: of all the comparisons there ever were, the few that found something.
create index comparisons_that_differ on book_comparisons (day, attempt) where differences > 0;
