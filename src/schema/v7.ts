/** Version 7: skipped items are gathered by their errors, and a run that completed with some is known as such. */
export const SKIP_GROUPS: readonly string[] = [
  // The group of its error; NULL in rows of before.
  `ALTER TABLE dogear_skips ADD COLUMN error_group TEXT`,
  `CREATE INDEX dogear_skips_by_group ON dogear_skips (run_id, error_group, lane, seq, position)
    WHERE error_group IS NOT NULL`,
  `CREATE TABLE dogear_skip_groups (
    run_id TEXT NOT NULL,
    id TEXT NOT NULL,
    -- The error of the first of them, as JSON.
    error TEXT NOT NULL,
    skips INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (run_id, id)
  ) WITHOUT ROWID`,

  // How many items the run had skipped when it ended; NULL while it is under way, and in rows of before.
  `ALTER TABLE dogear_runs ADD COLUMN skipped_items INTEGER`,

  // Runs that have completed, and not with all of their items, are counted as such beside their status.
  `CREATE TRIGGER dogear_runs_count_skipping AFTER UPDATE OF status ON dogear_runs
  WHEN NEW.status = 'completed' AND OLD.status <> 'completed' AND NEW.skipped_items > 0 BEGIN
    INSERT INTO dogear_run_counts (job, status, runs) VALUES (NEW.job, 'completed_with_skips', 1)
    ON CONFLICT (job, status) DO UPDATE SET runs = runs + 1;
  END`,
  `CREATE TRIGGER dogear_runs_count_skipping_gone AFTER DELETE ON dogear_runs
  WHEN OLD.status = 'completed' AND OLD.skipped_items > 0 BEGIN
    UPDATE dogear_run_counts SET runs = runs - 1 WHERE job = OLD.job AND status = 'completed_with_skips';
  END`,

  // The cron judges a run that has ended with skips a last time, also where its job says nothing about alerts.
  `CREATE TRIGGER dogear_runs_judge_skips AFTER UPDATE OF status ON dogear_runs
  WHEN OLD.status = 'active' AND NEW.status <> 'active' AND NEW.skipped_items > 0 BEGIN
    INSERT OR IGNORE INTO dogear_runs_to_judge (run_id) VALUES (NEW.id);
  END`,
]
