import type { Stretch, Stretches } from '../src/engine/drive/protocol.ts'
import type { Report } from '../src/engine/drive/run-record.ts'
import type { EngineEvent } from '../src/engine/events.ts'
import { isoTime } from '../src/engine/iso-time.ts'

/** So wide the stretches of a run begin; finer than its reports come. */
const FIRST_WIDTH_MS = 250
/** Of a longer run they are twice as wide, and twice again. */
const MOST = 512

export const STRETCH_TABLE = `CREATE TABLE stretches (at INTEGER PRIMARY KEY, sums TEXT NOT NULL);`
/** The stretch under way is written with the run's own row, which each report writes anyway. */
export const STRETCH_COLUMN = `ALTER TABLE run ADD COLUMN stretch TEXT;`

/** What happened in a stretch of time. */
type Sums = Omit<Stretch, 'from'>

/** The stretch under way, and what was known to be done when it was last added to. */
interface Open {
  widthMs: number
  at: number
  sums: Sums
  done: number
  commits: number
  /** The last sign of life of the slice under way. */
  heardAt: number | null
}

const NOTHING: Sums = {
  items: 0,
  commits: 0,
  slices: 0,
  workedMs: 0,
  vanished: 0,
  errored: 0,
  interrupted: 0,
}

/**
 * A run's whole course in at most 512 stretches of equal width, each with its sums. Stretches in which nothing
 * happened take no place, so a night's wait costs no detail.
 */
export class StretchLog {
  readonly #sql: SqlStorage
  #open: Open | null | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** As it is to be stored with the run. */
  get stored(): string | null {
    const open = this.#known()
    return open && JSON.stringify(open)
  }

  /** What is in memory may be ahead of what is stored. */
  forget(): void {
    this.#open = undefined
  }

  take(event: EngineEvent): void {
    const at = Date.parse(event.at)
    if (event.type === 'slice.claimed') {
      this.#add(at, { slices: 1 })
      this.#hear(at, event)
    } else if (event.type === 'slice.vanished') this.#ended(at, { vanished: 1 })
    else if (event.type === 'slice.released') this.#ended(at, endingOf(event))
  }

  /** Items and commits since the last report, and the time that they took. */
  progress(at: number, { done, commits }: Pick<Report, 'done' | 'commits'>): void {
    const open = this.#known()
    // A slice of before this was kept: what it had done till now is not known.
    if (!open || open.heardAt === null) return this.#hear(at, { done, commits })
    this.#add(at, {
      items: Math.max(0, done - open.done),
      commits: Math.max(0, commits - open.commits),
      workedMs: Math.max(0, at - open.heardAt),
    })
    this.#hear(at, { done, commits })
  }

  /** Those that end after that time, oldest first. */
  since(after = 0): Stretches {
    const open = this.#known()
    const widthMs = open?.widthMs ?? FIRST_WIDTH_MS
    const rows = this.#sql
      .exec<{ at: number; sums: string }>(
        `SELECT at, sums FROM stretches WHERE at > ? ORDER BY at`,
        after - widthMs,
      )
      .toArray()
      .map(({ at, sums }) => ({ from: isoTime(at), ...NOTHING, ...(JSON.parse(sums) as Sums) }))
    const last = open ? [{ from: isoTime(open.at), ...open.sums }] : []
    return { widthMs, stretches: [...rows, ...last] }
  }

  /** The slices that an older object has kept, so that a run under way has some past. */
  begin(): void {
    const slices = this.#sql.exec<{
      started_at: number
      ended_at: number | null
      outcome: string
      reason: string | null
      items: number
      commits: number
    }>(`SELECT started_at, ended_at, outcome, reason, items, commits FROM slices ORDER BY fence`)
    for (const { started_at, ended_at, outcome, reason, items, commits } of slices.toArray()) {
      if (ended_at === null) continue
      const workedMs = ended_at - started_at
      this.#add(ended_at, { slices: 1, items, commits, workedMs, ...endingOf({ outcome, reason }) })
    }
  }

  #ended(at: number, ending: Partial<Sums>): void {
    this.#add(at, ending)
    const open = this.#known()
    if (open) open.heardAt = null
  }

  #hear(at: number, { done, commits }: { done: number; commits: number }): void {
    this.#open = { ...(this.#known() ?? opened(at)), done, commits, heardAt: at }
  }

  #add(time: number, more: Partial<Sums>): void {
    this.#open ??= this.#known() ?? opened(time)
    const open = this.#open
    // A clock that goes back adds to the stretch under way.
    if (time >= open.at + open.widthMs) this.#close(open, time)
    open.sums = plus(open.sums, more)
  }

  #close(open: Open, time: number): void {
    const { at, sums } = open
    this.#sql.exec(`INSERT OR REPLACE INTO stretches VALUES (?, ?)`, at, written(sums))
    const { count } = this.#sql
      .exec<{ count: number }>(`SELECT count(*) AS count FROM stretches`)
      .one()
    if (count >= MOST) this.#widen(open)
    open.at = time - (time % open.widthMs)
    open.sums = NOTHING
    // Half of it may have been written before the stretches were widened.
    const [half] = this.#sql
      .exec<{ sums: string }>(`DELETE FROM stretches WHERE at = ? RETURNING sums`, open.at)
      .toArray()
    if (half) open.sums = plus(NOTHING, JSON.parse(half.sums) as Sums)
  }

  #widen(open: Open): void {
    open.widthMs *= 2
    const merged = new Map<number, Sums>()
    const rows = this.#sql.exec<{ at: number; sums: string }>(
      `DELETE FROM stretches RETURNING at, sums`,
    )
    for (const { at, sums } of rows.toArray()) {
      const wide = at - (at % open.widthMs)
      merged.set(wide, plus(merged.get(wide) ?? NOTHING, JSON.parse(sums) as Sums))
    }
    for (const [at, sums] of merged)
      this.#sql.exec(`INSERT INTO stretches VALUES (?, ?)`, at, written(sums))
  }

  #known(): Open | null {
    if (this.#open === undefined) {
      const [row] = this.#sql.exec<{ stretch: string | null }>(`SELECT stretch FROM run`).toArray()
      this.#open = row?.stretch ? (JSON.parse(row.stretch) as Open) : null
    }
    return this.#open
  }
}

/** What is counted of the end of a slice: nothing, when it ended as planned. */
function endingOf({
  outcome,
  reason,
  error,
}: {
  outcome: string
  reason?: string | null
  error?: unknown
}): Partial<Sums> {
  if (outcome === 'vanished') return { vanished: 1 }
  if (error || outcome === 'errored') return { errored: 1 }
  const planned = outcome === 'ended' || reason === 'budget' || reason === 'isolated'
  return planned ? {} : { interrupted: 1 }
}

function opened(time: number): Open {
  return {
    widthMs: FIRST_WIDTH_MS,
    at: time - (time % FIRST_WIDTH_MS),
    sums: NOTHING,
    done: 0,
    commits: 0,
    heardAt: null,
  }
}

function plus(sums: Sums, more: Partial<Sums>): Sums {
  const names = Object.keys(NOTHING) as (keyof Sums)[]
  return Object.fromEntries(
    names.map((name) => [name, sums[name] + (more[name] ?? 0)]),
  ) as unknown as Sums
}

/** What is nothing is left out. */
function written(sums: Sums): string {
  return JSON.stringify(sums, (_name, value: unknown) => (value === 0 ? undefined : value))
}
