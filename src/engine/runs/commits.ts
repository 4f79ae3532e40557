import { displayCursor } from '../cursor.ts'
import { redactorIn } from '../sensitive.ts'
import { ITERATION_STEP } from '../steps/continuation.ts'
import { type CommitRow, FORKABLE } from '../store/d1/ledger-queries.ts'

/** A row of a run's ledger: one commit. */
export interface LedgerCommit {
  seq: number
  /** The step it belongs to; null for an iteration, and for what belongs to no step. */
  step: string | null
  fromCursor: unknown
  toCursor: unknown
  items: number
  fence: number
  codeVersion: string
  at: string
  /** A run can be started that goes on from here. */
  forkable: boolean
}

/** A run's commits, the newest first, by keyset. What a fork was given to begin with is none of them. */
export async function listCommits(
  db: D1Database,
  run: string,
  { limit, before = Number.MAX_SAFE_INTEGER }: { limit: number; before?: number },
): Promise<{ commits: LedgerCommit[]; next: number | null }> {
  const redact = await redactorIn(db, run)
  const { results } = await db
    .prepare(
      `SELECT seq, step, from_cursor, to_cursor, items, fence, code_version, at, ${FORKABLE} AS forkable
       FROM ledger WHERE run_id = ?1 AND lane = 0 AND seq < ?2 AND fence > 0
       ORDER BY seq DESC LIMIT ?3`,
    )
    .bind(run, before, limit + 1)
    .all<CommitRow>()
  const rows = results.slice(0, limit)
  return {
    commits: redact(
      rows.map((row) => ({
        seq: row.seq,
        step: row.step === ITERATION_STEP ? null : row.step,
        fromCursor: displayCursor(row.from_cursor),
        toCursor: displayCursor(row.to_cursor),
        items: row.items,
        fence: row.fence,
        codeVersion: row.code_version,
        at: row.at,
        forkable: row.forkable === 1,
      })),
    ),
    next: results.length > limit ? (rows.at(-1)?.seq ?? null) : null,
  }
}
