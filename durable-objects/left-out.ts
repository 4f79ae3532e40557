import type { LeftOut } from '../src/engine/drive/protocol.ts'
import type { LoggedEvent } from '../src/engine/events.ts'

/** Stands for routine events, which nobody tells apart. */
export const ROUTINE = ''
/** Stands for the job's own lines. */
export const LINES = 'run.logged'
/** More are counted by the type of the event alone. */
const MAX_LIKENESSES = 100

export const LEFT_OUT_TABLE = `CREATE TABLE left_out (
  alike TEXT PRIMARY KEY, count INTEGER NOT NULL, first_at TEXT NOT NULL, last_at TEXT NOT NULL
) WITHOUT ROWID;`

/** An object of before has forgotten the oldest without a word: they were those before the first that it has. */
export const LEFT_OUT_BEFORE = `INSERT INTO left_out
  SELECT '', min(id) - 1, strftime('%FT%H:%M:%fZ', (SELECT driving ->> '$.createdAt' FROM run) / 1000.0, 'unixepoch'),
    (SELECT event ->> '$.at' FROM events ORDER BY id LIMIT 1)
  FROM events HAVING min(id) > 1;`

/** How many events are no longer kept, and from when to when: nothing is lost silently. */
export class LeftOutEvents {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** `events` are alike, and in order. */
  add(alike: string, events: readonly LoggedEvent[]): void {
    const [first, last] = [events[0], events.at(-1)]
    if (first && last) this.note(this.#known(alike), events.length, first.event.at, last.event.at)
  }

  /** So many of that name, from when to when. */
  note(name: string, count: number, from: string, to: string): void {
    this.#sql.exec(
      `INSERT INTO left_out VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET count = count + ?2,
         first_at = min(first_at, ?3), last_at = max(last_at, ?4)`,
      name,
      count,
      from,
      to,
    )
  }

  #known(alike: string): string {
    const { known, all } = this.#sql
      .exec<{ known: number; all: number }>(
        `SELECT count(*) FILTER (WHERE alike = ?) AS known, count(*) AS "all" FROM left_out`,
        alike,
      )
      .one()
    return known === 0 && all >= MAX_LIKENESSES ? (alike.split(' ', 1)[0] as string) : alike
  }

  /** Of events. */
  all(): LeftOut[] {
    return this.#select(`alike != ?`, LINES)
  }

  /** Of that name. */
  of(name: string): LeftOut | null {
    return this.#select(`alike = ?`, name)[0] ?? null
  }

  #select(condition: string, name: string): LeftOut[] {
    const rows = this.#sql.exec<{
      alike: string
      count: number
      first_at: string
      last_at: string
    }>(
      `SELECT alike, count, first_at, last_at FROM left_out WHERE ${condition} ORDER BY first_at`,
      name,
    )
    return rows.toArray().map(({ alike, count, first_at: from, last_at: to }) => ({
      alike: alike === ROUTINE ? null : alike,
      count,
      from,
      to,
    }))
  }
}
