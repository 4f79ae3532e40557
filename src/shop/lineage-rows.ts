/**
 * A query for the rows that a run has written into one of the shop's tables. Of a fork: its own, and for
 * each subject that it has not come to itself, those of the nearest run of its lineage that has. `?1` is the
 * lineage, as JSON: the ids of the run and of those it was forked from, the nearest first.
 */
export function lineageRows(table: string, ...subject: string[]): string {
  return `
    SELECT * FROM (
      SELECT rows.*, rank() OVER (PARTITION BY ${subject.join(', ')} ORDER BY lineage.key) AS nearness
      FROM json_each(?1) AS lineage CROSS JOIN ${table} AS rows ON rows.run_id = lineage.value
    ) WHERE nearness = 1`
}

/** The run itself. */
export const OWN = `(?1 ->> 0)`
