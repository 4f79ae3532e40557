import { env } from 'cloudflare:workers'
import { verifyRun } from '../../src/engine/runs/index.ts'
import type { Check } from '../../src/engine/index.ts'
import { object, registry, view } from './drive.ts'

/** The checks of a run that do not hold; none when all is well. */
export async function failedChecks(run: string): Promise<Check[]> {
  const shown = await view(run)
  const job = registry.require(shown.job)
  const { ok, checks } = await verifyRun(env, job, shown, await object(run).slices())
  const failed = checks.filter((check) => !check.ok)
  if (ok !== (failed.length === 0)) throw new Error(`ok is ${ok} with ${failed.length} failed`)
  return failed
}
