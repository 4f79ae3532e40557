import type { SliceView } from '../src/engine/drive/protocol.ts'
import type { Report } from '../src/engine/drive/run-record.ts'
import type { RunError } from '../src/engine/errors.ts'
import type { EngineEvent, LoggedEvent } from '../src/engine/events.ts'
import { shortError, shortEvent } from '../src/engine/short-event.ts'
import { sse } from './watchers.ts'
import { isoTime } from '../src/engine/iso-time.ts'

/** Log and timeline keep the newest only: storage does not grow with a run's length. */
const MAX_EVENTS = 1_000
const MAX_SLICES = 200
/** Of all events together. A watcher is sent them at once. */
const MAX_LOG_BYTES = 2_000_000

/** Tables of the object's schema that this file owns. */
export const EVENT_TABLES = [
  `CREATE TABLE slices (
     fence INTEGER PRIMARY KEY,
     n INTEGER NOT NULL,
     started_at INTEGER NOT NULL,
     ended_at INTEGER,
     outcome TEXT NOT NULL,
     reason TEXT,
     done_before INTEGER NOT NULL,
     commits_before INTEGER NOT NULL,
     items INTEGER NOT NULL DEFAULT 0,
     commits INTEGER NOT NULL DEFAULT 0,
     error TEXT
   );`,
  // Only the oldest are ever deleted, so an id is never used twice.
  `CREATE TABLE events (id INTEGER PRIMARY KEY, event TEXT NOT NULL);`,
] as const

/** The events of a run; and the timeline of its slices, which follows from them. */
export class EventLog {
  readonly #sql: SqlStorage
  /** Of all events; unknown until the first one is added. */
  #bytes: number | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Stores events, in order, and gives them their numbers. */
  append(events: readonly EngineEvent[]): LoggedEvent[] {
    const logged = events.map((told) => {
      // Older code tells them at full length.
      const event = shortEvent(told)
      this.#project(event)
      const text = JSON.stringify(event)
      const { id } = this.#sql
        .exec<{ id: number }>(`INSERT INTO events (event) VALUES (?) RETURNING id`, text)
        .one()
      this.#sql.exec(`DELETE FROM events WHERE id <= ?`, id - MAX_EVENTS)
      if (this.#bytes !== undefined) this.#bytes += byteLength(text)
      return { id, event }
    })
    this.#keepSmall()
    return logged
  }

  /** Those that were forgotten for their number still count until it is looked: then it is exact. */
  #keepSmall(): void {
    if (this.#bytes !== undefined && this.#bytes <= MAX_LOG_BYTES) return
    const sizes = this.#sql
      .exec<{ id: number; bytes: number }>(
        `SELECT id, length(CAST(event AS BLOB)) AS bytes FROM events ORDER BY id DESC`,
      )
      .toArray()
    let bytes = 0
    const tooOld = sizes.find(({ bytes: more }) => (bytes += more) > MAX_LOG_BYTES)
    if (tooOld) this.#sql.exec(`DELETE FROM events WHERE id <= ?`, tooOld.id)
    this.#bytes = bytes - (tooOld?.bytes ?? 0)
  }

  /** The size so far counts as unknown: the storage may have been rolled back. */
  forget(): void {
    this.#bytes = undefined
  }

  /** Events after that number as a watcher is sent them, one at a time: a log may be large. */
  *framesSince(id: number): Generator<string> {
    const rows = this.#sql.exec<{ id: number; event: string }>(
      `SELECT id, event FROM events WHERE id > ? ORDER BY id`,
      id,
    )
    for (const row of rows) yield sse({ id: row.id, event: JSON.parse(row.event) as EngineEvent })
  }

  /** Commits are too many to be events here: a report says how many there were. */
  progress(fence: number, { done, commits }: Report): void {
    this.#sql.exec(
      `UPDATE slices SET items = max(items, ? - done_before), commits = max(commits, ? - commits_before) WHERE fence = ?`,
      done,
      commits,
      fence,
    )
  }

  /** The newest slices, oldest first. */
  slices(): SliceView[] {
    const rows = this.#sql.exec<SliceRow>(
      `SELECT fence, n, started_at, ended_at, outcome, reason, items, commits, error FROM slices ORDER BY fence`,
    )
    return rows.toArray().map(({ started_at, ended_at, error, ...slice }) => ({
      ...slice,
      startedAt: isoTime(started_at),
      endedAt: ended_at === null ? null : isoTime(ended_at),
      error: error === null ? null : (JSON.parse(error) as RunError),
    }))
  }

  #project(event: EngineEvent): void {
    const { fence } = event
    const at = Date.parse(event.at)
    if (event.type === 'slice.claimed') {
      this.#sql.exec(
        `INSERT INTO slices (fence, n, started_at, outcome, done_before, commits_before) VALUES (?, ?, ?, 'running', ?, ?)`,
        fence,
        event.n,
        at,
        event.done,
        event.commits,
      )
      this.#sql.exec(`DELETE FROM slices WHERE fence <= ?`, fence - MAX_SLICES)
    } else if (event.type === 'slice.released') {
      const { outcome, reason = null, error = null } = event
      this.#end(fence, at, outcome, reason, error && shortError(error))
    } else if (event.type === 'slice.vanished') {
      this.#end(fence, at, 'vanished', null, null)
    } else if (event.type === 'run.commanded' && event.command === 'cancel') {
      // Its lease was taken away: nothing that it says counts any more.
      this.#end(fence, at, 'interrupted', 'cancel', null)
    }
  }

  #end(
    fence: number,
    at: number,
    outcome: string,
    reason: string | null,
    error: RunError | null,
  ): void {
    this.#sql.exec(
      `UPDATE slices SET ended_at = ?, outcome = ?, reason = ?, error = ? WHERE fence = ? AND ended_at IS NULL`,
      at,
      outcome,
      reason,
      error && JSON.stringify(error),
      fence,
    )
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength
}

type SliceRow = {
  fence: number
  n: number
  started_at: number
  ended_at: number | null
  outcome: SliceView['outcome']
  reason: string | null
  items: number
  commits: number
  error: string | null
}
