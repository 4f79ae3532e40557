import { type Status, STATUSES } from '../engine/run.ts'
import { type Sought, sourcesFor } from './find.ts'
import { Place, type Sql } from './place.ts'
import type { Source } from './sources.ts'

/** More are not counted one by one. */
export const MOST_COUNTED = 10_000

/** How many runs fit. */
export interface Total {
  total: number
  /** There are more than that. */
  more: boolean
}

/** What the runs are that fit; of more than `MOST_COUNTED`, the newest so many. */
export interface Breakdown extends Total {
  /** The statuses that there are among them. */
  statuses: Partial<Record<Status, number>>
  /** Groups of errors, the most frequent first; 20 at most. Failures from before there were groups have none. */
  errors: FoundError[]
}

export interface FoundError {
  /** The code of the error, or its name where it has no code. */
  error: string
  group?: string
  /** The message without what differs from run to run. */
  message?: string
  runs: number
}

const MOST_ERRORS = 20

/** How many runs fit: by what is counted anyway where that tells, else run by run. */
export async function countRuns(db: D1Database, sought: Sought): Promise<Total> {
  const known = await countedAlready(db, sought)
  if (known !== undefined) return { total: known, more: false }
  const { rows, more } = await foundIn(db, await sourcesFor(db, sought), NUMBER)
  return totalOf(rows, more)
}

/** The same, and what they are. */
export async function breakDownRuns(
  db: D1Database,
  { otherThan, ...sought }: Sought,
): Promise<Breakdown> {
  const [known, { rows, more }] = await Promise.all([
    countedAlready(db, { ...sought, ...(otherThan !== undefined && { otherThan }) }),
    foundIn(db, await sourcesFor(db, sought), KINDS),
  ])
  const meant = rows.filter(({ job }) => job !== otherThan)
  return {
    ...(known === undefined ? totalOf(meant, more) : { total: known, more: false }),
    statuses: statusesIn(meant),
    errors: errorsIn(meant).slice(0, MOST_ERRORS),
  }
}

const NUMBER: Question<{ runs: number }> = {
  sql: (found) => `SELECT count(*) AS runs FROM ${found}`,
}

interface Kind {
  runs: number
  status: Status
  job: string
  error: string | null
  errorGroup: string | null
  message: string | null
}

const KINDS: Question<Kind> = {
  sql: (found) => `
    SELECT kind.*, (SELECT template FROM dogear_error_groups WHERE id = errorGroup) AS message
    FROM (SELECT shown_status AS status, job, error_key AS error, error_group AS errorGroup,
        count(*) AS runs
      FROM ${found} CROSS JOIN dogear_runs ON dogear_runs.id = substr(found.key, -32)
      GROUP BY 1, 2, 3, 4) AS kind`,
}

function errorsIn(kinds: readonly Kind[]): FoundError[] {
  const sums = new Map<string, FoundError>()
  for (const { runs, error, errorGroup: group, message } of kinds) {
    if (error === null) continue
    const known = sums.get(group ?? error)
    sums.set(group ?? error, {
      error,
      ...(group !== null && { group }),
      ...(message !== null && { message }),
      runs: runs + (known?.runs ?? 0),
    })
  }
  return [...sums.values()].toSorted((one, other) => other.runs - one.runs)
}

function totalOf(rows: readonly { runs: number }[], more: boolean): Total {
  const found = rows.reduce((sum, { runs }) => sum + runs, 0)
  return { total: Math.min(found, MOST_COUNTED), more: more || found > MOST_COUNTED }
}

function statusesIn(kinds: readonly Kind[]): Breakdown['statuses'] {
  const sums: Breakdown['statuses'] = {}
  for (const { status, runs } of kinds) sums[status] = (sums[status] ?? 0) + runs
  return sums
}

/** Those with skips are counted once more, under a word that is no status. */
const ALL_STATUSES = STATUSES.map((status) => `'${status}'`).join(', ')

/** All runs, those of a job, in a status, or both: D1 counts them as they come and go. */
async function countedAlready(
  db: D1Database,
  { q = '', job, status, otherThan, ...others }: Sought,
): Promise<number | undefined> {
  if (q.trim() !== '' || Object.values(others).some((part) => part !== undefined)) return undefined
  const runs = await db
    .prepare(
      `SELECT coalesce(sum(runs), 0) AS runs FROM dogear_run_counts
       WHERE (?1 IS NULL OR job = ?1) AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR job <> ?3)
         AND status IN (${ALL_STATUSES})`,
    )
    .bind(job ?? null, status ?? null, otherThan ?? null)
    .first<number>('runs')
  return runs ?? 0
}

/** A question about keys: SQL with a place for them, `found.key`. */
export interface Question<Row> {
  sql: (found: string) => string
  /** Only for inference. */
  row?: Row
}

/** What a question about the newest runs that fit is answered, and whether there are runs that were not looked at. */
export async function foundIn<Row>(
  db: D1Database,
  sources: readonly Source[],
  question: Question<Row>,
): Promise<{ rows: Row[]; more: boolean }> {
  if (sources.length === 0) return { rows: [], more: false }
  const places = sources.map((source) => new Place(source, { sort: 'newest' }))
  const keys = allKeys(places, MOST_COUNTED + 1)
  const [found, ...cuts] = await db.batch([
    db.prepare(question.sql(`(${keys.sql}) AS found`)).bind(...keys.values),
    ...places.map((place) => cutStatement(db, place)),
  ])
  return {
    rows: (found?.results ?? []) as Row[],
    more: cuts.some(({ results }) => (results[0] as { cut: string | null }).cut !== null),
  }
}

/** Each key once: a run may be found at several places. */
function allKeys(places: readonly Place[], limit: number): Sql {
  const parts = places.map((place) => {
    const [keys, refs] = [place.keys(limit), place.refs]
    return {
      sql: `SELECT one.value AS key FROM ${refs.sql} CROSS JOIN json_each(${keys.sql}) AS one`,
      values: [...refs.values, ...keys.values],
    }
  })
  return {
    sql: `SELECT DISTINCT key FROM (${parts.map(({ sql }) => sql).join(' UNION ALL ')}) LIMIT ${limit}`,
    values: parts.flatMap(({ values }) => values),
  }
}

function cutStatement(db: D1Database, place: Place): D1PreparedStatement {
  const [cut, refs] = [place.cut(), place.refs]
  return db
    .prepare(`SELECT max(${cut.sql}) AS cut FROM ${refs.sql}`)
    .bind(...cut.values, ...refs.values)
}
