-- Alerts of any kind: which kinds there are the code knows, so that another one needs no migration. A CHECK goes
-- only with its table. Its rows wait in another one meanwhile: a table that is renamed would take the triggers of
-- the runs, which name it, along.
CREATE TABLE dogear_alerts_kept AS
SELECT id, run_id, job, kind, message, raised_at, cleared_at, holds FROM dogear_alerts;
DROP TABLE dogear_alerts;

-- What a person should look at: a row for each time that something about a run was so. Kept by triggers in
-- the transaction of the change itself, and by the cron, which judges the runs under way.
CREATE TABLE dogear_alerts (
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
);

INSERT INTO dogear_alerts (id, run_id, job, kind, message, raised_at, cleared_at, holds)
SELECT id, run_id, job, kind, message, raised_at, cleared_at, holds FROM dogear_alerts_kept;
DROP TABLE dogear_alerts_kept;

CREATE UNIQUE INDEX dogear_alerts_holding ON dogear_alerts (run_id, kind) WHERE holds = 1;
CREATE INDEX dogear_alerts_by_run ON dogear_alerts (run_id);
CREATE INDEX dogear_alerts_by_kind ON dogear_alerts (kind);
CREATE INDEX dogear_alerts_open ON dogear_alerts (id) WHERE cleared_at IS NULL;
CREATE INDEX dogear_alerts_open_by_kind ON dogear_alerts (kind, id) WHERE cleared_at IS NULL;

-- Webhooks get an alert as it is raised, and a failure as the end of the run that it is.
CREATE TRIGGER dogear_alerts_tell AFTER INSERT ON dogear_alerts
WHEN NEW.kind <> 'failed'
  AND NOT EXISTS (SELECT 1 FROM dogear_runs WHERE id = NEW.run_id AND options ->> '$.internal' IS NOT NULL) BEGIN
  INSERT INTO dogear_webhook_events (id, type, job, run_id, at, alert_id)
  VALUES (lower(hex(randomblob(16))),
    CASE NEW.kind WHEN 'skip_rate' THEN 'run.over_skip_rate' WHEN 'budget' THEN 'run.over_budget'
      ELSE 'run.' || NEW.kind END,
    NEW.job, NEW.run_id, NEW.raised_at, NEW.id);
END;

-- The cron judges an ended run once more when its job says anything about alerts, or has one that the cron raised:
-- so an alert of any kind is cleared when it was over.
DROP TRIGGER dogear_runs_tell_end;

-- A run that ends. What held while it was under way does not hold any more. Nothing here may make the end
-- itself fail, so what is there already is left as it is. One trigger for alerts and webhooks: SQLite promises
-- no order of triggers, and a failure is told with its alert.
CREATE TRIGGER dogear_runs_tell_end AFTER UPDATE OF status ON dogear_runs
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
END;
