-- What people call their runs: by it, a list finds them. The time is repeated here, so that the runs of a
-- label are read in the order of lists, without sorting.
CREATE TABLE run_labels (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  created_at TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (name, value, created_at, run_id)
) WITHOUT ROWID;

CREATE INDEX run_labels_by_run ON run_labels (run_id);
