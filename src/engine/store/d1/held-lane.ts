import type { Report } from '../../drive/run-record.ts'
import type { Emit } from '../../events.ts'
import { Patience } from '../../patience.ts'
import type { Checkpoint } from '../../steps/continuation.ts'
import type { Change, CommitOutcome, Holder, Spent } from '../change.ts'
import { afterCommit, nothingKnown, type LaneState } from '../lane-state.ts'
import type { Lane } from '../store.ts'
import { commitBatch } from './commit-batch.ts'
import type { D1Usage } from './metered-database.ts'
import { d1Verdict } from './verdict.ts'
import { isoTime } from '../../iso-time.ts'

/** The longest wait of a slice for one answer of D1. Stalls of a minute happen; the lease is renewed meanwhile. */
export const SLICE_D1_TIMEOUT_MS = 30_000

/**
 * A lane in D1, as its holder sees it: raised, then written by commits, each of which is one D1 batch of
 * guard, effects and checkpoint. Never reads first: between a read and a commit an older batch may
 * still land; a raise uses up a seq, which kills whatever was sent before it.
 */
export class HeldLane implements Lane {
  readonly holder: Holder
  readonly #db: D1Database
  readonly #usage: D1Usage
  readonly #now: () => number
  readonly #patience: Patience
  readonly #emit: Emit
  #charged = { statements: 0, rowsRead: 0, rowsWritten: 0 }
  #raised = false
  /** Of the last raise. */
  #token = ''
  state: LaneState = nothingKnown()
  /** As D1 has answered it: without the commit that is under way. */
  #answered: LaneState = this.state

  /** `emit`: told of each commit. */
  constructor(
    db: D1Database,
    usage: D1Usage,
    holder: Holder,
    now: () => number,
    patienceMs: number,
    emit: Emit = () => undefined,
  ) {
    this.#db = db
    this.#usage = usage
    this.holder = holder
    this.#now = now
    this.#patience = new Patience(patienceMs)
    this.#emit = emit
  }

  async raise(): Promise<boolean> {
    // Its beginning says that this code knows lanes.
    this.#token = `lane-${crypto.randomUUID()}`
    const statement = raise(this.#db, this.holder, this.#time(), this.#token)
    const { results } = await this.#patience.with(statement.run<RaisedRow>())
    const row = results[0]
    if (row === undefined || row.status === null) return false
    const before = this.#answered
    this.state = this.#answered = stateOf(row, row.status)
    if (this.#raised) this.#tellFound(before)
    this.#raised = true
    return true
  }

  async commit(change: Change): Promise<CommitOutcome> {
    const spent = this.#uncharged()
    const startedAt = this.#now()
    const { holder, state: before } = this
    const next = afterCommit(before, change, spent, holder.codeVersion)
    this.state = next
    try {
      const commit = { holder, token: this.#token, before, next, change, spent, at: this.#time() }
      const prepared = commitBatch(commit).map(({ sql, params }) =>
        this.#db.prepare(sql).bind(...params),
      )
      await this.#patience.with(this.#db.batch(prepared))
    } catch (error) {
      this.state = before
      return { kind: d1Verdict(error), error }
    }
    this.#answered = next
    this.#emit('commit.written', {
      seq: before.seq,
      step: change.step,
      items: change.items,
      skips: change.skips?.length ?? 0,
      durationMs: this.#now() - startedAt,
    })
    return { kind: 'committed' }
  }

  currentFence(): Promise<number | null> {
    return this.#db
      .prepare(`SELECT fence FROM dogear_lanes WHERE run_id = ?1 AND lane = ?2`)
      .bind(this.holder.run, this.holder.lane)
      .first<number>('fence')
  }

  /** To be called when the slice is over. */
  letGo(): void {
    this.#patience.end()
  }

  report(resumed: boolean): Report {
    const {
      status: _status,
      results: _results,
      attributes: _attributes,
      round: _round,
      last: _last,
      open: _open,
      othersDone: _othersDone,
      othersSkipped: _othersSkipped,
      finished: _finished,
      lanes,
      checkpoint,
      ...counters
    } = this.#answered
    return {
      ...counters,
      fence: this.holder.fence,
      checkpoint: JSON.stringify(checkpoint),
      resumed,
      ...(lanes > 0 && { lanes }),
    }
  }

  /** The use since the last commit; a commit cannot know its own rows, so the next one carries them. */
  #uncharged(): Spent {
    const { statements, rowsRead, rowsWritten } = this.#usage
    const before = this.#charged
    this.#charged = { statements, rowsRead, rowsWritten }
    return {
      statements: statements - before.statements,
      rowsRead: rowsRead - before.rowsRead,
      rowsWritten: rowsWritten - before.rowsWritten,
    }
  }

  /** Commits whose answer was lost are seen by the raise after them. A new round counts from 0. */
  #tellFound({ commits, done, skipped, round }: LaneState): void {
    const { state } = this
    if (state.commits === commits) return
    const again = state.round > round
    this.#emit('commit.found', {
      commits: state.commits - commits,
      items: again ? 0 : state.done - done,
      skips: again ? 0 : state.skipped - skipped,
    })
  }

  #time(): string {
    return isoTime(this.#now())
  }
}

// Of a run in one lane nothing is read for it.
const ofOthers = (figure: string, name: string): string =>
  `iif(lanes > 0, (SELECT ${figure} FROM dogear_lanes WHERE run_id = ?1 AND lane <> ?2), 0) AS ${name}`

export const RAISE = `
  UPDATE dogear_lanes SET fence = ?3, seq = seq + 1, token = ?5, touched_at = ?4
  WHERE run_id = ?1 AND lane = ?2 AND fence <= ?3
  RETURNING seq, checkpoint, commits, progress, done, skipped, total, code_version AS codeVersion,
    d1_statements AS d1Statements, d1_rows_read AS d1RowsRead, d1_rows_written AS d1RowsWritten,
    attributes, round, lanes, last_cursor AS last, finished,
    ${ofOthers('count(*) FILTER (WHERE finished = 0)', 'open')},
    ${ofOthers('sum(done)', 'othersDone')}, ${ofOthers('sum(skipped)', 'othersSkipped')},
    (SELECT status FROM dogear_runs WHERE id = ?1) AS status,
    (SELECT json_group_object(step, result) FROM dogear_step_results WHERE run_id = ?1) AS results`

function raise(
  db: D1Database,
  { run, lane, fence }: Holder,
  at: string,
  token: string,
): D1PreparedStatement {
  return db.prepare(RAISE).bind(run, lane, fence, at, token)
}

/** `status` is null when the run is gone. Checkpoint and results are JSON. */
interface RaisedRow extends Omit<LaneState, 'status' | 'checkpoint' | 'results' | 'finished'> {
  finished: number
  status: LaneState['status'] | null
  checkpoint: string
  results: string
}

function stateOf(row: RaisedRow, status: LaneState['status']): LaneState {
  return {
    ...row,
    status,
    finished: row.finished === 1,
    checkpoint: JSON.parse(row.checkpoint) as Checkpoint,
    results: new Map(Object.entries(JSON.parse(row.results) as Record<string, string>)),
  }
}
