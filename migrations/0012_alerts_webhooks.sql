-- What a person should look at: a row for each time that something about a run was so. Kept by triggers in
-- the transaction of the change itself, and by the cron, which judges the runs under way.
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  job TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('failed', 'stalled', 'skip_rate', 'budget', 'attention')),
  message TEXT NOT NULL,
  raised_at TEXT NOT NULL,
  -- When it was no longer so, or a person had seen it.
  cleared_at TEXT,
  -- It is still so. One that a person has dismissed is not raised again while it is.
  holds INTEGER NOT NULL DEFAULT 1
);

CREATE UNIQUE INDEX alerts_holding ON alerts (run_id, kind) WHERE holds = 1;
CREATE INDEX alerts_by_run ON alerts (run_id);
CREATE INDEX alerts_by_kind ON alerts (kind);
CREATE INDEX alerts_open ON alerts (id) WHERE cleared_at IS NULL;
CREATE INDEX alerts_open_by_kind ON alerts (kind, id) WHERE cleared_at IS NULL;

-- Runs that have ended and whose job sets limits: the cron judges them a last time.
CREATE TABLE runs_to_judge (
  run_id TEXT PRIMARY KEY
) WITHOUT ROWID;

-- The outbox: what webhooks are to tell, written in the transaction in which it came about, and removed in
-- the one that makes its deliveries.
CREATE TABLE webhook_events (
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
);

-- A row for each event and endpoint that is to hear of it.
CREATE TABLE webhook_deliveries (
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
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_by_run ON webhook_deliveries (run_id);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (created_at);

-- What was so before there were alerts. Nobody is told of it.
INSERT INTO alerts (run_id, job, kind, message, raised_at)
SELECT id, job, 'failed', coalesce(error ->> '$.message', 'failed'), coalesce(finished_at, created_at)
FROM runs WHERE shown_status = 'failed';

INSERT INTO alerts (run_id, job, kind, message, raised_at)
SELECT id, job, 'attention', attention, coalesce(finished_at, created_at)
FROM runs WHERE attention IS NOT NULL;

-- A run that ends. What it was told for while it was under way does not hold any more. Nothing here may make
-- the end itself fail, so what is there already is left as it is. Runs that only steer others are nobody's
-- business elsewhere.
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
  WHERE NEW.job <> 'steer-runs';

  INSERT OR IGNORE INTO runs_to_judge (run_id)
  SELECT NEW.id WHERE NEW.options ->> '$.alerts.skipRate' IS NOT NULL
    OR NEW.options ->> '$.alerts.budget' IS NOT NULL;
END;

-- A run under way that asks for a look, and one that does not any more. Its index row says so.
CREATE TRIGGER runs_ask_for_attention AFTER UPDATE OF driving ON runs
WHEN NEW.status = 'active' AND NEW.driving ->> '$.attention' IS NOT NULL
  AND OLD.driving ->> '$.attention' IS NOT NEW.driving ->> '$.attention' BEGIN
  INSERT OR IGNORE INTO alerts (run_id, job, kind, message, raised_at)
  VALUES (NEW.id, NEW.job, 'attention', NEW.driving ->> '$.attention', NEW.driving ->> '$.updatedAt');
END;

CREATE TRIGGER runs_need_no_attention AFTER UPDATE OF driving ON runs
WHEN NEW.status = 'active' AND NEW.driving ->> '$.attention' IS NULL
  AND OLD.driving ->> '$.attention' IS NOT NULL BEGIN
  UPDATE alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.driving ->> '$.updatedAt')
  WHERE run_id = NEW.id AND kind = 'attention' AND holds = 1;
END;

-- An alert is told as it is raised; a failure is told as the end of the run that it is.
CREATE TRIGGER alerts_tell AFTER INSERT ON alerts
WHEN NEW.kind <> 'failed' AND NEW.job <> 'steer-runs' BEGIN
  INSERT INTO webhook_events (id, type, job, run_id, at, alert_id)
  VALUES (lower(hex(randomblob(16))),
    CASE NEW.kind WHEN 'skip_rate' THEN 'run.over_skip_rate' WHEN 'budget' THEN 'run.over_budget'
      ELSE 'run.' || NEW.kind END,
    NEW.job, NEW.run_id, NEW.raised_at, NEW.id);
END;

-- Alerts have taken its place.
DROP INDEX runs_with_attention;
