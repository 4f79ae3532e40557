/**
 * A query for the rows that a run has written into one of the shop's tables. Of a fork: its own, and for
 * each subject that it has not come to itself, those of the nearest run of its line that has. `?1` is the
 * line, as JSON: the ids of the run and of those it was forked from, the nearest first.
 */
export function lineRows(table: string, ...subject: string[]): string {
  return `
    SELECT * FROM (
      SELECT rows.*, rank() OVER (PARTITION BY ${subject.join(', ')} ORDER BY line.key) AS nearness
      FROM json_each(?1) AS line CROSS JOIN ${table} AS rows ON rows.run_id = line.value
    ) WHERE nearness = 1`
}

/** The run itself. */
export const OWN = `(?1 ->> 0)`
