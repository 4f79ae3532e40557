-- The engine's statements name the engine's tables only: those who listen keep their own rows, by triggers in
-- the transaction of the change itself.

-- When a run was last reopened: alerts that are cleared by it say so.
ALTER TABLE runs ADD COLUMN reopened_at TEXT;

-- Runs that only serve the Worker itself carry the mark `internal`; those of before get it here.
UPDATE runs SET options = json_set(options, '$.internal', json('true')) WHERE job = 'steer-runs';

DROP TRIGGER runs_tell_end;
DROP TRIGGER alerts_tell;

-- A run that ends. What held while it was under way does not hold any more. Nothing here may make the end
-- itself fail, so what is there already is left as it is. One trigger for alerts and webhooks: SQLite promises
-- no order of triggers, and a failure is told with its alert.
CREATE TRIGGER runs_tell_end AFTER UPDATE OF status ON runs
WHEN OLD.status = 'active' AND NEW.status <> 'active' BEGIN
  UPDATE alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.finished_at)
  WHERE run_id = NEW.id AND kind IN ('stalled', 'attention') AND holds = 1;

  INSERT OR IGNORE INTO alerts (run_id, job, kind, message, raised_at)
  SELECT NEW.id, NEW.job, 'failed', coalesce(NEW.error ->> '$.message', 'failed'),
    coalesce(NEW.finished_at, NEW.created_at)
  WHERE NEW.status = 'failed';

  INSERT OR IGNORE INTO alerts (run_id, job, kind, message, raised_at)
  SELECT NEW.id, NEW.job, 'attention', NEW.attention, coalesce(NEW.finished_at, NEW.created_at)
  WHERE NEW.attention IS NOT NULL;

  INSERT INTO webhook_events (id, type, job, run_id, at, ending, alert_id)
  SELECT lower(hex(randomblob(16))), 'run.' || NEW.status, NEW.job, NEW.id,
    coalesce(NEW.finished_at, NEW.created_at),
    json_object('status', NEW.status, 'error', json(NEW.error), 'attention', NEW.attention,
      'finishedAt', NEW.finished_at),
    (SELECT id FROM alerts
     WHERE run_id = NEW.id AND kind = 'failed' AND holds = 1 AND NEW.status = 'failed')
  WHERE NEW.options ->> '$.internal' IS NULL;

  INSERT OR IGNORE INTO runs_to_judge (run_id)
  SELECT NEW.id WHERE NEW.options ->> '$.alerts.skipRate' IS NOT NULL
    OR NEW.options ->> '$.alerts.budget' IS NOT NULL;
END;

-- An alert is told as it is raised; a failure is told as the end of the run that it is.
CREATE TRIGGER alerts_tell AFTER INSERT ON alerts
WHEN NEW.kind <> 'failed'
  AND NOT EXISTS (SELECT 1 FROM runs WHERE id = NEW.run_id AND options ->> '$.internal' IS NOT NULL) BEGIN
  INSERT INTO webhook_events (id, type, job, run_id, at, alert_id)
  VALUES (lower(hex(randomblob(16))),
    CASE NEW.kind WHEN 'skip_rate' THEN 'run.over_skip_rate' WHEN 'budget' THEN 'run.over_budget'
      ELSE 'run.' || NEW.kind END,
    NEW.job, NEW.run_id, NEW.raised_at, NEW.id);
END;

-- A run that goes on after its end: what its end was told for does not hold any more.
CREATE TRIGGER runs_clear_alerts AFTER UPDATE OF status ON runs
WHEN OLD.status <> 'active' AND NEW.status = 'active' BEGIN
  UPDATE alerts SET holds = 0,
    cleared_at = coalesce(cleared_at, NEW.reopened_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  WHERE run_id = NEW.id AND kind IN ('failed', 'attention') AND holds = 1;
END;

-- A run that is purged.
CREATE TRIGGER runs_forget_alerts AFTER DELETE ON runs BEGIN
  DELETE FROM alerts WHERE run_id = OLD.id;
  DELETE FROM runs_to_judge WHERE run_id = OLD.id;
END;

CREATE TRIGGER runs_forget_deliveries AFTER DELETE ON runs BEGIN
  DELETE FROM webhook_deliveries WHERE run_id = OLD.id;
END;
