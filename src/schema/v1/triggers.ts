/**
 * The triggers of version 1: those who listen to the engine keep their rows in the transaction of the change itself.
 */
export const TRIGGERS: readonly string[] = [
  `CREATE TRIGGER dogear_runs_count_new AFTER INSERT ON dogear_runs BEGIN
    INSERT INTO dogear_run_counts (job, status, runs) VALUES (NEW.job, NEW.shown_status, 1)
    ON CONFLICT (job, status) DO UPDATE SET runs = runs + 1;
  END`,

  `CREATE TRIGGER dogear_runs_count_changed AFTER UPDATE OF status, phase ON dogear_runs
  WHEN OLD.shown_status <> NEW.shown_status BEGIN
    UPDATE dogear_run_counts SET runs = runs - 1 WHERE job = OLD.job AND status = OLD.shown_status;
    INSERT INTO dogear_run_counts (job, status, runs) VALUES (NEW.job, NEW.shown_status, 1)
    ON CONFLICT (job, status) DO UPDATE SET runs = runs + 1;
  END`,

  `CREATE TRIGGER dogear_runs_count_gone AFTER DELETE ON dogear_runs BEGIN
    UPDATE dogear_run_counts SET runs = runs - 1 WHERE job = OLD.job AND status = OLD.shown_status;
  END`,

  // A run under way that asks for a look, and one that does not any more. Its index row says so.
  `CREATE TRIGGER dogear_runs_ask_for_attention AFTER UPDATE OF driving ON dogear_runs
  WHEN NEW.status = 'active' AND NEW.driving ->> '$.attention' IS NOT NULL
    AND OLD.driving ->> '$.attention' IS NOT NEW.driving ->> '$.attention' BEGIN
    INSERT OR IGNORE INTO dogear_alerts (run_id, job, kind, message, raised_at)
    VALUES (NEW.id, NEW.job, 'attention', NEW.driving ->> '$.attention', NEW.driving ->> '$.updatedAt');
  END`,

  `CREATE TRIGGER dogear_runs_need_no_attention AFTER UPDATE OF driving ON dogear_runs
  WHEN NEW.status = 'active' AND NEW.driving ->> '$.attention' IS NULL
    AND OLD.driving ->> '$.attention' IS NOT NULL BEGIN
    UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.driving ->> '$.updatedAt')
    WHERE run_id = NEW.id AND kind = 'attention' AND holds = 1;
  END`,

  // A run that had ended and was not closed for long is, at last.
  `CREATE TRIGGER dogear_runs_tell_closed AFTER UPDATE OF closed_at ON dogear_runs
  WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL BEGIN
    UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.closed_at)
    WHERE run_id = NEW.id AND kind = 'stalled' AND holds = 1;
  END`,

  `CREATE TRIGGER dogear_runs_note_completed AFTER UPDATE OF status ON dogear_runs
  WHEN NEW.status = 'completed' AND OLD.status <> 'completed' BEGIN
    INSERT INTO dogear_jobs_last_completed (job, completed_at)
    VALUES (NEW.job, coalesce(NEW.finished_at, NEW.created_at))
    ON CONFLICT (job) DO UPDATE SET completed_at = max(completed_at, excluded.completed_at);
  END`,

  // A run that goes on after its end: what its end was told for does not hold any more.
  `CREATE TRIGGER dogear_runs_clear_alerts AFTER UPDATE OF status ON dogear_runs
  WHEN OLD.status <> 'active' AND NEW.status = 'active' BEGIN
    UPDATE dogear_alerts SET holds = 0,
      cleared_at = coalesce(cleared_at, NEW.reopened_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    WHERE run_id = NEW.id AND kind IN ('failed', 'attention') AND holds = 1;
  END`,

  // A run that is purged.
  `CREATE TRIGGER dogear_runs_forget_alerts AFTER DELETE ON dogear_runs BEGIN
    DELETE FROM dogear_alerts WHERE run_id = OLD.id;
    DELETE FROM dogear_runs_to_judge WHERE run_id = OLD.id;
  END`,

  `CREATE TRIGGER dogear_runs_forget_deliveries AFTER DELETE ON dogear_runs BEGIN
    DELETE FROM dogear_webhook_deliveries WHERE run_id = OLD.id;
  END`,

  // Webhooks get an alert as it is raised, and a failure as the end of the run that it is.
  `CREATE TRIGGER dogear_alerts_tell AFTER INSERT ON dogear_alerts
  WHEN NEW.kind <> 'failed'
    AND NOT EXISTS (SELECT 1 FROM dogear_runs WHERE id = NEW.run_id AND options ->> '$.internal' IS NOT NULL) BEGIN
    INSERT INTO dogear_webhook_events (id, type, job, run_id, at, alert_id)
    VALUES (lower(hex(randomblob(16))),
      CASE NEW.kind WHEN 'skip_rate' THEN 'run.over_skip_rate' WHEN 'budget' THEN 'run.over_budget'
        ELSE 'run.' || NEW.kind END,
      NEW.job, NEW.run_id, NEW.raised_at, NEW.id);
  END`,

  // A run that ends. What held while it was under way does not hold any more. Nothing here may make the end itself
  // fail, so what is there already is left as it is. One trigger for alerts and webhooks: SQLite promises no order
  // of triggers, and a failure is told with its alert.
  `CREATE TRIGGER dogear_runs_tell_end AFTER UPDATE OF status ON dogear_runs
  WHEN OLD.status = 'active' AND NEW.status <> 'active' BEGIN
    UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.finished_at)
    WHERE run_id = NEW.id AND kind IN ('stalled', 'attention') AND holds = 1;

    INSERT OR IGNORE INTO dogear_alerts (run_id, job, kind, message, raised_at)
    SELECT NEW.id, NEW.job, 'failed', coalesce(NEW.error ->> '$.message', 'failed'),
      coalesce(NEW.finished_at, NEW.created_at)
    WHERE NEW.status = 'failed';

    INSERT OR IGNORE INTO dogear_alerts (run_id, job, kind, message, raised_at)
    SELECT NEW.id, NEW.job, 'attention', NEW.attention, coalesce(NEW.finished_at, NEW.created_at)
    WHERE NEW.attention IS NOT NULL;

    INSERT INTO dogear_webhook_events (id, type, job, run_id, at, ending, alert_id)
    SELECT lower(hex(randomblob(16))), 'run.' || NEW.status, NEW.job, NEW.id,
      coalesce(NEW.finished_at, NEW.created_at),
      json_object('status', NEW.status, 'error', json(NEW.error), 'attention', NEW.attention,
        'finishedAt', NEW.finished_at),
      (SELECT id FROM dogear_alerts
       WHERE run_id = NEW.id AND kind = 'failed' AND holds = 1 AND NEW.status = 'failed')
    WHERE NEW.options ->> '$.internal' IS NULL;

    INSERT OR IGNORE INTO dogear_runs_to_judge (run_id)
    SELECT NEW.id WHERE NEW.options ->> '$.alerts' IS NOT NULL
      OR EXISTS (SELECT 1 FROM dogear_alerts
        WHERE run_id = NEW.id AND kind NOT IN ('failed', 'attention') AND holds = 1);
  END`,
]
