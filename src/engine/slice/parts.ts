import { type Claim, NO_HISTORY } from '../drive/protocol.ts'
import { forkOf } from '../drive/run-view.ts'
import type { History } from '../events.ts'
import type { Job } from '../job/job.ts'
import type { Budget } from '../pass/budget.ts'
import { CommitPacer } from '../pass/commit-pacer.ts'
import type { PassDeps } from '../pass/deps.ts'
import type { RefusedCommits } from '../pass/refused-commits.ts'
import { redactorOf } from '../sensitive.ts'
import type { HeldLane } from '../store/d1/held-lane.ts'
import { type D1Usage, withDatabase } from '../store/d1/metered-database.ts'
import type { SliceDeps } from './deps.ts'
import { emitter } from './emitter.ts'
import type { Ending } from './ending.ts'
import type { Reporter } from './reporter.ts'

/** What one slice has, for as long as it lasts. */
export interface SliceParts {
  claim: Extract<Claim, { ok: true }>
  deps: SliceDeps
  lane: HeldLane
  reporter: Reporter
  /** Metered. */
  db: D1Database
  usage: D1Usage
  ending: Ending
  budget: Budget
  isolation: PassDeps['isolation']
  startedAt: number
}

/** What the next pass of a slice works with. */
export function passDeps(
  parts: SliceParts,
  job: Job,
  refused: RefusedCommits,
  params: unknown,
): PassDeps {
  const { claim, deps, lane, reporter, ending, budget, isolation } = parts
  const { run, cautious, interrupt } = claim
  const policy = cautious ? { everyItems: 1 } : { ...job.commit, ...run.options.commit }
  const history = (): History => {
    const { interruptions, workedMs } = claim.history ?? NO_HISTORY
    const totalTimeMs = workedMs + deps.clock.now() - parts.startedAt
    return { timesInterrupted: interruptions, totalTimeMs }
  }
  return {
    job,
    params,
    env: withDatabase(deps.env, parts.db),
    run: {
      id: run.id,
      job: run.job,
      attempt: ending.attempts.slices,
      resumptions: ending.resumptions,
      timesInterrupted: history().timesInterrupted,
      get totalTimeMs() {
        return history().totalTimeMs
      },
      parent: run.parent,
      redriveOf: run.options.redriveOf ?? null,
      forkOf: forkOf(run.options).forkOf ?? null,
    },
    lane,
    budget,
    pacer: new CommitPacer(policy, deps.clock.now(), refused.cap),
    reporter,
    clock: deps.clock,
    emit: emitter(parts),
    redact: redactorOf(run),
    itemEvents: deps.itemEvents === true,
    redrive: {
      afterSeq: run.options.redriveAfterSeq ?? -1,
      upToSeq: run.options.redriveUpToSeq ?? Number.MAX_SAFE_INTEGER,
    },
    others: deps.others ?? (() => 0),
    interrupt,
    stopAt: deps.stopAt,
    refused,
    isolation,
    history,
  }
}
