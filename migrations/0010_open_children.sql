-- A purge leaves a run alone while one of its relatives is under way: only those are looked through.
CREATE INDEX runs_open_by_parent ON runs (parent) WHERE parent IS NOT NULL AND closed_at IS NULL;
