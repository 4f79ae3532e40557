-- What a fork of a commit begins with, as JSON: the run's state after it. NULL where nothing was kept:
-- in rows that are older than this column, and where it would be too large.
ALTER TABLE ledger ADD COLUMN state TEXT;

-- The commit that stored the result: one that was replaced or forgotten since is known by its absence.
ALTER TABLE step_results ADD COLUMN seq INTEGER;
