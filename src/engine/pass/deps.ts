import type { Clock } from '../clock.ts'
import type { Claim } from '../drive/protocol.ts'
import type { Emit, History } from '../events.ts'
import type { Job } from '../job/job.ts'
import type { RunInfo } from '../job/run-info.ts'
import type { Redact } from '../sensitive.ts'
import type { Reporter } from '../slice/reporter.ts'
import type { Lane } from '../store/store.ts'
import type { Budget } from './budget.ts'
import type { CommitPacer } from './commit-pacer.ts'
import type { RefusedCommits } from './refused-commits.ts'
import type { StopAt } from './stop-conditions.ts'

/** What a pass works with; the same for all passes of one slice. */
export interface PassDeps {
  job: Job
  params: unknown
  /** With a metered `DB`. */
  env: Cloudflare.Env
  run: RunInfo
  lane: Lane
  budget: Budget
  pacer: CommitPacer
  reporter: Reporter
  clock: Clock
  emit: Emit
  redact: Redact
  /** Somebody listens to events of single items. */
  itemEvents: boolean
  /** Skips of commits up to this one were handled by an earlier re-drive. */
  redrive: { afterSeq: number; upToSeq: number }
  /** How many requests this isolate is answering. */
  others: () => number
  interrupt: Extract<Claim, { ok: true }>['interrupt']
  stopAt: StopAt | undefined
  /** Knows the item that D1 refused the effects of, found by halving; it is to be skipped. */
  refused: RefusedCommits
  /** An isolated step has run in this slice, or a step before one: nothing else may. */
  isolation: { active: boolean; advanced: () => boolean }
  history: () => History
}
