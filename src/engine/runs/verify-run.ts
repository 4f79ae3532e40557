import { bindingsOf } from '../bindings.ts'
import { check, plainChecks, type Check } from '../check.ts'
import type { SliceView } from '../drive/protocol.ts'
import type { StoredRun } from '../drive/run-record.ts'
import { describeValue, ensureError } from '../errors.ts'
import type { VerifyContext } from '../job/context.ts'
import type { Job } from '../job/job.ts'
import { isEnded, type RunView } from '../run.ts'
import { redactorOf } from '../sensitive.ts'
import { readRun } from '../store/d1/stored-run.ts'
import { verifyContext } from './verify-context.ts'
import { verifyLedger } from './verify.ts'

/** The proof that a run did everything exactly once. */
export interface Verification {
  ok: boolean
  run: string
  checks: Check[]
}

/**
 * Checks a run: what its job claims of its work, its ledger, and that it is over and nobody holds it.
 * `job`: undefined when this Worker has it no more; the ledger proves what it can all the same.
 */
export async function verifyRun(
  env: Cloudflare.Env,
  job: Job | undefined,
  run: RunView,
  slices: readonly SliceView[],
): Promise<Verification> {
  const stored = await readRun(bindingsOf(env).db, run.id)
  const own = job?.verify && stored ? await jobChecks(job, stored, { env, run }) : []
  const ledger = await verifyLedger(bindingsOf(env).db, run.id)
  const over = [
    check('Run completed', 'completed', run.status),
    check(
      'Lease free',
      true,
      isEnded(run.status) && slices.every(({ outcome }) => outcome !== 'running'),
    ),
  ]
  const all = [...own, ...ledger, ...over]
  // Checks show cursors as they are stored, and whatever a job found.
  const checks = stored ? redactorOf(stored)(all) : all
  return { ok: checks.every(({ ok }) => ok), run: run.id, checks }
}

/** The claims of a run's job about its work, alone: the checks of `verify`, and none without it. */
export async function verifyClaims(
  env: Cloudflare.Env,
  job: Job | undefined,
  run: RunView,
): Promise<Check[]> {
  const stored = await readRun(bindingsOf(env).db, run.id)
  if (!job?.verify || !stored) return []
  return redactorOf(stored)(await jobChecks(job, stored, { env, run }))
}

/** The checks of the job's own claims; what it throws is a check that failed. */
async function jobChecks(
  job: Job,
  stored: StoredRun,
  given: Pick<VerifyContext<unknown>, 'env' | 'run'>,
): Promise<Check[]> {
  try {
    return checksOf(await job.verify?.(await verifyContext(job, stored, given)))
  } catch (error) {
    const { message } = ensureError(error)
    return [
      {
        name: "The job's own checks can be made",
        ok: false,
        expected: 'no error',
        actual: message,
      },
    ]
  }
}

function checksOf(returned: unknown): Check[] {
  if (Array.isArray(returned) && returned.every(isCheck)) return plainChecks(returned)
  throw new TypeError(
    `verify returned ${describeValue(returned)}; expected an array of what check(name, expected, actual) makes`,
  )
}

function isCheck(given: Partial<Check> | null): given is Check {
  return typeof given?.name === 'string' && typeof given.ok === 'boolean'
}
