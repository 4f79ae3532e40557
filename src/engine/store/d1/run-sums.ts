/** Of several lanes the sum, at no cost to a run that has one. */
const sum = (column: string): string =>
  `iif(lanes = 0, ${column}, (SELECT sum(part.${column}) FROM dogear_lanes AS part
    WHERE part.run_id = dogear_lanes.run_id)) AS ${column}`

/** The rows of runs' first lanes, with the figures of all their lanes: to be joined by `run_id`. */
export const RUN_SUMS = `(SELECT run_id, checkpoint, code_version, total,
    ${['commits', 'done', 'skipped', 'd1_statements', 'd1_rows_read', 'd1_rows_written'].map(sum).join(', ')},
    iif(lanes = 0, touched_at, (SELECT max(part.touched_at) FROM dogear_lanes AS part
      WHERE part.run_id = dogear_lanes.run_id)) AS touched_at
  FROM dogear_lanes WHERE lane = 0)`
