import type { SlicesQuery, SliceView } from '../src/engine/drive/protocol.ts'
import type { Report } from '../src/engine/drive/run-record.ts'
import type { RunError } from '../src/engine/errors.ts'
import type { EngineEvent } from '../src/engine/events.ts'
import { isoTime } from '../src/engine/iso-time.ts'
import { shortError } from '../src/engine/short-event.ts'

/** So many are kept whole; older routine ones are in the stretches alone. */
const NEWEST = 500
/** The timeline ages by so many at a time. */
const AT_ONCE = 50
/** Of the older ones, those that ended otherwise than by their budget. */
const LASTING = 500
/** The first of those that ended alike stay. */
const FIRST_ALIKE = 20
/** Whoever does not say how many is given these. */
const PAGE = 200

export const SLICE_TABLE = `CREATE TABLE slices (
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
);`

/** The timeline of a run's slices, which follows from its events and reports. */
export class SliceLog {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  take(event: EngineEvent): void {
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
      if (fence % AT_ONCE === 0) this.#age(fence - NEWEST)
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

  /** Commits are too many to be events here: a report says how many there were. */
  progress(fence: number, { done, commits }: Report): void {
    this.#sql.exec(
      `UPDATE slices SET items = max(items, ? - done_before), commits = max(commits, ? - commits_before) WHERE fence = ?`,
      done,
      commits,
      fence,
    )
  }

  /** The newest that fit, oldest first. */
  page({ after = 0, before, limit = PAGE }: SlicesQuery = {}): SliceView[] {
    const rows = this.#sql.exec<SliceRow>(
      `SELECT fence, n, started_at, ended_at, outcome, reason, items, commits, error FROM slices
       WHERE fence > ? AND fence < ? ORDER BY fence DESC LIMIT ?`,
      after,
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    return rows
      .toArray()
      .toReversed()
      .map(({ started_at, ended_at, error, ...slice }) => ({
        ...slice,
        startedAt: isoTime(started_at),
        endedAt: ended_at === null ? null : isoTime(ended_at),
        error: error === null ? null : (JSON.parse(error) as RunError),
      }))
  }

  #age(last: number): void {
    this.#sql.exec(
      `DELETE FROM slices WHERE fence <= ? AND outcome = 'interrupted' AND reason IN ('budget', 'isolated')`,
      last,
    )
    for (;;) {
      const alikes = this.#sql
        .exec<{ ended: string; count: number }>(
          `SELECT outcome || coalesce(reason, '') AS ended, count(*) AS count FROM slices
           WHERE fence <= ? GROUP BY ended ORDER BY count DESC`,
          last,
        )
        .toArray()
      const [most] = alikes
      const tooMany = alikes.reduce((sum, { count }) => sum + count, 0) - LASTING
      if (!most || tooMany <= 0) return
      this.#sql.exec(
        `DELETE FROM slices WHERE fence IN (SELECT fence FROM slices
           WHERE fence <= ? AND outcome || coalesce(reason, '') = ? ORDER BY fence LIMIT ? OFFSET ?)`,
        last,
        most.ended,
        tooMany,
        Math.min(FIRST_ALIKE, most.count - 1),
      )
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
