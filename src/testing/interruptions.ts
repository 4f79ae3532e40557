import { encodeCursor, type Cursor } from '../engine/cursor.ts'
import type { RunView } from '../engine/run.ts'
import type { StopAt } from '../engine/pass/stop-at.ts'
import { idOf, type RunRef, type TestBench } from './bench.ts'
import { TestingError } from './errors.ts'
import { sharedBench } from './inline.ts'

/**
 * Drives a run until it is interrupted inside a step, at exactly this cursor, and leaves it so. The
 * cursor is the one the step had set (for an enumerator: of the last item done); without one, the
 * step's first checkpoint before it set any. Throws `never_interrupted` when the run never gets there.
 * After `interrupt_job_during_step` of Rails' `ActiveJob::Continuation::TestHelper`.
 */
export function interruptDuringStep(
  run: RunRef,
  step: string,
  { cursor = null }: { cursor?: Cursor } = {},
  bench: TestBench = sharedBench(),
): Promise<RunView> {
  const wanted = cursor === null ? null : encodeCursor(cursor)
  const where = `during step '${step}' at cursor ${wanted ?? 'none'}`
  return interrupt(bench, run, where, ({ position }) => {
    // At any depth: a step within a step has a cursor of its own.
    for (let at = position; at !== undefined; at = at.nested?.current) {
      if (at.step === step && at.cursor === wanted) return true
    }
    return false
  })
}

/**
 * Drives a run until it is interrupted between a step and the next one, and leaves it so. The last step
 * has no checkpoint behind it. Throws `never_interrupted` when the run never gets there. After
 * `interrupt_job_after_step` of Rails.
 */
export function interruptAfterStep(
  run: RunRef,
  step: string,
  bench: TestBench = sharedBench(),
): Promise<RunView> {
  return interrupt(bench, run, `after step '${step}'`, ({ position, completed }) => {
    return position === undefined && completed.at(-1) === step
  })
}

/**
 * Lets a run handle exactly `n` more items, of an iteration or of steps that move their cursor, and
 * interrupts it there. Throws `never_interrupted` when it has fewer. After `iterate_exact_times` of
 * job-iteration's TestHelper.
 */
export async function iterateExactly(
  run: RunRef,
  n: number,
  bench: TestBench = sharedBench(),
): Promise<RunView> {
  if (!Number.isSafeInteger(n) || n < 1) {
    throw new TestingError(
      'invalid_count',
      `iterateExactly got ${n}; expected 1 or more: a slice handles at least one item`,
    )
  }
  let handled = 0
  return interrupt(bench, run, `after ${n} more items`, ({ items }) => {
    if (items > 0) handled += 1
    return items > 0 && handled === n
  })
}

/** `iterateExactly(run, 1)`. */
export function iterateOnce(run: RunRef, bench: TestBench = sharedBench()): Promise<RunView> {
  return iterateExactly(run, 1, bench)
}

/** Takes an interrupted, held or paused run up again and drives it to rest, with no more interruptions. */
export async function continueIterating(
  run: RunRef,
  bench: TestBench = sharedBench(),
): Promise<RunView> {
  const { status, held } = await bench.view(run)
  if (status === 'paused' || held) await bench.objects(idOf(run)).command('resume', {})
  return bench.drive(run)
}

async function interrupt(
  bench: TestBench,
  run: RunRef,
  where: string,
  here: StopAt,
): Promise<RunView> {
  const { status: before } = await bench.view(run)
  let stopped = false
  const stopAt: StopAt = (at) => {
    stopped = here(at)
    return stopped
  }
  const view = await bench.drive(run, { deps: { stopAt }, until: () => stopped })
  if (stopped && view.status === 'interrupted') return view
  throw new TestingError(
    'never_interrupted',
    `Run ${view.id} was ${before} and came to be ${view.status} ` +
      `(steps completed: ${view.completedSteps.join(', ') || 'none'}; items: ${view.progress.done}); ` +
      `expected an interruption ${where}` +
      (view.error ? `. Its error: ${view.error.message}` : ''),
  )
}
