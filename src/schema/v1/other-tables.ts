/** The tables of those who listen to the engine, as of version 1. */
export const OTHER_TABLES: readonly string[] = [
  // What slices have counted, added up. The truth of a run is in its own rows; this is for graphs and alerts.
  `CREATE TABLE dogear_metrics (
    name TEXT NOT NULL,
    -- What the figure is split by: a reason, an outcome, a bucket's bound, a minute. '' when by nothing.
    label TEXT NOT NULL,
    job TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name, label, job)
  ) WITHOUT ROWID`,

  // How many runs there are of each job in each status, kept by triggers, so that nobody has to count the runs.
  `CREATE TABLE dogear_run_counts (
    job TEXT NOT NULL,
    status TEXT NOT NULL,
    runs INTEGER NOT NULL,
    PRIMARY KEY (job, status)
  ) WITHOUT ROWID`,

  // Runs that start by the clock: how far each schedule has come. What it does is declared in code.
  `CREATE TABLE dogear_schedules (
    name TEXT PRIMARY KEY,
    -- The expression and time zone that last_tick was reckoned by.
    cron TEXT NOT NULL,
    -- The newest tick about which it is decided what to do; at first the time the schedule was first seen.
    last_tick TEXT NOT NULL,
    -- A tick whose run is to be started: decided first, started then, so that no crash loses it.
    waiting_tick TEXT,
    last_run TEXT,
    last_run_tick TEXT,
    last_skipped_tick TEXT,
    started INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    -- Why the newest run could not be started, as JSON.
    error TEXT
  ) WITHOUT ROWID`,

  // Who has changed what through the API: a row per request, written before it is done.
  `CREATE TABLE dogear_audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    how TEXT NOT NULL,
    -- The route, and what was asked of it, without params.
    action TEXT NOT NULL,
    run TEXT,
    detail TEXT NOT NULL,
    -- Of the answer; NULL until there is one.
    status INTEGER
  )`,

  // One of two parts of the key that signs sessions; the other is the digest of the session's token.
  `CREATE TABLE dogear_session_secret (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    secret BLOB NOT NULL
  )`,

  // What people call their runs. The time is repeated here, so that the runs of a label are read in the order of
  // lists, without sorting.
  `CREATE TABLE dogear_run_labels (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at TEXT NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (name, value, created_at, run_id)
  ) WITHOUT ROWID`,

  // Runs that have ended and whose job sets limits: the cron judges them a last time.
  `CREATE TABLE dogear_runs_to_judge (
    run_id TEXT PRIMARY KEY
  ) WITHOUT ROWID`,

  // The outbox: written in the transaction in which an event came about, and removed in the one that makes its
  // deliveries.
  `CREATE TABLE dogear_webhook_events (
    seq INTEGER PRIMARY KEY,
    -- What receivers know it by.
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    job TEXT NOT NULL,
    run_id TEXT NOT NULL,
    at TEXT NOT NULL,
    -- How the run ended, as JSON: it may be reopened before it is told.
    ending TEXT,
    alert_id INTEGER
  )`,

  // An event on its way to one endpoint.
  `CREATE TABLE dogear_webhook_deliveries (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    type TEXT NOT NULL,
    -- NULL: a test.
    run_id TEXT,
    at TEXT NOT NULL,
    ending TEXT,
    alert_id INTEGER,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'given_up')),
    -- Counted when one begins, so that one that is cut off counts, too.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- When it is due. Whoever sends it moves this on first, so that others leave it alone meanwhile.
    next_at TEXT NOT NULL,
    -- The end of patience.
    give_up_at TEXT NOT NULL,
    last_error TEXT,
    created_at TEXT NOT NULL,
    delivered_at TEXT
  )`,

  // When a job has completed last, also when its runs are purged.
  `CREATE TABLE dogear_jobs_last_completed (
    job TEXT PRIMARY KEY,
    completed_at TEXT NOT NULL
  ) WITHOUT ROWID`,

  // What a person should look at: a row for each time that something about a run was so.
  `CREATE TABLE dogear_alerts (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    job TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    raised_at TEXT NOT NULL,
    -- When it was no longer so, or a person had seen it.
    cleared_at TEXT,
    -- It is still so. One that a person has dismissed is not raised again while it is.
    holds INTEGER NOT NULL DEFAULT 1
  )`,
]
