import type { Status } from '../../run.ts'
import { SCHEDULE_LABEL } from './schedule-label.ts'

export interface RunLabel<V = string> {
  name: V
  value: V
}

/** What a filter asks for by a value, or by SQL that gives it: a column of a statement around it. */
type Value = string | { readonly sql: string }

/** A choice of runs; every part must fit. */
export interface RunFilter<V extends Value = string> {
  status?: Status
  job?: V
  /** Not of this job. */
  otherThan?: string
  label?: RunLabel<V>
  /** The name of the schedule that has started it. */
  schedule?: string
  /** A second label, besides the first. */
  alsoLabel?: RunLabel
  /** The code of the error it failed with, or its name where it has no code. */
  error?: V
  /** The id of the group of the error that it is failed with. */
  group?: V
  /** One of these. */
  ids?: readonly string[]
  /** The beginning of its id; at least `ID_START` digits. */
  idStart?: string
  /** Created at this time or later; ISO 8601. */
  since?: string
  /** Created before this time; ISO 8601. */
  until?: string
}

/** By so many digits of an id, runs are found by an index. */
export const ID_START = 4

/** A condition, or several, and what is bound in them. */
export interface Conditions {
  sql: readonly string[]
  values: readonly string[]
}

/**
 * A filter as SQL. Each combination reads a range of an index in the order of `createdAt, id`. What no index knows is
 * checked run by run, so a filter may look at many that do not fit.
 */
export interface RunSelection {
  from: string
  /** The name of what it reads, by which `checks` know it. */
  as: string
  createdAt: string
  id: string
  range: Conditions
  checks: Conditions
}

type Condition = readonly [sql: string, ...values: Value[]]

export function selectRuns(filter: RunFilter<Value>): RunSelection {
  const { status, job, otherThan, error, group, idStart, since, until } = filter
  const labels = labelsIn(filter)
  const ofRun: Condition[] = [
    ...(idStart ? [startsWith(idStart)] : []),
    ...(filter.ids ? [oneOf(filter.ids)] : []),
    ...(status ? [['dogear_runs.shown_status = ?', status] as const] : []),
    ...(job ? [['dogear_runs.job = ?', job] as const] : []),
    ...(otherThan ? [['dogear_runs.job <> ?', otherThan] as const] : []),
    ...(error ? [['dogear_runs.error_key = ?', error] as const] : []),
    ...(group ? [['dogear_runs.error_group = ?', group] as const] : []),
  ]
  const runs = filter.ids ? 'dogear_runs' : `dogear_runs INDEXED BY ${indexFor(filter)}`
  // A label's own index has the order of lists. The few runs of an id's beginning are not worth it.
  const named = idStart || filter.ids ? undefined : labels.shift()
  const place = named
    ? {
        from: 'dogear_run_labels AS named',
        as: 'named',
        createdAt: 'named.created_at',
        id: 'named.run_id',
      }
    : { from: runs, as: 'dogear_runs', createdAt: 'dogear_runs.created_at', id: 'dogear_runs.id' }
  const range: Condition[] = [
    ...(named ? [['named.name = ? AND named.value = ?', named.name, named.value] as const] : ofRun),
    ...(since ? [[`${place.createdAt} >= ?`, since] as const] : []),
    ...(until ? [[`${place.createdAt} < ?`, until] as const] : []),
  ]
  const checks: Condition[] = [
    ...(named && ofRun.length > 0 ? [inIndex(runs, ofRun)] : []),
    ...labels.map((label) => alsoNamed(label, place)),
  ]
  return { ...place, range: written(range), checks: written(checks) }
}

/** SQL takes the place of the value that it gives. */
function written(conditions: readonly Condition[]): Conditions {
  return {
    sql: conditions.map(([sql, ...values]) => {
      const left = values.values()
      return sql.replaceAll('?', () => {
        const { value } = left.next()
        return typeof value === 'object' ? value.sql : '?'
      })
    }),
    values: conditions.flatMap(([, ...values]) =>
      values.filter((value) => typeof value === 'string'),
    ),
  }
}

/** A schedule comes first: few labels have fewer runs. */
function labelsIn({ schedule, label, alsoLabel }: RunFilter<Value>): RunLabel<Value>[] {
  const bySchedule = schedule === undefined ? undefined : { name: SCHEDULE_LABEL, value: schedule }
  return [bySchedule, label, alsoLabel].filter((one) => one !== undefined)
}

/** Of two indexes SQLite may choose the one that fits a range of time and leaves the status to be searched for. */
function indexFor({ idStart, group, error, status, job }: RunFilter<Value>): string {
  if (idStart) return 'dogear_runs_by_id_start'
  // Nearly all runs with an error are failed ones: another status is the rarer of the two.
  const rare = status !== undefined && status !== 'failed'
  if (group) return rare ? 'dogear_runs_by_error_group_status' : 'dogear_runs_by_error_group'
  if (error && rare) return 'dogear_runs_by_error_status'
  if (error) return job ? 'dogear_runs_by_error_job' : 'dogear_runs_by_error'
  if (status) return job ? 'dogear_runs_by_job_status' : 'dogear_runs_by_status'
  return job ? 'dogear_runs_by_job' : 'dogear_runs_by_time'
}

/**
 * True for a labelled run that is in the index of the other conditions. The runs themselves are large: to look
 * at them took ten times as long.
 */
function inIndex(runs: string, conditions: readonly Condition[]): Condition {
  return [
    `EXISTS (SELECT 1 FROM ${runs} WHERE ${conditions.map(([sql]) => sql).join(' AND ')}
       AND dogear_runs.created_at = named.created_at AND dogear_runs.id = named.run_id)`,
    ...conditions.flatMap(([, ...values]) => values),
  ]
}

/** The `+` keeps SQLite off the index by run, in which neighbours are far apart. */
function alsoNamed(
  { name, value }: RunLabel<Value>,
  { createdAt, id }: { createdAt: string; id: string },
): Condition {
  return [
    `EXISTS (SELECT 1 FROM dogear_run_labels AS other WHERE other.name = ? AND other.value = ?
       AND other.created_at = ${createdAt} AND +other.run_id = ${id})`,
    name,
    value,
  ]
}

function oneOf(ids: readonly string[]): Condition {
  return ['dogear_runs.id IN (SELECT value FROM json_each(?))', JSON.stringify(ids)]
}

/** Ids are hexadecimal: `g` comes after every digit. */
function startsWith(idStart: string): Condition {
  return [
    `substr(dogear_runs.id, 1, ${ID_START}) = ? AND dogear_runs.id >= ? AND dogear_runs.id < ?`,
    idStart.slice(0, ID_START),
    idStart,
    `${idStart}g`,
  ]
}
