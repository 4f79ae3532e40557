import { bindingsOf } from '../engine/bindings.ts'
import type { Check } from '../engine/check.ts'
import type { Job } from '../engine/job/job.ts'
import type { RunView } from '../engine/run.ts'
import { verifyClaims } from '../engine/runs/verify-run.ts'
import { verifyLedger } from '../engine/runs/verify.ts'
import type { TestBench } from './bench.ts'

/** A promise is broken that holds for every run, whatever its outcome. */
export class Unsound extends Error {
  override readonly name = 'Unsound'
}

/**
 * Throws unless nobody holds the run's lease, its ledger proves it, and what its job claims of it is so. A run
 * that has not completed need not have done what its job claims.
 */
export async function requireSound(
  bench: TestBench,
  job: Job | undefined,
  run: RunView,
): Promise<void> {
  const [ledger, claims, leased] = await Promise.all([
    verifyLedger(bindingsOf(bench.env).db, run.id),
    run.status === 'completed' ? verifyClaims(bench.env, job, run) : [],
    isLeased(bench, run.id),
  ])
  const problems = [...ledger, ...claims].filter(({ ok }) => !ok).map(inWords)
  if (leased) problems.push('The lease is not free')
  if (problems.length > 0) throw new Unsound(problems.join('; '))
}

export async function isLeased(bench: TestBench, run: string): Promise<boolean> {
  const slices = await bench.objects(run).slices()
  return slices.some(({ outcome }) => outcome === 'running')
}

function inWords({ name, expected, actual }: Check): string {
  return `${name}: found ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`
}
