import type { EventsPage, EventsQuery } from '../src/engine/drive/protocol.ts'
import { isOfKind } from '../src/engine/event-kinds.ts'
import type { EngineEvent, LoggedEvent } from '../src/engine/events.ts'
import { likenessOf } from '../src/engine/likeness.ts'
import { LeftOutEvents, ROUTINE } from './left-out.ts'
import { sse } from './watchers.ts'

/** So many are kept whole; a watcher is sent them at once, so they are bounded in bytes, too. */
const NEWEST = 1_000
const NEWEST_BYTES = 1_200_000
/** The log ages by so many at a time: a write each would be dear. */
const AT_ONCE = 100
const AFTER_AGEING = 0.9
/** Of the older ones, these are kept: what went wrong, what people asked for, what began and ended. */
const LASTING = 2_000
const LASTING_BYTES = 700_000
/** The first of those that are alike stay: they tell when it began. */
const FIRST_ALIKE = 20

/** `alike`: of an older event, what it has in common with others; null among the newest. */
export const EVENT_TABLE = `CREATE TABLE events (id INTEGER PRIMARY KEY, event TEXT NOT NULL);`
export const ALIKE_COLUMN = `ALTER TABLE events ADD COLUMN alike TEXT;`

/**
 * The events of a run, numbered. The newest are kept whole. What went wrong, what people asked for, and what began
 * and ended is kept for the run's life, the likest least; what is left out is counted.
 */
export class EventLog {
  readonly #sql: SqlStorage
  readonly #leftOut: LeftOutEvents
  /** Of the newest; unknown until it is looked. */
  #newest: { count: number; bytes: number } | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#leftOut = new LeftOutEvents(sql)
  }

  /** Stores events, in order, and gives them their numbers: the newest is never deleted, so each is used once. */
  append(events: readonly EngineEvent[]): LoggedEvent[] {
    const stored = events.map((event) => {
      const text = JSON.stringify(event)
      const { id } = this.#sql
        .exec<{ id: number }>(`INSERT INTO events (event) VALUES (?) RETURNING id`, text)
        .one()
      if (this.#newest) {
        this.#newest.count += 1
        this.#newest.bytes += byteLength(text)
      }
      return { id, event }
    })
    this.#age()
    return stored
  }

  /** The size so far counts as unknown: the storage may have been rolled back. */
  forget(): void {
    this.#newest = undefined
  }

  /** Events after that number as a watcher is sent them, one at a time: a log may be large. */
  *framesSince(id: number): Generator<string> {
    const rows = this.#sql.exec<{ id: number; event: string }>(
      `SELECT id, event FROM events WHERE id > ? ORDER BY id`,
      id,
    )
    for (const row of rows) yield sse(logged(row))
  }

  /** One page, the newest first. */
  page({ after = 0, before, limit, only = 'all' }: EventsQuery): EventsPage {
    const rows = this.#sql.exec<{ id: number; event: string }>(
      `SELECT id, event FROM events WHERE id > ? AND id < ? ORDER BY id DESC`,
      after,
      before ?? Number.MAX_SAFE_INTEGER,
    )
    const events: LoggedEvent[] = []
    let next: number | null = null
    for (const row of rows) {
      const one = logged(row)
      if (!isOfKind(one.event, only)) continue
      if (events.length === limit) {
        next = events.at(-1)?.id ?? null
        break
      }
      events.push(one)
    }
    const leftOut = this.#leftOut
      .all()
      .filter(({ alike }) => only === 'all' || (alike !== null && isOfKind(typed(alike), only)))
    const kept = this.#count(only)
    return {
      events,
      next,
      total: kept + leftOut.reduce((sum, { count }) => sum + count, 0),
      leftOut,
    }
  }

  #count(only: EventsQuery['only'] = 'all'): number {
    if (only === 'all')
      return this.#sql.exec<{ kept: number }>(`SELECT count(*) AS kept FROM events`).one().kept
    let kept = 0
    const rows = this.#sql.exec<{ type: string; status: string | null }>(
      `SELECT event ->> '$.type' AS type, event ->> '$.status' AS status FROM events`,
    )
    for (const { type, status } of rows)
      if (isOfKind({ type, ...(status !== null && { status }) }, only)) kept += 1
    return kept
  }

  #age(): void {
    this.#newest ??= this.#look()
    const { count, bytes } = this.#newest
    if (count < NEWEST + AT_ONCE && bytes <= NEWEST_BYTES) return
    const last = this.#oldEnough()
    this.#newest = undefined
    if (last === undefined) return
    const old = this.#sql
      .exec<{ id: number; event: string }>(
        `SELECT id, event FROM events WHERE alike IS NULL AND id <= ? ORDER BY id`,
        last,
      )
      .toArray()
      .map(logged)
    const routine = old.filter(({ id, event }) => {
      const alike = likenessOf(event)
      if (alike !== undefined) this.#sql.exec(`UPDATE events SET alike = ? WHERE id = ?`, alike, id)
      return alike === undefined
    })
    this.#sql.exec(`DELETE FROM events WHERE alike IS NULL AND id <= ?`, last)
    this.#leftOut.add(ROUTINE, routine)
    this.#thin()
  }

  #look(): { count: number; bytes: number } {
    return this.#sql
      .exec<{ count: number; bytes: number }>(
        `SELECT count(*) AS count, coalesce(sum(length(CAST(event AS BLOB))), 0) AS bytes FROM events WHERE alike IS NULL`,
      )
      .one()
  }

  /** The newest of those that are too many, or beyond the bytes. */
  #oldEnough(): number | undefined {
    const rows = this.#sql.exec<{ id: number; bytes: number }>(
      `SELECT id, length(CAST(event AS BLOB)) AS bytes FROM events WHERE alike IS NULL ORDER BY id DESC`,
    )
    let [count, bytes] = [0, 0]
    for (const row of rows) {
      count += 1
      bytes += row.bytes
      if (count > NEWEST || bytes > NEWEST_BYTES * AFTER_AGEING) return row.id
    }
    return undefined
  }

  /** Of the older ones, those that are alike and take up most give way: the many must not push out the one. */
  #thin(): void {
    for (;;) {
      const alikes = this.#sql
        .exec<{ alike: string; count: number; bytes: number }>(
          `SELECT alike, count(*) AS count, sum(length(CAST(event AS BLOB))) AS bytes FROM events
           WHERE alike IS NOT NULL GROUP BY alike ORDER BY bytes DESC, count DESC`,
        )
        .toArray()
      const [most] = alikes
      const count = alikes.reduce((sum, alike) => sum + alike.count, 0)
      const bytes = alikes.reduce((sum, alike) => sum + alike.bytes, 0)
      if (!most || (count <= LASTING && bytes <= LASTING_BYTES)) return
      if (most.count > FIRST_ALIKE) this.#leaveOutOf(most.alike, most.count)
      else this.#leaveOutOldest(Math.ceil(count / 20))
    }
  }

  #leaveOutOf(alike: string, count: number): void {
    const gone = this.#sql.exec<{ id: number; event: string }>(
      `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE alike = ? ORDER BY id LIMIT ? OFFSET ?)
       RETURNING id, event`,
      alike,
      Math.ceil(count / 20),
      FIRST_ALIKE,
    )
    this.#leftOut.add(alike, inOrder(gone))
  }

  /** No kind of them has many: each is another one. */
  #leaveOutOldest(count: number): void {
    const gone = this.#sql.exec<{ id: number; event: string }>(
      `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE alike IS NOT NULL ORDER BY id LIMIT ?)
       RETURNING id, event`,
      count,
    )
    const alikes = Map.groupBy(inOrder(gone), ({ event }) => likenessOf(event) ?? ROUTINE)
    for (const [alike, events] of alikes) this.#leftOut.add(alike, events)
  }
}

function inOrder(rows: Iterable<{ id: number; event: string }>): LoggedEvent[] {
  return [...rows].map(logged).toSorted((a, b) => a.id - b.id)
}

function logged({ id, event }: { id: number; event: string }): LoggedEvent {
  return { id, event: JSON.parse(event) as EngineEvent }
}

/** A likeness begins with the type of its events. */
function typed(alike: string): { type: string } {
  return { type: alike.split(' ', 1)[0] as string }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength
}
