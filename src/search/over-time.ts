import { isoTime } from '../engine/iso-time.ts'
import { isEnded, type Status, STATUSES } from '../engine/run.ts'
import { selectRuns } from '../engine/store/d1/run-filter.ts'
import { findPlaces, type Sought, sourcesFor } from './find.ts'
import { placeOf } from './keys.ts'
import type { Source } from './sources.ts'
import { foundIn, MOST_COUNTED, type Question } from './totals.ts'

/** The runs of a stretch of time, by where they have come to. */
export interface Bucket {
  /** Its beginning. */
  at: string
  active: number
  completed: number
  failed: number
  cancelled: number
}

/** How many runs were created when. */
export interface RunsOverTime {
  /** The whole time, from the beginning of its first bucket to the end of the last one. */
  since: string
  until: string
  bucketMs: number
  buckets: Bucket[]
  /** Only the newest runs were counted; those of before this time are missing. */
  countedSince?: string
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Each is a whole part of a day, or whole days, of UTC. */
const WIDTHS_MS = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 7, 30, 365].map((days) => days * DAY_MS),
]

interface Counted {
  slot: number
  status: Status
  runs: number
}

/** Counts the runs that fit by the time of their creation, in at most so many buckets. */
export async function runsOverTime(
  db: D1Database,
  sought: Sought,
  { now, buckets }: { now: number; buckets: number },
): Promise<RunsOverTime> {
  const until = sought.until === undefined ? now : Date.parse(sought.until)
  const since = sought.since === undefined ? await oldest(db, sought) : Date.parse(sought.since)
  if (since === undefined || since >= until) {
    return { since: isoTime(until), until: isoTime(until), bucketMs: MINUTE_MS, buckets: [] }
  }
  const span = spanOf(since, until, buckets)
  const within = { ...sought, since: isoTime(span.since), until: isoTime(span.until) }
  const { counted, more } = isCountedByHour(sought, span.bucketMs)
    ? await byHour(db, within, span.bucketMs)
    : await byRun(db, within, span.bucketMs)
  return {
    since: within.since,
    until: within.until,
    bucketMs: span.bucketMs,
    buckets: bucketsOf(counted, span),
    ...(more && { countedSince: earliest(counted, span) }),
  }
}

async function oldest(db: D1Database, sought: Sought): Promise<number | undefined> {
  const { keys, next } = await findPlaces(db, sought, { sort: 'oldest', limit: 1 })
  const first = keys[0] ?? next
  return first === undefined || first === null ? undefined : Date.parse(placeOf(first).createdAt)
}

interface Span {
  since: number
  until: number
  bucketMs: number
}

/** Whole buckets, of the least width with which there are not too many. */
function spanOf(since: number, until: number, buckets: number): Span {
  const whole = (bucketMs: number): Span => ({
    since: Math.floor(since / bucketMs) * bucketMs,
    until: Math.ceil(until / bucketMs) * bucketMs,
    bucketMs,
  })
  const spans = WIDTHS_MS.map(whole)
  const fitting = spans.find((span) => (span.until - span.since) / span.bucketMs <= buckets)
  return fitting ?? whole(Math.ceil((until - since) / (buckets - 1) / DAY_MS) * DAY_MS)
}

/** There are counts of each hour, job and end. */
function isCountedByHour({ q = '', ...filter }: Sought, bucketMs: number): boolean {
  const { status: _status, job: _job, since: _since, until: _until, ...others } = filter
  return (
    bucketMs >= HOUR_MS &&
    q.trim() === '' &&
    Object.values(others).every((part) => part === undefined)
  )
}

/** Those that have ended from the counts; those under way are few, and counted one by one. */
async function byHour(
  db: D1Database,
  sought: Sought & { since: string; until: string },
  bucketMs: number,
): Promise<{ counted: Counted[]; more: boolean }> {
  const { status, job, since, until } = sought
  const active = STATUSES.filter((one) => !isEnded(one) && (status ?? one) === one)
  const [ended, underWay] = await Promise.all([
    db
      .prepare(
        `SELECT unixepoch(hour || ':00:00Z') / ${bucketMs / 1_000} AS slot, status, sum(runs) AS runs
         FROM dogear_run_hours WHERE hour >= ?1 AND hour < ?2
           AND (?3 IS NULL OR job = ?3) AND (?4 IS NULL OR status = ?4) GROUP BY 1, 2`,
      )
      .bind(since.slice(0, 13), until.slice(0, 13), job ?? null, status ?? null)
      .all<Counted>(),
    countRuns(
      db,
      active.map((one) => selectRuns({ ...sought, status: one })),
      bucketMs,
    ),
  ])
  return { counted: [...ended.results, ...underWay.counted], more: underWay.more }
}

async function byRun(db: D1Database, sought: Sought, bucketMs: number) {
  return countRuns(db, await sourcesFor(db, sought), bucketMs)
}

/** Of each run itself, the newest ones. */
async function countRuns(
  db: D1Database,
  sources: readonly Source[],
  bucketMs: number,
): Promise<{ counted: Counted[]; more: boolean }> {
  const { rows, more } = await foundIn(db, sources, bySlot(bucketMs))
  const runs = rows.reduce((sum, row) => sum + row.runs, 0)
  return { counted: rows, more: more || runs > MOST_COUNTED }
}

/** A key begins with the time of its run's creation. */
function bySlot(bucketMs: number): Question<Counted> {
  return {
    sql: (found) => `
      SELECT unixepoch(substr(found.key, 1, length(found.key) - 33)) / ${bucketMs / 1_000} AS slot,
        shown_status AS status, count(*) AS runs FROM ${found}
      CROSS JOIN dogear_runs ON dogear_runs.id = substr(found.key, -32) GROUP BY 1, 2`,
  }
}

function bucketsOf(counted: readonly Counted[], { since, until, bucketMs }: Span): Bucket[] {
  const buckets: Bucket[] = []
  for (let at = since; at < until; at += bucketMs) {
    buckets.push({ at: isoTime(at), active: 0, completed: 0, failed: 0, cancelled: 0 })
  }
  for (const { slot, status, runs } of counted) {
    const bucket = buckets[slot - since / bucketMs]
    if (bucket) bucket[isEnded(status) ? status : 'active'] += runs
  }
  return buckets
}

/** The bucket in which counting stopped is not whole. */
function earliest(counted: readonly Counted[], { since, bucketMs }: Span): string {
  const slots = counted.map(({ slot }) => slot)
  return isoTime(slots.length === 0 ? since : Math.min(...slots) * bucketMs)
}
