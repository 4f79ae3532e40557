import {
  type Conditions,
  type RunFilter,
  type RunSelection,
  selectRuns,
} from '../engine/store/d1/run-filter.ts'
import type { Meaning } from './meanings.ts'

/** A place where runs that fit are found, in the order of lists; with `refs` one place for each of them. */
export interface Source extends RunSelection {
  /** What `ref.value` in its SQL stands for, one after the other. */
  refs?: readonly unknown[]
}

/** A column of the refs. */
const REF = { sql: 'ref.value' }
const LABEL_REF = { name: { sql: "ref.value ->> 'name'" }, value: { sql: "ref.value ->> 'value'" } }

/** All places that have runs that fit the filter and each of the words. A run may be found at several. */
export function sourcesOf(filter: RunFilter, meanings: readonly Meaning[]): Source[] {
  const open = meanings.filter((meaning) => !saysAsMuch(filter, meaning)).toSorted(fewestFirst)
  const [first, ...others] = open
  if (!first) return [selectRuns(filter)]
  return placesOf(filter, first).map((place) => ({
    ...place,
    checks: joined(place.checks, ...others.map((meaning) => fits(meaning, place))),
  }))
}

/** Every run that fits the filter fits the word. */
function saysAsMuch({ job, error }: RunFilter, meaning: Meaning): boolean {
  return (
    (job !== undefined && meaning.jobs.includes(job)) ||
    (error !== undefined && meaning.errors.includes(error))
  )
}

/** Where one walks, and the others only check, is best where few runs are. A job has more than most labels. */
function fewestFirst(one: Meaning, other: Meaning): number {
  return (
    one.jobs.length - other.jobs.length ||
    one.errors.length - other.errors.length ||
    one.labels.length - other.labels.length
  )
}

function placesOf(filter: RunFilter, { jobs, labels, errors, idStart }: Meaning): Source[] {
  const { label } = filter
  return [
    ...(jobs.length > 0 && filter.job === undefined
      ? [{ ...selectRuns({ ...filter, job: REF }), refs: jobs }]
      : []),
    ...(labels.length > 0
      ? [
          {
            ...selectRuns({ ...filter, label: LABEL_REF, ...(label && { alsoLabel: label }) }),
            refs: labels,
          },
        ]
      : []),
    ...(errors.length > 0 && filter.error === undefined
      ? [{ ...selectRuns({ ...filter, error: REF }), refs: errors }]
      : []),
    ...(idStart === undefined ? [] : [selectRuns({ ...filter, idStart })]),
  ]
}

/** True for a run at that place that fits a word. */
function fits(
  { jobs, labels, errors, idStart }: Meaning,
  { createdAt, id }: RunSelection,
): Conditions {
  const same = `run.created_at = ${createdAt} AND run.id = ${id}`
  const ways = [
    ...(jobs.length > 0
      ? [[inIndex('job', 'dogear_runs_by_job', same), JSON.stringify(jobs)] as const]
      : []),
    ...(labels.length > 0
      ? [
          [
            hasLabel(id),
            JSON.stringify(labels.map(({ name, value }) => `${name}:${value}`)),
          ] as const,
        ]
      : []),
    ...(errors.length > 0
      ? [[inIndex('error_key', 'dogear_runs_by_error', same), JSON.stringify(errors)] as const]
      : []),
    ...(idStart === undefined
      ? []
      : [[`${id} >= ? AND ${id} < ?`, idStart, `${idStart}g`] as const]),
  ]
  const sql = ways.length === 0 ? '0' : ways.map(([way]) => `(${way})`).join(' OR ')
  return { sql: [`(${sql})`], values: ways.flatMap(([, ...values]) => values) }
}

function inIndex(column: string, index: string, same: string): string {
  return `EXISTS (SELECT 1 FROM json_each(?) AS one
    CROSS JOIN dogear_runs AS run INDEXED BY ${index} ON run.${column} = one.value AND ${same})`
}

function hasLabel(id: string): string {
  return `EXISTS (SELECT 1 FROM dogear_run_labels AS other WHERE other.run_id = ${id}
    AND other.name || ':' || other.value IN (SELECT value FROM json_each(?)))`
}

function joined(...all: readonly Conditions[]): Conditions {
  return { sql: all.flatMap(({ sql }) => sql), values: all.flatMap(({ values }) => values) }
}
