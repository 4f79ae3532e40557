import type { Status } from '../../run.ts'
import { SCHEDULE_LABEL } from './schedule-label.ts'

export interface RunLabel {
  name: string
  value: string
}

/** A choice of runs; every part must fit. */
export interface RunFilter {
  status?: Status
  job?: string
  /** Not of this job. */
  otherThan?: string
  label?: RunLabel
  /** The name of the schedule that has started it. */
  schedule?: string
  /** A second label, besides the first. */
  alsoLabel?: RunLabel
  /** The code of the error it failed with, or its name where it has no code. */
  error?: string
  /** The id of the group of the error that it is failed with. */
  group?: string
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
    ? { from: 'dogear_run_labels AS named', createdAt: 'named.created_at', id: 'named.run_id' }
    : { from: runs, createdAt: 'dogear_runs.created_at', id: 'dogear_runs.id' }
  const conditions: Condition[] = [
    ...(named ? [['named.name = ? AND named.value = ?', named.name, named.value] as const] : []),
    ...(named && ofRun.length > 0 ? [inIndex(runs, ofRun)] : named ? [] : ofRun),
    ...labels.map((label) => alsoNamed(label, place)),
    ...(since ? [[`${place.createdAt} >= ?`, since] as const] : []),
    ...(until ? [[`${place.createdAt} < ?`, until] as const] : []),
  ]
  return {
    ...place,
    conditions: conditions.map(([sql]) => sql),
    values: conditions.flatMap(([, ...values]) => values),
  }
}

/** A schedule comes first: few labels have fewer runs. */
function labelsIn({ schedule, label, alsoLabel }: RunFilter): RunLabel[] {
  const bySchedule = schedule === undefined ? undefined : { name: SCHEDULE_LABEL, value: schedule }
  return [bySchedule, label, alsoLabel].filter((one) => one !== undefined)
}

/** Of two indexes SQLite may choose the one that fits a range of time and leaves the status to be searched for. */
function indexFor({ idStart, group, error, status, job }: RunFilter): string {
  if (idStart) return 'dogear_runs_by_id_start'
  if (group) return 'dogear_runs_by_error_group'
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
  { name, value }: RunLabel,
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
