/** Version 8: runs with an error are found by their status, too. */
export const ERRORS_BY_STATUS: readonly string[] = [
  `CREATE INDEX dogear_runs_by_error_status
    ON dogear_runs (error_key, shown_status, created_at DESC, id DESC) WHERE error_key IS NOT NULL`,
  `CREATE INDEX dogear_runs_by_error_group_status
    ON dogear_runs (error_group, shown_status, created_at DESC, id DESC) WHERE error_group IS NOT NULL`,
]
