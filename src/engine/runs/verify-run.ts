import { check, verifyLedger, type Check } from './verify.ts'
import type { SliceView } from '../drive/protocol.ts'
import { isEnded, type RunView } from '../run.ts'
import { redactorIn } from '../sensitive.ts'

/** The proof that a run did everything exactly once. */
export interface Verification {
  ok: boolean
  run: string
  checks: Check[]
}

/**
 * Checks what holds for a run of any job: its ledger, and that it is over and nobody holds it. `own` are
 * the checks of its job's own claims.
 */
export async function verifyRun(
  db: D1Database,
  run: RunView,
  slices: readonly SliceView[],
  own: readonly Check[] = [],
): Promise<Verification> {
  const ledger = await verifyLedger(db, run.id)
  const over = [
    check('Run completed', 'completed', run.status),
    check(
      'Lease free',
      true,
      isEnded(run.status) && slices.every(({ outcome }) => outcome !== 'running'),
    ),
  ]
  // Checks show cursors as they are stored.
  const redact = await redactorIn(db, run.id)
  const checks = redact([...own, ...ledger, ...over])
  return { ok: checks.every(({ ok }) => ok), run: run.id, checks }
}
