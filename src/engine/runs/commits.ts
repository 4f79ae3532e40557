import { displayCursor } from '../cursor.ts'
import { redactorIn } from '../store/d1/redactor-in.ts'
import { ITERATION_STEP } from '../steps/continuation.ts'
import { commitsBetween } from '../store/d1/ledger-queries.ts'

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

/** A run's commits, in one of its lanes, the newest first, by keyset. What a fork was given to begin with is none of them. */
export async function listCommits(
  db: D1Database,
  run: string,
  {
    limit,
    before = Number.MAX_SAFE_INTEGER,
    after = 0,
    lane = 0,
  }: { limit: number; before?: number; after?: number; lane?: number },
): Promise<{ commits: LedgerCommit[]; next: number | null }> {
  const redact = await redactorIn(db, run)
  const found = await commitsBetween(db, run, { before, after, lane }, limit + 1)
  const rows = found.slice(0, limit)
  return {
    commits: redact(
      rows.map((row) => ({
        ...row,
        step: row.step === ITERATION_STEP ? null : row.step,
        fromCursor: displayCursor(row.fromCursor),
        toCursor: displayCursor(row.toCursor),
        forkable: row.forkable === 1,
      })),
    ),
    next: found.length > limit ? (rows.at(-1)?.seq ?? null) : null,
  }
}
