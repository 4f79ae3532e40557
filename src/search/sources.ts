import {
  type Conditions,
  type RunFilter,
  type RunSelection,
  selectRuns,
} from '../engine/store/d1/run-filter.ts'
import type { GroupMeant, Meaning } from './meanings.ts'

/** A place where runs that fit are found, in the order of lists; with `refs` one place for each of them. */
export interface Source extends RunSelection {
  /** What `ref.value` in its SQL stands for, one after the other. */
  refs?: readonly unknown[]
  /** To check one takes a look at the run itself. */
  slow?: true
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
    ...(others.some(({ groups }) => groups.some(({ text }) => text !== null)) && { slow: true }),
  }))
}

/** Every run that fits the filter fits the word. */
function saysAsMuch({ job, error, group }: RunFilter, meaning: Meaning): boolean {
  return (
    (group !== undefined && meaning.groups.some(({ id, text }) => id === group && !text)) ||
    (job !== undefined && meaning.jobs.includes(job)) ||
    (error !== undefined && meaning.errors.includes(error))
  )
}

/** Where one walks, and the others only check, is best where few runs are. A job has more than most labels. */
function fewestFirst(one: Meaning, other: Meaning): number {
  return (
    one.jobs.length - other.jobs.length ||
    one.errors.length - other.errors.length ||
    one.groups.length - other.groups.length ||
    one.labels.length - other.labels.length
  )
}

function placesOf(filter: RunFilter, { jobs, labels, errors, groups, idStart }: Meaning): Source[] {
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
    ...groupPlaces(filter, groups),
    ...(idStart === undefined ? [] : [selectRuns({ ...filter, idStart })]),
  ]
}

/** Those of whole groups need no check. */
function groupPlaces(filter: RunFilter, groups: readonly GroupMeant[]): Source[] {
  const refs = groups.filter(({ id }) => (filter.group ?? id) === id)
  if (refs.length === 0) return []
  const place = selectRuns({ ...filter, group: { sql: "ref.value ->> 'id'" } })
  if (refs.every(({ text }) => text === null)) return [{ ...place, refs }]
  const sql = `(ref.value ->> 'text' IS NULL OR ${saysSo(place.id, "ref.value ->> 'text'")})`
  return [{ ...place, refs, slow: true, checks: joined(place.checks, { sql: [sql], values: [] }) }]
}

function saysSo(id: string, text: string): string {
  return `EXISTS (SELECT 1 FROM dogear_runs AS run WHERE run.id = ${id}
    AND run.error_group IS NOT NULL AND instr(lower(run.error ->> '$.message'), ${text}) > 0)`
}

/** True for a run at that place that fits a word. */
function fits(
  { jobs, labels, errors, groups, idStart }: Meaning,
  { createdAt, id }: RunSelection,
): Conditions {
  const same = `run.created_at = ${createdAt} AND run.id = ${id}`
  const whole = groups.filter(({ text }) => text === null).map((group) => group.id)
  const texts = [...new Set(groups.flatMap(({ text }) => text ?? []))]
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
    ...(whole.length > 0
      ? [
          [
            inIndex('error_group', 'dogear_runs_by_error_group', same),
            JSON.stringify(whole),
          ] as const,
        ]
      : []),
    ...texts.map((text) => [saysSo(id, '?'), text] as const),
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
