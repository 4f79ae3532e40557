-- State that a job declares and the engine keeps with the checkpoint, in the cursor's encoding.
ALTER TABLE lanes ADD COLUMN attributes TEXT;

-- How often the run has started over. A round's commits tile its range for themselves.
ALTER TABLE lanes ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN round INTEGER NOT NULL DEFAULT 0;

-- Items that were recorded as failed and passed over, under the job's tolerance.
CREATE TABLE skips (
  run_id TEXT NOT NULL,
  lane INTEGER NOT NULL,
  -- The seq of the commit that passed over it, and its place among those of that commit.
  seq INTEGER NOT NULL,
  position INTEGER NOT NULL,
  step TEXT NOT NULL,
  cursor TEXT,
  -- Where the walk stood before the item: a walk built there yields it first.
  before_cursor TEXT,
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  skipped_at TEXT NOT NULL,
  PRIMARY KEY (run_id, lane, seq, position)
) WITHOUT ROWID;

-- Who has started a run: a fan-in looks at all of its children.
CREATE INDEX runs_by_parent ON runs (parent, created_at, id) WHERE parent IS NOT NULL;
