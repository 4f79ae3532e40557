-- The truth of every run. Effects are committed in the same database, in the same batch.

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  job TEXT NOT NULL,
  style TEXT NOT NULL,
  params TEXT NOT NULL,
  options TEXT NOT NULL,
  parent TEXT,
  -- What has happened: active until one commit ends it; the first end wins.
  status TEXT NOT NULL DEFAULT 'active'
    CHECK (status IN ('active', 'completed', 'failed', 'cancelled')),
  result TEXT,
  error TEXT,
  attention TEXT,
  -- The runs to start after this one, fixed by the commit that ended it.
  children TEXT NOT NULL DEFAULT '[]',
  -- What is being done about it, as the Durable Object last said; rev only grows.
  phase TEXT NOT NULL DEFAULT 'queued'
    CHECK (phase IN ('queued', 'running', 'interrupted', 'paused')),
  driving TEXT NOT NULL DEFAULT '{}',
  rev INTEGER NOT NULL DEFAULT 0,
  shown_status TEXT NOT NULL
    GENERATED ALWAYS AS (CASE status WHEN 'active' THEN phase ELSE status END) VIRTUAL,
  created_at TEXT NOT NULL,
  -- When the sweep last had a look, so that each sweep looks at others first.
  looked_at TEXT NOT NULL,
  finished_at TEXT,
  -- Set once the children exist: nothing is left to do for this run.
  closed_at TEXT
) WITHOUT ROWID;

CREATE INDEX runs_by_time ON runs (created_at DESC, id DESC);
CREATE INDEX runs_by_status ON runs (shown_status, created_at DESC, id DESC);
CREATE INDEX runs_by_job ON runs (job, created_at DESC, id DESC);
CREATE INDEX runs_by_job_status ON runs (job, shown_status, created_at DESC, id DESC);
CREATE INDEX runs_open ON runs (looked_at) WHERE closed_at IS NULL;
CREATE INDEX runs_closed ON runs (closed_at) WHERE closed_at IS NOT NULL;

-- One row per lane: who may write (fence, seq) and where the work has come to.
CREATE TABLE lanes (
  run_id TEXT NOT NULL,
  lane INTEGER NOT NULL,
  fence INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL DEFAULT 0,
  checkpoint TEXT NOT NULL DEFAULT '{"completed":[]}',
  finished INTEGER NOT NULL DEFAULT 0,
  code_version TEXT NOT NULL DEFAULT '',
  commits INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  total INTEGER,
  d1_statements INTEGER NOT NULL DEFAULT 0,
  d1_rows_read INTEGER NOT NULL DEFAULT 0,
  d1_rows_written INTEGER NOT NULL DEFAULT 0,
  touched_at TEXT NOT NULL,
  PRIMARY KEY (run_id, lane)
) WITHOUT ROWID;

-- What steps returned; given back when a resumed run skips them.
CREATE TABLE step_results (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) WITHOUT ROWID;

-- A row per commit, inserted first in its batch. held is computed from the lane at that moment: when
-- the committer is not its holder any more (or the lane is gone) the named CHECK raises, and with it
-- the whole batch is rolled back. An UPDATE of no rows would abort nothing.
CREATE TABLE ledger (
  run_id TEXT NOT NULL,
  lane INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  step TEXT,
  from_cursor TEXT,
  to_cursor TEXT,
  items INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  code_version TEXT NOT NULL,
  at TEXT NOT NULL,
  held INTEGER NOT NULL CONSTRAINT commit_guard CHECK (held = 1),
  PRIMARY KEY (run_id, lane, seq)
) WITHOUT ROWID;
