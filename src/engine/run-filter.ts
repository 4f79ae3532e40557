import type { Status } from './run.ts'

/** Which runs are meant; every part must fit. */
export interface RunFilter {
  status?: Status
  job?: string
  label?: { name: string; value: string }
  /** Created at this time or later; ISO 8601. */
  since?: string
  /** Created before this time; ISO 8601. */
  until?: string
}

/** A filter as SQL. Each combination reads an index in the order of `createdAt, id`. */
export interface RunSelection {
  from: string
  createdAt: string
  id: string
  conditions: readonly string[]
  values: readonly string[]
}

export function selectRuns({ status, job, label, since, until }: RunFilter): RunSelection {
  // A label's own index has the order of lists; then its runs are looked up one by one. Of two indexes
  // SQLite may choose the one that fits a range of time and leaves the status to be searched for.
  const index = status ? (job ? 'job_status' : 'status') : job ? 'job' : 'time'
  const [createdAt, id] = label ? ['named.created_at', 'named.run_id'] : ['created_at', 'id']
  const parts: [condition: string, value: string | undefined][] = [
    ['named.name = ?', label?.name],
    ['named.value = ?', label?.value],
    ['shown_status = ?', status],
    ['job = ?', job],
    [`${createdAt} >= ?`, since],
    [`${createdAt} < ?`, until],
  ]
  const given = parts.filter((part): part is [string, string] => part[1] !== undefined)
  return {
    from: label
      ? 'run_labels AS named CROSS JOIN runs ON runs.id = named.run_id'
      : `runs INDEXED BY runs_by_${index}`,
    createdAt,
    id,
    conditions: given.map(([condition]) => condition),
    values: given.map(([, value]) => value),
  }
}
