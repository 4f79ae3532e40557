-- What slices have counted, added up. A slice adds its own figures in one statement when it ends; those
-- of one that is killed are lost. The truth of a run is in its own rows; this is for graphs and alerts.
CREATE TABLE metrics (
  name TEXT NOT NULL,
  -- What the figure is split by: a reason, an outcome, a bucket's bound, a minute. '' when by nothing.
  label TEXT NOT NULL,
  job TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (name, label, job)
) WITHOUT ROWID;

-- How many runs there are of each job in each status, kept by the triggers below in the transaction of
-- the change itself, so that nobody has to count the runs.
CREATE TABLE run_counts (
  job TEXT NOT NULL,
  status TEXT NOT NULL,
  runs INTEGER NOT NULL,
  PRIMARY KEY (job, status)
) WITHOUT ROWID;

INSERT INTO run_counts (job, status, runs)
SELECT job, shown_status, count(*) FROM runs GROUP BY job, shown_status;

CREATE TRIGGER runs_count_new AFTER INSERT ON runs BEGIN
  INSERT INTO run_counts (job, status, runs) VALUES (NEW.job, NEW.shown_status, 1)
  ON CONFLICT (job, status) DO UPDATE SET runs = runs + 1;
END;

CREATE TRIGGER runs_count_changed AFTER UPDATE OF status, phase ON runs
WHEN OLD.shown_status <> NEW.shown_status BEGIN
  UPDATE run_counts SET runs = runs - 1 WHERE job = OLD.job AND status = OLD.shown_status;
  INSERT INTO run_counts (job, status, runs) VALUES (NEW.job, NEW.shown_status, 1)
  ON CONFLICT (job, status) DO UPDATE SET runs = runs + 1;
END;

CREATE TRIGGER runs_count_gone AFTER DELETE ON runs BEGIN
  UPDATE run_counts SET runs = runs - 1 WHERE job = OLD.job AND status = OLD.shown_status;
END;

-- Ended runs that a person should look at.
CREATE INDEX runs_with_attention ON runs (created_at DESC, id DESC) WHERE attention IS NOT NULL;

-- Runs that start by the clock: how far each schedule has come. What it does is declared in code.
CREATE TABLE schedules (
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
) WITHOUT ROWID;
