import { ADVANCE, END, GUARD, GUARD_END, RAISE, STEP_RESULT } from './commit-sql.ts'
import { EMPTY_CHECKPOINT, type Checkpoint } from './continuation.ts'
import { d1Verdict, Patience, type D1Verdict } from './d1-errors.ts'
import type { Statement } from './effects.ts'
import type { RunError } from './errors.ts'
import type { D1Usage } from './metered-database.ts'
import type { Report } from './protocol.ts'
import type { EndStatus } from './run.ts'

/** What D1 says about a run's lane: the only truth about what has happened. */
export interface Truth {
  status: 'active' | EndStatus
  seq: number
  checkpoint: Checkpoint
  /** Encoded results of completed steps. */
  results: ReadonlyMap<string, string>
  commits: number
  done: number
  skipped: number
  total: number | null
  codeVersion: string
  d1Statements: number
  d1RowsRead: number
  d1RowsWritten: number
}

/** What one commit changes besides the effects' own tables. */
export interface Change {
  effects: Statement[]
  checkpoint: Checkpoint
  /** The current step before this commit and the cursors it covers, for the ledger. */
  step: string | null
  fromCursor: string | null
  toCursor: string | null
  items: number
  total?: number
  stepResult?: { step: string; result: string }
  end?: End
}

/** The end of a run: a status in D1, written once, with all that follows from it. */
export interface End {
  status: EndStatus
  /** Encoded. */
  result?: string
  error?: RunError
  attention?: string
  /** JSON of the runs to start next. */
  children: string
}

/** Who is writing, and with which code. */
export interface Holder {
  run: string
  lane: number
  fence: number
  codeVersion: string
}

export type CommitOutcome = { kind: 'committed' } | { kind: D1Verdict; error: unknown }

/** How long a slice waits for one answer of D1. Stalls of a minute happen; the lease is renewed meanwhile. */
export const D1_PATIENCE_MS = 30_000

/**
 * A lane as its holder sees it: raised, then written by commits, each of which is one D1 batch of
 * guard, effects and checkpoint. Never reads first: between a read and a commit an older batch may
 * still land; a raise uses up a seq, which kills whatever was sent before it.
 */
export class HeldLane {
  readonly holder: Holder
  readonly #db: D1Database
  readonly #usage: D1Usage
  readonly #now: () => number
  readonly #patience: Patience
  #charged = { statements: 0, rowsRead: 0, rowsWritten: 0 }
  truth: Truth = nothingKnown()

  constructor(
    db: D1Database,
    usage: D1Usage,
    holder: Holder,
    now: () => number,
    patienceMs: number,
  ) {
    this.#db = db
    this.#usage = usage
    this.holder = holder
    this.#now = now
    this.#patience = new Patience(patienceMs)
  }

  /**
   * Takes over the lane in D1 and reads the truth, in one statement. False when no row came back: a
   * newer fence is there, or the run is gone. Throws when D1's answer is unknown; raise again then.
   */
  async raise(): Promise<boolean> {
    const { run, lane, fence } = this.holder
    const statement = this.#db.prepare(RAISE).bind(run, lane, fence, this.#time())
    const { results } = await this.#patience.with(statement.run<RaisedRow>())
    const row = results[0]
    if (row === undefined || row.status === null) return false
    this.truth = {
      status: row.status,
      seq: row.seq,
      checkpoint: JSON.parse(row.checkpoint) as Checkpoint,
      results: new Map(Object.entries(JSON.parse(row.results) as Record<string, string>)),
      commits: row.commits,
      done: row.done,
      skipped: row.skipped,
      total: row.total,
      codeVersion: row.code_version,
      d1Statements: row.d1_statements,
      d1RowsRead: row.d1_rows_read,
      d1RowsWritten: row.d1_rows_written,
    }
    return true
  }

  /** Writes one commit, all or nothing, and says what became of it. */
  async commit(change: Change): Promise<CommitOutcome> {
    const spent = this.#uncharged()
    try {
      const batch = this.#statements(change, spent).map(({ sql, params }) =>
        this.#db.prepare(sql).bind(...params),
      )
      await this.#patience.with(this.#db.batch(batch))
    } catch (error) {
      return { kind: d1Verdict(error), error }
    }
    const { truth } = this
    this.truth = {
      ...truth,
      seq: truth.seq + 1,
      status: change.end?.status ?? truth.status,
      checkpoint: change.checkpoint,
      results: change.stepResult
        ? new Map([...truth.results, [change.stepResult.step, change.stepResult.result]])
        : truth.results,
      commits: truth.commits + 1,
      done: truth.done + change.items,
      total: truth.total ?? change.total ?? null,
      codeVersion: this.holder.codeVersion,
      d1Statements: truth.d1Statements + spent.statements,
      d1RowsRead: truth.d1RowsRead + spent.rowsRead,
      d1RowsWritten: truth.d1RowsWritten + spent.rowsWritten,
    }
    return { kind: 'committed' }
  }

  /** To be called when the slice is over. */
  letGo(): void {
    this.#patience.end()
  }

  /** The truth as it is reported to the run's Durable Object. */
  report(resumed: boolean): Report {
    const { status: _status, results: _results, checkpoint, ...counters } = this.truth
    return {
      ...counters,
      fence: this.holder.fence,
      checkpoint: JSON.stringify(checkpoint),
      resumed,
    }
  }

  #statements(
    change: Change,
    spent: { statements: number; rowsRead: number; rowsWritten: number },
  ): Statement[] {
    const { run, lane, fence, codeVersion } = this.holder
    const { end, stepResult } = change
    const at = this.#time()
    const covered = [run, lane, this.truth.seq, change.step, change.fromCursor, change.toCursor]
    const guard = [...covered, change.items, fence, codeVersion, at]
    return [
      end ? { sql: GUARD_END, params: [...guard, end.status] } : { sql: GUARD, params: guard },
      ...change.effects,
      ...(stepResult
        ? [{ sql: STEP_RESULT, params: [run, stepResult.step, stepResult.result] }]
        : []),
      {
        sql: ADVANCE,
        params: [
          run,
          lane,
          JSON.stringify(change.checkpoint),
          change.items,
          change.total ?? null,
          codeVersion,
          end?.status === 'completed' ? 1 : 0,
          at,
          spent.statements,
          spent.rowsRead,
          spent.rowsWritten,
        ],
      },
      ...(end
        ? [
            {
              sql: END,
              params: [
                run,
                end.status,
                end.result ?? null,
                jsonOrNull(end.error),
                end.attention ?? null,
                end.children,
                at,
              ],
            },
          ]
        : []),
    ]
  }

  /** What was used since the last commit; a commit cannot know its own rows, so the next one carries them. */
  #uncharged(): { statements: number; rowsRead: number; rowsWritten: number } {
    const { statements, rowsRead, rowsWritten } = this.#usage
    const before = this.#charged
    this.#charged = { statements, rowsRead, rowsWritten }
    return {
      statements: statements - before.statements,
      rowsRead: rowsRead - before.rowsRead,
      rowsWritten: rowsWritten - before.rowsWritten,
    }
  }

  #time(): string {
    return new Date(this.#now()).toISOString()
  }
}

interface RaisedRow {
  seq: number
  checkpoint: string
  commits: number
  done: number
  skipped: number
  total: number | null
  code_version: string
  d1_statements: number
  d1_rows_read: number
  d1_rows_written: number
  status: 'active' | EndStatus | null
  results: string
}

function nothingKnown(): Truth {
  return {
    status: 'active',
    seq: 0,
    checkpoint: EMPTY_CHECKPOINT,
    results: new Map(),
    commits: 0,
    done: 0,
    skipped: 0,
    total: null,
    codeVersion: '',
    d1Statements: 0,
    d1RowsRead: 0,
    d1RowsWritten: 0,
  }
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
