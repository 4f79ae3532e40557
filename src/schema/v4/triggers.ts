/**
 * An alert follows the state of its group. One trigger for all that a run's end writes, as before: SQLite promises no
 * order of triggers, and webhooks hear of a failure with the alert of its group.
 */
export const GROUP_TRIGGERS: readonly string[] = [
  `CREATE TRIGGER dogear_error_groups_tell_new AFTER INSERT ON dogear_error_groups WHEN NEW.state = 'open' BEGIN
    INSERT OR IGNORE INTO dogear_alerts (run_id, error_group, job, kind, message, raised_at)
    VALUES ('', NEW.id, NEW.job, 'failed', NEW.message, NEW.changed_at);
  END`,

  `CREATE TRIGGER dogear_error_groups_tell_open AFTER UPDATE ON dogear_error_groups
  WHEN OLD.state <> 'open' AND NEW.state = 'open' BEGIN
    INSERT OR IGNORE INTO dogear_alerts (run_id, error_group, job, kind, message, raised_at)
    VALUES ('', NEW.id, NEW.job, 'failed', NEW.message, NEW.changed_at);
  END`,

  `CREATE TRIGGER dogear_error_groups_clear_alert AFTER UPDATE ON dogear_error_groups
  WHEN OLD.state = 'open' AND NEW.state <> 'open' BEGIN
    UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.changed_at)
    WHERE error_group = NEW.id AND error_group <> '' AND holds = 1;
  END`,

  `CREATE TRIGGER dogear_error_groups_forget AFTER DELETE ON dogear_error_groups BEGIN
    DELETE FROM dogear_error_trend WHERE group_id = OLD.id;
    DELETE FROM dogear_alerts WHERE error_group = OLD.id AND error_group <> '';
  END`,

  // A failed run that goes on after its end, or is purged.
  `CREATE TRIGGER dogear_runs_leave_group AFTER UPDATE OF status ON dogear_runs
  WHEN OLD.status = 'failed' AND NEW.status <> 'failed' AND OLD.error_group IS NOT NULL BEGIN
    UPDATE dogear_error_groups SET failed = failed - 1,
      changed_at = coalesce(NEW.reopened_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    WHERE id = OLD.error_group;
  END`,

  `CREATE TRIGGER dogear_runs_gone_from_group AFTER DELETE ON dogear_runs
  WHEN OLD.status = 'failed' AND OLD.error_group IS NOT NULL BEGIN
    UPDATE dogear_error_groups SET failed = failed - 1, changed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = OLD.error_group;
  END`,

  // Webhooks get an alert as it is raised; about a failure that is in no group, the end of the run says it.
  `DROP TRIGGER dogear_alerts_tell`,
  `CREATE TRIGGER dogear_alerts_tell AFTER INSERT ON dogear_alerts
  WHEN (NEW.kind <> 'failed' OR NEW.error_group <> '')
    AND NOT EXISTS (SELECT 1 FROM dogear_runs WHERE id = NEW.run_id AND options ->> '$.internal' IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM dogear_error_groups WHERE id = NEW.error_group AND internal = 1) BEGIN
    INSERT INTO dogear_webhook_events (id, type, job, run_id, at, alert_id)
    VALUES (lower(hex(randomblob(16))),
      CASE NEW.kind WHEN 'skip_rate' THEN 'run.over_skip_rate' WHEN 'budget' THEN 'run.over_budget'
        WHEN 'schedule_failed' THEN 'schedule.failed' WHEN 'failed' THEN 'errors.group' ELSE 'run.' || NEW.kind END,
      NEW.job, NEW.run_id, NEW.raised_at, NEW.id);
  END`,

  // A run that ends. What held while it was under way does not hold any more. Nothing here may make the end itself
  // fail, so what is there already is left as it is. An error that stands for the last of many (errors_exhausted) is
  // told by that one. A group that was told and is open no more begins again, however often it was told.
  `DROP TRIGGER dogear_runs_tell_end`,
  `CREATE TRIGGER dogear_runs_tell_end AFTER UPDATE OF status ON dogear_runs
  WHEN OLD.status = 'active' AND NEW.status <> 'active' BEGIN
    UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, NEW.finished_at)
    WHERE run_id = NEW.id AND kind IN ('stalled', 'attention') AND holds = 1;

    INSERT INTO dogear_error_groups (id, job, error, template, message, frame, internal, first_at, last_at, last_run,
      changed_at, told_at)
    SELECT NEW.error_group, NEW.job, coalesce(told ->> '$.code', told ->> '$.name', 'Error'),
      coalesce(NEW.error ->> '$.group.template', ''), coalesce(told ->> '$.message', 'failed'),
      NEW.error ->> '$.group.frame', NEW.options ->> '$.internal' IS NOT NULL, at, at, NEW.id, at, at
    FROM (SELECT coalesce(NEW.finished_at, NEW.created_at) AS at,
      coalesce(iif(NEW.error ->> '$.code' GLOB '*_exhausted', NEW.error -> '$.cause', NULL), NEW.error) AS told)
    WHERE NEW.status = 'failed' AND NEW.error_group IS NOT NULL
    ON CONFLICT (id) DO UPDATE SET message = excluded.message, frame = excluded.frame,
      occurrences = occurrences + 1, failed = failed + 1, first_at = min(first_at, excluded.first_at),
      last_at = max(last_at, excluded.last_at), last_run = excluded.last_run,
      muted_until = iif(muted_until > excluded.last_at, muted_until, NULL),
      dismissed_at = NULL, returned_at = iif(dismissed_at IS NULL, returned_at, excluded.last_at),
      told = iif(state IN ('open', 'muted'), told, 1), told_at = iif(state IN ('open', 'muted'), told_at, excluded.told_at),
      changed_at = excluded.changed_at;

    INSERT INTO dogear_error_trend (group_id, at, runs)
    SELECT NEW.error_group, substr(coalesce(NEW.finished_at, NEW.created_at), 1, 13), 1
    WHERE NEW.status = 'failed' AND NEW.error_group IS NOT NULL
    ON CONFLICT (group_id, at) DO UPDATE SET runs = runs + 1;

    INSERT OR IGNORE INTO dogear_alerts (run_id, job, kind, message, raised_at)
    SELECT NEW.id, NEW.job, 'failed', coalesce(NEW.error ->> '$.message', 'failed'),
      coalesce(NEW.finished_at, NEW.created_at)
    WHERE NEW.status = 'failed' AND NEW.error_group IS NULL;

    INSERT OR IGNORE INTO dogear_alerts (run_id, job, kind, message, raised_at)
    SELECT NEW.id, NEW.job, 'attention', NEW.attention, coalesce(NEW.finished_at, NEW.created_at)
    WHERE NEW.attention IS NOT NULL;

    INSERT INTO dogear_webhook_events (id, type, job, run_id, at, ending, alert_id, grouped)
    SELECT lower(hex(randomblob(16))), 'run.' || NEW.status, NEW.job, NEW.id,
      coalesce(NEW.finished_at, NEW.created_at),
      json_object('status', NEW.status, 'error', json(NEW.error), 'attention', NEW.attention,
        'finishedAt', NEW.finished_at),
      iif(NEW.status <> 'failed', NULL, coalesce(
        (SELECT id FROM dogear_alerts WHERE run_id = NEW.id AND kind = 'failed' AND holds = 1),
        (SELECT id FROM dogear_alerts WHERE error_group = NEW.error_group AND error_group <> '' AND holds = 1))),
      NEW.status = 'failed' AND NEW.error_group IS NOT NULL
    WHERE NEW.options ->> '$.internal' IS NULL;

    INSERT OR IGNORE INTO dogear_runs_to_judge (run_id)
    SELECT NEW.id WHERE NEW.options ->> '$.alerts' IS NOT NULL
      OR EXISTS (SELECT 1 FROM dogear_alerts
        WHERE run_id = NEW.id AND kind NOT IN ('failed', 'attention') AND holds = 1);
  END`,
]
