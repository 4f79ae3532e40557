/** The tables of the engine, as of version 1. Columns stand in the order in which `migrations/` has left them. */
export const RUN_TABLES: readonly string[] = [
  // The truth of every run. Effects are committed in the same database, in the same batch.
  `CREATE TABLE dogear_runs (
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
    closed_at TEXT,
    -- What a failed run is found by: the code of its error, or its name where it has no code.
    error_key TEXT
      GENERATED ALWAYS AS (coalesce(error ->> '$.code', error ->> '$.name')) VIRTUAL,
    reopened_at TEXT
  ) WITHOUT ROWID`,

  // One row per lane: who may write (fence, seq) and where the work has come to.
  `CREATE TABLE dogear_lanes (
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
    -- State that a job declares and the engine keeps with the checkpoint, in the cursor's encoding.
    attributes TEXT,
    -- How often the run has started over. A round's commits tile its range for themselves.
    round INTEGER NOT NULL DEFAULT 0,
    -- Commits that took the run further. Attempts are counted from the last of them.
    progress INTEGER NOT NULL DEFAULT 0,
    -- Which raise holds the lane: unlike a seq it never comes again, even when D1 is put back to an earlier time.
    token TEXT,
    PRIMARY KEY (run_id, lane)
  ) WITHOUT ROWID`,

  // What steps returned; given back when a resumed run skips them.
  `CREATE TABLE dogear_step_results (
    run_id TEXT NOT NULL,
    step TEXT NOT NULL,
    result TEXT NOT NULL,
    -- The commit that stored the result: one that was replaced or forgotten since is known by its absence.
    seq INTEGER,
    PRIMARY KEY (run_id, step)
  ) WITHOUT ROWID`,

  // A row per commit, inserted first in its batch. `held` is computed from the lane at that moment: when the
  // committer is not its holder any more (or the lane is gone) the named CHECK raises, and with it the whole
  // batch is rolled back. An UPDATE of no rows would abort nothing.
  `CREATE TABLE dogear_ledger (
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
    round INTEGER NOT NULL DEFAULT 0,
    -- What a fork of a commit begins with, as JSON; NULL where it would be too large.
    state TEXT,
    PRIMARY KEY (run_id, lane, seq)
  ) WITHOUT ROWID`,

  // Items that were recorded as failed and passed over, under the job's tolerance.
  `CREATE TABLE dogear_skips (
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
    -- A digest of the item; NULL where the cursor alone says which item it is.
    item TEXT,
    PRIMARY KEY (run_id, lane, seq, position)
  ) WITHOUT ROWID`,
]
