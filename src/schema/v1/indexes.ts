/** The indexes of version 1. */
export const INDEXES: readonly string[] = [
  `CREATE INDEX dogear_runs_by_time ON dogear_runs (created_at DESC, id DESC)`,

  `CREATE INDEX dogear_runs_by_status ON dogear_runs (shown_status, created_at DESC, id DESC)`,

  `CREATE INDEX dogear_runs_by_job ON dogear_runs (job, created_at DESC, id DESC)`,

  `CREATE INDEX dogear_runs_by_job_status ON dogear_runs (job, shown_status, created_at DESC, id DESC)`,

  `CREATE INDEX dogear_runs_closed ON dogear_runs (closed_at) WHERE closed_at IS NOT NULL`,

  // Who has started a run: a fan-in looks at all of its children.
  `CREATE INDEX dogear_runs_by_parent ON dogear_runs (parent, created_at, id) WHERE parent IS NOT NULL`,

  `CREATE INDEX dogear_audit_by_time ON dogear_audit (at)`,

  `CREATE INDEX dogear_audit_by_actor ON dogear_audit (actor, id)`,

  `CREATE INDEX dogear_audit_by_run ON dogear_audit (run, id) WHERE run IS NOT NULL`,

  `CREATE INDEX dogear_run_labels_by_run ON dogear_run_labels (run_id)`,

  // A purge leaves a run alone while one of its relatives is under way: only those are looked through.
  `CREATE INDEX dogear_runs_open_by_parent ON dogear_runs (parent) WHERE parent IS NOT NULL AND closed_at IS NULL`,

  `CREATE INDEX dogear_webhook_deliveries_due ON dogear_webhook_deliveries (next_at) WHERE status = 'pending'`,

  `CREATE INDEX dogear_webhook_deliveries_by_run ON dogear_webhook_deliveries (run_id)`,

  `CREATE INDEX dogear_webhook_deliveries_by_time ON dogear_webhook_deliveries (created_at)`,

  `CREATE INDEX dogear_runs_by_error ON dogear_runs (error_key, created_at DESC, id DESC)
    WHERE error_key IS NOT NULL`,

  `CREATE INDEX dogear_runs_by_error_job ON dogear_runs (error_key, job, created_at DESC, id DESC)
    WHERE error_key IS NOT NULL`,

  // The beginning of an id finds its runs in the order of lists, without sorting.
  `CREATE INDEX dogear_runs_by_id_start ON dogear_runs (substr(id, 1, 4), created_at DESC, id DESC)`,

  // A person has paused the run or holds it: nobody need drive it, and the sweep seldom looks at it.
  `CREATE INDEX dogear_runs_open_driven ON dogear_runs (looked_at) WHERE closed_at IS NULL
    AND (status = 'active' AND (phase = 'paused' OR coalesce(driving ->> '$.held', 0))) = 0`,

  `CREATE INDEX dogear_runs_open_resting ON dogear_runs (looked_at) WHERE closed_at IS NULL
    AND (status = 'active' AND (phase = 'paused' OR coalesce(driving ->> '$.held', 0))) = 1`,

  `CREATE UNIQUE INDEX dogear_alerts_holding ON dogear_alerts (run_id, kind) WHERE holds = 1`,

  `CREATE INDEX dogear_alerts_by_run ON dogear_alerts (run_id)`,

  `CREATE INDEX dogear_alerts_by_kind ON dogear_alerts (kind)`,

  `CREATE INDEX dogear_alerts_open ON dogear_alerts (id) WHERE cleared_at IS NULL`,

  `CREATE INDEX dogear_alerts_open_by_kind ON dogear_alerts (kind, id) WHERE cleared_at IS NULL`,
]
