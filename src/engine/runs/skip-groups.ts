import type { RunError } from '../errors.ts'
import { isEnded, type RunView } from '../run.ts'
import { redactorIn } from '../store/d1/redactor-in.ts'
import { countBetween, notYetRedriven, skipGroups } from '../store/d1/skip-queries.ts'

/** Skipped items of a run whose errors are the same but for numbers, ids and times. */
export interface SkipGroup {
  id: string
  /** Of the first of them. */
  error: RunError
  skips: number
  firstAt: string
  lastAt: string
}

/** The skipped items of a run, by their errors. */
export interface SkipGroups {
  groups: SkipGroup[]
  skipped: number
  /** Items that no group has: those of rarer errors, and those skipped by code of before. */
  others: number
  /** Items that a re-drive would handle now. */
  toRedrive: number
}

/** More different errors than these nobody reads. */
const MAX_GROUPS = 100

export async function listSkipGroups(db: D1Database, run: RunView): Promise<SkipGroups> {
  const { id, progress, style, status } = run
  const [rows, redact] = await Promise.all([skipGroups(db, id, MAX_GROUPS), redactorIn(db, id)])
  const groups = rows.map(({ error, ...row }) => ({ ...row, error: JSON.parse(error) as RunError }))
  const grouped = groups.reduce((sum, { skips }) => sum + skips, 0)
  const redrivable = style === 'iteration' && isEnded(status) && progress.skipped > 0
  return {
    groups: redact(groups),
    skipped: progress.skipped,
    others: Math.max(0, progress.skipped - grouped),
    toRedrive: redrivable ? await countBetween(db, id, await notYetRedriven(db, id)) : 0,
  }
}
