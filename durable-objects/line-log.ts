import type { LinesPage, LinesQuery } from '../src/engine/drive/protocol.ts'
import type { LoggedLine, LogLine } from '../src/engine/events.ts'
import { isoTime } from '../src/engine/iso-time.ts'
import { LOG_LEVELS, type LogLevel } from '../src/engine/log-level.ts'
import { LeftOutEvents, LINES } from './left-out.ts'
import { sse } from './watchers.ts'

/** The newest lines are kept whole. */
const NEWEST = 5_000
const NEWEST_BYTES = 1_000_000
/** Of the older ones warnings and errors, the newest of these. */
const LASTING_BYTES = 250_000
/** As much is left when it has aged: else each report would delete. */
const AFTER_AGEING = 0.9

/** The lines of one report are one row, or few: a row written is what costs, and one may have 2 MB. */
const TOGETHER = 50

export const LINE_TABLE = `CREATE TABLE lines (
  last INTEGER PRIMARY KEY, count INTEGER NOT NULL, lines TEXT NOT NULL, aged INTEGER NOT NULL DEFAULT 0
);`

type Row = { last: number; count: number; lines: string }

/** The lines that a run's own code has written: `run.log`. */
export class LineLog {
  readonly #sql: SqlStorage
  readonly #leftOut: LeftOutEvents
  /** Of the newest; unknown until it is looked. */
  #newest: { count: number; bytes: number } | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#leftOut = new LeftOutEvents(sql)
  }

  /** Stores lines, in order, and numbers them. `lost`: so many before them never arrived. */
  append(told: readonly LoggedLine[], lost: number, now: number): LogLine[] {
    if (told.length === 0) return []
    const before = this.#last() + lost
    const lines = told.map(({ at, fence, level, message, fields }, index) => ({
      id: before + index + 1,
      at,
      fence,
      level,
      message,
      ...(fields !== undefined && { fields }),
    }))
    for (let at = 0; at < lines.length; at += TOGETHER) this.#insert(lines.slice(at, at + TOGETHER))
    if (lost > 0) this.#leftOut.note(LINES, lost, isoTime(now), isoTime(now))
    const { count, bytes } = (this.#newest ??= this.#look())
    if (count > NEWEST || bytes > NEWEST_BYTES) this.#age()
    return lines
  }

  #insert(lines: readonly LogLine[]): void {
    const text = JSON.stringify(lines)
    this.#sql.exec(
      `INSERT INTO lines (last, count, lines) VALUES (?, ?, ?)`,
      lines.at(-1)?.id,
      lines.length,
      text,
    )
    if (!this.#newest) return
    this.#newest.count += lines.length
    this.#newest.bytes += text.length
  }

  forget(): void {
    this.#newest = undefined
  }

  /** One page, the newest first: those of that level, and of those that matter more. */
  page({ after = 0, before = Infinity, limit, level = 'info' }: LinesQuery): LinesPage {
    const lines: LogLine[] = []
    let next: number | null = null
    for (const line of this.#newestFirst(after, before)) {
      if (!matters(line, level)) continue
      if (lines.length === limit) {
        next = lines.at(-1)?.id ?? null
        break
      }
      lines.push(line)
    }
    const leftOut = this.#leftOut.of(LINES)
    return { lines, next, total: this.#last(), leftOut }
  }

  /** Lines after that number as a watcher is sent them. */
  *framesSince(id: number): Generator<string> {
    const rows = this.#sql.exec<Row>(`SELECT * FROM lines WHERE last > ? ORDER BY last`, id)
    for (const row of rows) for (const line of linesOf(row)) if (line.id > id) yield sse({ line })
  }

  *#newestFirst(after: number, before: number): Generator<LogLine> {
    const rows = this.#sql.exec<Row>(
      `SELECT * FROM lines WHERE last > ? AND last - count < ? ORDER BY last DESC`,
      after,
      Math.min(before, Number.MAX_SAFE_INTEGER),
    )
    for (const row of rows)
      for (const line of linesOf(row).toReversed())
        if (line.id > after && line.id < before) yield line
  }

  #last(): number {
    return this.#sql
      .exec<{ last: number }>(`SELECT coalesce(max(last), 0) AS last FROM lines`)
      .one().last
  }

  #look(): { count: number; bytes: number } {
    return this.#sql
      .exec<{ count: number; bytes: number }>(
        `SELECT coalesce(sum(count), 0) AS count, coalesce(sum(length(lines)), 0) AS bytes FROM lines WHERE aged = 0`,
      )
      .one()
  }

  /** The oldest give way, all but warnings and errors; of those the oldest, when they are too many as well. */
  #age(): void {
    let { count, bytes } = this.#look()
    const rows = this.#sql.exec<Row>(`SELECT * FROM lines WHERE aged = 0 ORDER BY last`).toArray()
    for (const row of rows) {
      if (count <= NEWEST * AFTER_AGEING && bytes <= NEWEST_BYTES * AFTER_AGEING) break
      this.#ageRow(row)
      count -= row.count
      bytes -= row.lines.length
    }
    this.#newest = { count, bytes }
    this.#thin()
  }

  #ageRow(row: Row): void {
    const lines = linesOf(row)
    const lasting = lines.filter((line) => matters(line, 'warn'))
    this.#leaveOut(lines.filter((line) => !matters(line, 'warn')))
    if (lasting.length === 0) this.#sql.exec(`DELETE FROM lines WHERE last = ?`, row.last)
    else {
      this.#sql.exec(
        `UPDATE lines SET lines = ?, aged = 1 WHERE last = ?`,
        JSON.stringify(lasting),
        row.last,
      )
    }
  }

  #thin(): void {
    const rows = this.#sql.exec<Row>(`SELECT * FROM lines WHERE aged = 1 ORDER BY last DESC`)
    let bytes = 0
    for (const row of rows.toArray()) {
      bytes += row.lines.length
      if (bytes <= LASTING_BYTES) continue
      this.#sql.exec(`DELETE FROM lines WHERE last = ?`, row.last)
      this.#leaveOut(linesOf(row))
    }
  }

  #leaveOut(lines: readonly LogLine[]): void {
    const [first, last] = [lines[0], lines.at(-1)]
    if (first && last) this.#leftOut.note(LINES, lines.length, first.at, last.at)
  }
}

function linesOf({ lines }: Row): LogLine[] {
  return JSON.parse(lines) as LogLine[]
}

function matters({ level }: LogLine, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least)
}
