export const GROUP_TABLES: readonly string[] = [
  // The group of the error that a run has failed with. Code of before writes none: its failures are in no group.
  `ALTER TABLE dogear_runs ADD COLUMN error_group TEXT GENERATED ALWAYS AS (error ->> '$.group.id') VIRTUAL`,
  `CREATE INDEX dogear_runs_by_error_group ON dogear_runs (error_group, created_at DESC, id DESC)
    WHERE error_group IS NOT NULL`,

  // Errors of one job that are the same but for numbers, ids and times. Kept by triggers, in the transaction in which a
  // run ends, is reopened or is purged, so that nobody has to go through the runs.
  `CREATE TABLE dogear_error_groups (
    id TEXT PRIMARY KEY,
    job TEXT NOT NULL,
    -- The code of the error, or its name where it has no code.
    error TEXT NOT NULL,
    template TEXT NOT NULL,
    -- Of its newest occurrence, like the frame.
    message TEXT NOT NULL,
    frame TEXT,
    -- Its runs only steer others: no webhook hears of them.
    internal INTEGER NOT NULL DEFAULT 0,
    -- How often a run has failed with it, and how many runs are failed with it now.
    occurrences INTEGER NOT NULL DEFAULT 1,
    failed INTEGER NOT NULL DEFAULT 1,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    last_run TEXT NOT NULL,
    -- A person has seen it; its next occurrence ends that.
    dismissed_at TEXT,
    dismissed_by TEXT,
    -- A person wants to hear nothing of it until then; the cron ends that.
    muted_until TEXT,
    muted_by TEXT,
    -- The last time that it occurred after it was dismissed.
    returned_at TEXT,
    changed_at TEXT NOT NULL,
    -- How many runs were failed with it when webhooks last heard of it, and when that was.
    told INTEGER NOT NULL DEFAULT 1,
    told_at TEXT NOT NULL,
    state TEXT NOT NULL GENERATED ALWAYS AS (
      CASE WHEN muted_until IS NOT NULL THEN 'muted' WHEN failed <= 0 THEN 'resolved'
        WHEN dismissed_at IS NOT NULL THEN 'dismissed' ELSE 'open' END) VIRTUAL
  ) WITHOUT ROWID`,
  `CREATE INDEX dogear_error_groups_by_time ON dogear_error_groups (last_at DESC, id DESC)`,
  `CREATE INDEX dogear_error_groups_by_state ON dogear_error_groups (state, last_at DESC, id DESC)`,
  `CREATE INDEX dogear_error_groups_by_job ON dogear_error_groups (job, last_at DESC, id DESC)`,
  `CREATE INDEX dogear_error_groups_muted ON dogear_error_groups (muted_until) WHERE muted_until IS NOT NULL`,

  // How often a group has occurred, by the hour: 2026-11-30T05; what is old, by the day: 2026-11-30.
  `CREATE TABLE dogear_error_trend (
    group_id TEXT NOT NULL,
    at TEXT NOT NULL,
    runs INTEGER NOT NULL,
    PRIMARY KEY (group_id, at)
  ) WITHOUT ROWID`,
  `CREATE INDEX dogear_error_trend_hours ON dogear_error_trend (at) WHERE length(at) = 13`,
  `CREATE INDEX dogear_error_trend_days ON dogear_error_trend (at) WHERE length(at) = 10`,

  // The group that an alert is about, and then run_id is empty; empty for any other alert.
  `ALTER TABLE dogear_alerts ADD COLUMN error_group TEXT NOT NULL DEFAULT ''`,
  `DROP INDEX dogear_alerts_holding`,
  `CREATE UNIQUE INDEX dogear_alerts_holding ON dogear_alerts (run_id, kind, schedule, error_group) WHERE holds = 1`,
  `CREATE INDEX dogear_alerts_of_groups ON dogear_alerts (error_group) WHERE error_group <> ''`,
  `CREATE INDEX dogear_alerts_open_of_none ON dogear_alerts (id) WHERE cleared_at IS NULL AND error_group = ''`,

  // The end of a run that failed, when its group tells of it, too: only endpoints that name the event hear of it.
  `ALTER TABLE dogear_webhook_events ADD COLUMN grouped INTEGER NOT NULL DEFAULT 0`,
]
