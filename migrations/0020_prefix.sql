-- Dogear's tables stand in the database of whoever uses it: one prefix keeps their names apart from all others.
-- Indexes and triggers share those names and cannot be renamed, so they are made again.

DROP TRIGGER runs_count_new;
DROP TRIGGER runs_count_changed;
DROP TRIGGER runs_count_gone;
DROP TRIGGER runs_ask_for_attention;
DROP TRIGGER runs_need_no_attention;
DROP TRIGGER runs_tell_closed;
DROP TRIGGER runs_note_completed;
DROP TRIGGER runs_tell_end;
DROP TRIGGER alerts_tell;
DROP TRIGGER runs_clear_alerts;
DROP TRIGGER runs_forget_alerts;
DROP TRIGGER runs_forget_deliveries;

ALTER TABLE runs RENAME TO dogear_runs;
ALTER TABLE lanes RENAME TO dogear_lanes;
ALTER TABLE step_results RENAME TO dogear_step_results;
ALTER TABLE ledger RENAME TO dogear_ledger;
ALTER TABLE skips RENAME TO dogear_skips;
ALTER TABLE metrics RENAME TO dogear_metrics;
ALTER TABLE run_counts RENAME TO dogear_run_counts;
ALTER TABLE schedules RENAME TO dogear_schedules;
ALTER TABLE audit RENAME TO dogear_audit;
ALTER TABLE session_secret RENAME TO dogear_session_secret;
ALTER TABLE run_labels RENAME TO dogear_run_labels;
ALTER TABLE alerts RENAME TO dogear_alerts;
ALTER TABLE runs_to_judge RENAME TO dogear_runs_to_judge;
ALTER TABLE webhook_events RENAME TO dogear_webhook_events;
ALTER TABLE webhook_deliveries RENAME TO dogear_webhook_deliveries;
ALTER TABLE jobs_last_completed RENAME TO dogear_jobs_last_completed;

DROP INDEX runs_by_time;
DROP INDEX runs_by_status;
DROP INDEX runs_by_job;
DROP INDEX runs_by_job_status;
DROP INDEX runs_closed;
DROP INDEX runs_by_parent;
DROP INDEX audit_by_time;
DROP INDEX audit_by_actor;
DROP INDEX audit_by_run;
DROP INDEX run_labels_by_run;
DROP INDEX runs_open_by_parent;
DROP INDEX alerts_holding;
DROP INDEX alerts_by_run;
DROP INDEX alerts_by_kind;
DROP INDEX alerts_open;
DROP INDEX alerts_open_by_kind;
DROP INDEX webhook_deliveries_due;
DROP INDEX webhook_deliveries_by_run;
DROP INDEX webhook_deliveries_by_time;
DROP INDEX runs_by_error;
DROP INDEX runs_by_error_job;
DROP INDEX runs_by_id_start;
DROP INDEX runs_open_driven;
DROP INDEX runs_open_resting;

CREATE INDEX dogear_runs_by_time ON dogear_runs (created_at DESC, id DESC);
CREATE INDEX dogear_runs_by_status ON dogear_runs (shown_status, created_at DESC, id DESC);
CREATE INDEX dogear_runs_by_job ON dogear_runs (job, created_at DESC, id DESC);
CREATE INDEX dogear_runs_by_job_status ON dogear_runs (job, shown_status, created_at DESC, id DESC);
CREATE INDEX dogear_runs_closed ON dogear_runs (closed_at) WHERE closed_at IS NOT NULL;

-- Who has started a run: a fan-in looks at all of its children.
CREATE INDEX dogear_runs_by_parent ON dogear_runs (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX dogear_audit_by_time ON dogear_audit (at);
CREATE INDEX dogear_audit_by_actor ON dogear_audit (actor, id);
CREATE INDEX dogear_audit_by_run ON dogear_audit (run, id) WHERE run IS NOT NULL;
CREATE INDEX dogear_run_labels_by_run ON dogear_run_labels (run_id);

-- A purge leaves a run alone while one of its relatives is under way: only those are looked through.
CREATE INDEX dogear_runs_open_by_parent ON dogear_runs (parent) WHERE parent IS NOT NULL AND closed_at IS NULL;
CREATE UNIQUE INDEX dogear_alerts_holding ON dogear_alerts (run_id, kind) WHERE holds = 1;
CREATE INDEX dogear_alerts_by_run ON dogear_alerts (run_id);
CREATE INDEX dogear_alerts_by_kind ON dogear_alerts (kind);
CREATE INDEX dogear_alerts_open ON dogear_alerts (id) WHERE cleared_at IS NULL;
CREATE INDEX dogear_alerts_open_by_kind ON dogear_alerts (kind, id) WHERE cleared_at IS NULL;
CREATE INDEX dogear_webhook_deliveries_due ON dogear_webhook_deliveries (next_at) WHERE status = 'pending';
CREATE INDEX dogear_webhook_deliveries_by_run ON dogear_webhook_deliveries (run_id);
CREATE INDEX dogear_webhook_deliveries_by_time ON dogear_webhook_deliveries (created_at);
CREATE INDEX dogear_runs_by_error ON dogear_runs (error_key, created_at DESC, id DESC)
  WHERE error_key IS NOT NULL;
CREATE INDEX dogear_runs_by_error_job ON dogear_runs (error_key, job, created_at DESC, id DESC)
  WHERE error_key IS NOT NULL;

-- The beginning of an id finds its runs in the order of lists, without sorting.
CREATE INDEX dogear_runs_by_id_start ON dogear_runs (substr(id, 1, 4), created_at DESC, id DESC);

-- A person has paused the run or holds it: nobody need drive it, and the sweep seldom looks at it.
CREATE INDEX dogear_runs_open_driven ON dogear_runs (looked_at) WHERE closed_at IS NULL
  AND (status = 'active' AND (phase = 'paused' OR coalesce(driving ->> '$.held', 0))) = 0;
CREATE INDEX dogear_runs_open_resting ON dogear_runs (looked_at) WHERE closed_at IS NULL
  AND (status = 'active' AND (phase = 'paused' OR coalesce(driving ->> '$.held', 0))) = 1;

CREATE TRIGGER dogear_runs_count_new AFTER INSERT ON dogear_runs BEGIN
  INSERT INTO dogear_run_counts (job, status, runs) VALUES (NEW.job, NEW.shown_status, 1)
  ON CONFLICT (job, status) DO UPDATE SET runs = runs + 1;
END;

CREATE TRIGGER dogear_runs_count_changed AFTER UPDATE OF status, phase ON dogear_runs
WHEN OLD.shown_status <> NEW.shown_status BEGIN
  UPDATE dogear_run_counts SET runs = runs - 1 WHERE job = OLD.job AND status = OLD.shown_status;
  INSERT INTO dogear_run_counts (job, status, runs) VALUES (NEW.job, NEW.shown_status, 1)
  ON CONFLICT (job, status) DO UPDATE SET runs = runs + 1;
END;

CREATE TRIGGER dogear_runs_count_gone AFTER DELETE ON dogear_runs BEGIN
  UPDATE dogear_run_counts SET runs = runs - 1 WHERE job = OLD.job AND status = OLD.shown_status;
END;

-- A run under way that asks for a look, and one that does not any more. Its index row says so.
CREATE TRIGGER dogear_runs_ask_for_attention AFTER UPDATE OF driving ON dogear_runs
WHEN NEW.status = 'active' AND NEW.driving ->> '$.attention' IS NOT NULL
  AND OLD.driving ->> '$.attention' IS NOT NEW.driving ->> '$.attention' BEGIN
  INSERT OR IGNORE INTO dogear_alerts (run_id, job, kind, message, raised_at)
  VALUES (NEW.id, NEW.job, 'attention', NEW.driving ->> '$.attention', NEW.driving ->> '$.updatedAt');
END;

CREATE TRIGGER dogear_runs_need_no_attention AFTER UPDATE OF driving ON dogear_runs
WHEN NEW.status = 'active' AND NEW.driving ->> '$.attention' IS NULL
  AND OLD.driving ->> '$.attention' IS NOT NULL BEGIN
  UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.driving ->> '$.updatedAt')
  WHERE run_id = NEW.id AND kind = 'attention' AND holds = 1;
END;

-- A run that had ended and was not closed for long is, at last. What else is told of a run that has ended
-- is told of what it did.
CREATE TRIGGER dogear_runs_tell_closed AFTER UPDATE OF closed_at ON dogear_runs
WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL BEGIN
  UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.closed_at)
  WHERE run_id = NEW.id AND kind = 'stalled' AND holds = 1;
END;

CREATE TRIGGER dogear_runs_note_completed AFTER UPDATE OF status ON dogear_runs
WHEN NEW.status = 'completed' AND OLD.status <> 'completed' BEGIN
  INSERT INTO dogear_jobs_last_completed (job, completed_at)
  VALUES (NEW.job, coalesce(NEW.finished_at, NEW.created_at))
  ON CONFLICT (job) DO UPDATE SET completed_at = max(completed_at, excluded.completed_at);
END;

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
  SELECT NEW.id WHERE NEW.options ->> '$.alerts.skipRate' IS NOT NULL
    OR NEW.options ->> '$.alerts.budget' IS NOT NULL;
END;

-- An alert is told as it is raised; a failure is told as the end of the run that it is.
CREATE TRIGGER dogear_alerts_tell AFTER INSERT ON dogear_alerts
WHEN NEW.kind <> 'failed'
  AND NOT EXISTS (SELECT 1 FROM dogear_runs WHERE id = NEW.run_id AND options ->> '$.internal' IS NOT NULL) BEGIN
  INSERT INTO dogear_webhook_events (id, type, job, run_id, at, alert_id)
  VALUES (lower(hex(randomblob(16))),
    CASE NEW.kind WHEN 'skip_rate' THEN 'run.over_skip_rate' WHEN 'budget' THEN 'run.over_budget'
      ELSE 'run.' || NEW.kind END,
    NEW.job, NEW.run_id, NEW.raised_at, NEW.id);
END;

-- A run that goes on after its end: what its end was told for does not hold any more.
CREATE TRIGGER dogear_runs_clear_alerts AFTER UPDATE OF status ON dogear_runs
WHEN OLD.status <> 'active' AND NEW.status = 'active' BEGIN
  UPDATE dogear_alerts SET holds = 0,
    cleared_at = coalesce(cleared_at, NEW.reopened_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  WHERE run_id = NEW.id AND kind IN ('failed', 'attention') AND holds = 1;
END;

-- A run that is purged.
CREATE TRIGGER dogear_runs_forget_alerts AFTER DELETE ON dogear_runs BEGIN
  DELETE FROM dogear_alerts WHERE run_id = OLD.id;
  DELETE FROM dogear_runs_to_judge WHERE run_id = OLD.id;
END;

CREATE TRIGGER dogear_runs_forget_deliveries AFTER DELETE ON dogear_runs BEGIN
  DELETE FROM dogear_webhook_deliveries WHERE run_id = OLD.id;
END;
