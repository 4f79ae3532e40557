/** Version 3: schedules have a history, can be paused, and an alert may be about one of them. */
export const SCHEDULE_HISTORY: readonly string[] = [
  // Every tick of a schedule that something was decided about, or that was found missed.
  `CREATE TABLE dogear_schedule_ticks (
    schedule TEXT NOT NULL,
    tick TEXT NOT NULL,
    -- One of waiting, ran, failed, skipped and missed.
    outcome TEXT NOT NULL,
    -- The run that it started; of one that was skipped, the run that was still at work.
    run_id TEXT,
    -- Why its run could not be started, as JSON.
    error TEXT,
    -- A person asked for it, and not the clock.
    by_hand INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (schedule, tick)
  ) WITHOUT ROWID`,
  // What is old is removed, whatever schedule it was of.
  `CREATE INDEX dogear_schedule_ticks_by_time ON dogear_schedule_ticks (tick)`,

  // The first of the ticks in a row whose run could not be started.
  `ALTER TABLE dogear_schedules ADD COLUMN failing_since TEXT`,
  // When a person paused it; its ticks start nothing until somebody resumes it.
  `ALTER TABLE dogear_schedules ADD COLUMN paused_at TEXT`,

  // The schedule that an alert is about, and then run_id is empty; empty for an alert about a run.
  `ALTER TABLE dogear_alerts ADD COLUMN schedule TEXT NOT NULL DEFAULT ''`,
  `DROP INDEX dogear_alerts_holding`,
  `CREATE UNIQUE INDEX dogear_alerts_holding ON dogear_alerts (run_id, kind, schedule) WHERE holds = 1`,
  // No run takes these along when it is purged.
  `CREATE INDEX dogear_alerts_of_schedules ON dogear_alerts (cleared_at) WHERE schedule <> ''`,

  // Webhooks get an alert as it is raised, and a failure as the end of the run that it is.
  `DROP TRIGGER dogear_alerts_tell`,
  `CREATE TRIGGER dogear_alerts_tell AFTER INSERT ON dogear_alerts
  WHEN NEW.kind <> 'failed'
    AND NOT EXISTS (SELECT 1 FROM dogear_runs WHERE id = NEW.run_id AND options ->> '$.internal' IS NOT NULL) BEGIN
    INSERT INTO dogear_webhook_events (id, type, job, run_id, at, alert_id)
    VALUES (lower(hex(randomblob(16))),
      CASE NEW.kind WHEN 'skip_rate' THEN 'run.over_skip_rate' WHEN 'budget' THEN 'run.over_budget'
        WHEN 'schedule_failed' THEN 'schedule.failed' ELSE 'run.' || NEW.kind END,
      NEW.job, NEW.run_id, NEW.raised_at, NEW.id);
  END`,
]
