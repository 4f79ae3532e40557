import { InvalidStepError } from '../errors.ts'
import type { Pass } from '../pass/pass.ts'

/**
 * A step's cursor that is advanced names the next row; a walk that begins after it would pass that one over, at each
 * resumption. Asked at the first advance after a walk was built; `cursor`: the step's, encoded.
 */
export function requireNextRow(
  pass: Pick<Pass, 'walksAfter' | 'latch'>,
  step: string,
  cursor: string | null,
): void {
  const after = pass.walksAfter
  pass.walksAfter = null
  if (after !== cursor || pass.latch.told) return
  pass.latch.break(
    new InvalidStepError(
      `Step '${step}' walks rows after { cursor: step.cursor } and moves by advance(), whose cursor names the next row: ` +
        `each resumption would pass one over. Expected { from: step.cursor }, or step.set(cursor) with the cursor that comes beside a row`,
    ),
  )
}
