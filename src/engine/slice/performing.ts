import type { NewRun } from '../drive/run-record.ts'
import { ensureError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import type { Registry } from '../job/registry.ts'
import { inLastHook } from '../pass/hooks.ts'
import type { Pass } from '../pass/pass.ts'
import { Scope, within } from '../pass/scope.ts'
import type { End } from '../store/change.ts'
import { perform } from '../styles/perform.ts'
import { listChildren } from './closing.ts'

/** The outcome of a job's own work: its result, or the reason why it did not come to its end. */
export type Performed = { ok: true; value: unknown } | { ok: false; error: Error }

/** Lets the job work. The latch decides what happened, not what user code threw or swallowed. */
export async function performOn(pass: Pass, job: Job): Promise<Performed> {
  const { latch, continuation } = pass
  try {
    // A scope of its own: whoever delivered the message may be inside that of another slice.
    const performing = within(new Scope(), () => perform(job, pass))
    const value = await Promise.race([performing, latch.abandoned])
    await pass.answered()
    // An iteration has no steps of the author's to meet.
    if (!latch.signal && pass.style === 'continuable') continuation.finish()
    return latch.signal ? { ok: false, error: new Error('asked to stop') } : { ok: true, value }
  } catch (error) {
    return { ok: false, error: ensureError(error) }
  } finally {
    await pass.quiet()
  }
}

/** The end of a run whose work is done: what its last hooks make of it, and the runs that follow. */
export async function completion(
  pass: Pass,
  job: Job,
  value: unknown,
  { run, jobs }: { run: NewRun; jobs: Registry },
): Promise<End> {
  let result = value
  const begun = pass.style === 'continuable' || pass.started
  if (begun) await inLastHook(pass, (context) => job.onShutdown?.(context))
  if (pass.aborted?.complete === false) return { status: 'completed', children: '[]' }
  if (begun) result ??= await inLastHook(pass, (context) => job.onComplete?.(context))
  return inLastHook(pass, (context) => listChildren(job, run, context, result, jobs))
}

/** The end of a slice whose run goes on in another one. */
export async function shutdown(pass: Pass, job: Job): Promise<void> {
  if (!job.onShutdown || !pass.started || pass.dead) return
  await inLastHook(pass, (context) => job.onShutdown?.(context))
  await pass.commitShutdown()
}
