import type { Status } from './run.ts'

export interface RunLabel {
  name: string
  value: string
}

/** Which runs are meant; every part must fit. */
export interface RunFilter {
  status?: Status
  job?: string
  /** Not of this job. */
  otherThan?: string
  label?: RunLabel
  /** A second label, besides the first. */
  alsoLabel?: RunLabel
  /** The code of the error it failed with, or its name where it has no code. */
  error?: string
  /** How its id begins; at least `ID_START` digits. */
  idStart?: string
  /** Created at this time or later; ISO 8601. */
  since?: string
  /** Created before this time; ISO 8601. */
  until?: string
}

/** By so many digits of an id, runs are found by an index. */
export const ID_START = 4

/** A filter as SQL. Each combination reads an index in the order of `createdAt, id`. */
export interface RunSelection {
  from: string
  createdAt: string
  id: string
  conditions: readonly string[]
  values: readonly string[]
}

type Condition = readonly [sql: string, ...values: string[]]

export function selectRuns(filter: RunFilter): RunSelection {
  const { status, job, otherThan, error, since, until } = filter
  const { idStart = '' } = filter
  const labels = [filter.label, filter.alsoLabel].filter((label) => label !== undefined)
  // A label's own index has the order of lists, and of each run only its id: what else is asked for is
  // looked up run by run. The few runs of an id's beginning are better looked at for their labels.
  const named = idStart === '' ? labels.shift() : undefined
  const ofRun: Condition[] = [
    ...(status ? [['runs.shown_status = ?', status] as const] : []),
    ...(job ? [['runs.job = ?', job] as const] : []),
    ...(otherThan ? [['runs.job <> ?', otherThan] as const] : []),
    ...(error ? [['runs.error_key = ?', error] as const] : []),
  ]
  const [from, createdAt, id] = named
    ? [
        `run_labels AS named${ofRun.length > 0 ? ' CROSS JOIN runs ON runs.id = named.run_id' : ''}`,
        'named.created_at',
        'named.run_id',
      ]
    : [`runs INDEXED BY runs_by_${indexFor(filter)}`, 'runs.created_at', 'runs.id']
  const conditions: Condition[] = [
    ...(named ? [['named.name = ? AND named.value = ?', named.name, named.value] as const] : []),
    ...(idStart === '' ? [] : [startsWith(idStart)]),
    ...ofRun,
    ...labels.map(
      ({ name, value }) =>
        [
          `EXISTS (SELECT 1 FROM run_labels AS other WHERE other.name = ? AND other.value = ?
             AND other.created_at = ${createdAt} AND other.run_id = ${id})`,
          name,
          value,
        ] as const,
    ),
    ...(since ? [[`${createdAt} >= ?`, since] as const] : []),
    ...(until ? [[`${createdAt} < ?`, until] as const] : []),
  ]
  return {
    from,
    createdAt,
    id,
    conditions: conditions.map(([sql]) => sql),
    values: conditions.flatMap(([, ...values]) => values),
  }
}

/** Of two indexes SQLite may choose the one that fits a range of time and leaves the status to be searched for. */
function indexFor({ idStart, error, status, job }: RunFilter): string {
  if (idStart) return 'id_start'
  if (error) return 'error'
  if (status) return job ? 'job_status' : 'status'
  return job ? 'job' : 'time'
}

/** Ids are hexadecimal: `g` comes after every digit. */
function startsWith(idStart: string): Condition {
  const start = idStart.slice(0, ID_START)
  return [
    `substr(runs.id, 1, ${ID_START}) = ? AND runs.id >= ? AND runs.id < ?`,
    start,
    idStart,
    `${idStart}g`,
  ]
}
