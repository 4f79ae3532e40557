-- When a job has completed last, also when its runs are purged. Not kept by run: one row per job.
CREATE TABLE jobs_last_completed (
  job TEXT PRIMARY KEY,
  completed_at TEXT NOT NULL
) WITHOUT ROWID;

INSERT INTO jobs_last_completed (job, completed_at)
SELECT job, max(coalesce(finished_at, created_at)) FROM runs WHERE status = 'completed' GROUP BY job;

CREATE TRIGGER runs_note_completed AFTER UPDATE OF status ON runs
WHEN NEW.status = 'completed' AND OLD.status <> 'completed' BEGIN
  INSERT INTO jobs_last_completed (job, completed_at)
  VALUES (NEW.job, coalesce(NEW.finished_at, NEW.created_at))
  ON CONFLICT (job) DO UPDATE SET completed_at = max(completed_at, excluded.completed_at);
END;
