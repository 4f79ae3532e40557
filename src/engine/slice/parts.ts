import type { Budget } from '../pass/budget.ts'
import type { Clock } from '../clock.ts'
import { CommitPacer } from '../pass/commit-pacer.ts'
import type { HeldLane } from '../store/d1/held-lane.ts'
import type { Ending } from './ending.ts'
import { isFrequent, type EngineEvent, type Emit, type History } from '../events.ts'
import type { Job } from '../job/job.ts'
import { withDatabase, type D1Usage } from '../store/d1/metered-database.ts'
import type { RunInfo } from '../job/run-info.ts'
import type { RefusedCommits } from '../pass/refused-commits.ts'
import { NO_HISTORY, type Claim } from '../drive/protocol.ts'
import type { Reporter } from './reporter.ts'
import { forkOf } from '../drive/run-view.ts'
import { redactorOf, type Redact } from '../sensitive.ts'
import type { SliceDeps } from './slice.ts'
import type { StopAt } from '../pass/stop-conditions.ts'
import { textOf } from '../thrown.ts'
import { plainJson } from '../plain-text.ts'

/** What a performance works with; the same for all performances of one slice. */
export interface Tools {
  job: Job
  params: unknown
  /** With a metered `DB`. */
  env: Cloudflare.Env
  run: RunInfo
  lane: HeldLane
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
  isolation: Tools['isolation']
  startedAt: number
}

/** What the next performance of a slice works with. */
export function performanceTools(
  parts: SliceParts,
  job: Job,
  refused: RefusedCommits,
  params: unknown,
): Tools {
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

/**
 * Tells what happens, each time with run, job and fence: the run's Durable Object, and the slice's own
 * listener. A listener that throws is noted in the log, and changes nothing for the run.
 */
export function emitter({
  claim,
  deps,
  reporter,
}: Pick<SliceParts, 'claim' | 'deps' | 'reporter'>): Emit {
  const { onEvent } = deps
  const { fence, run } = claim
  const redact = redactorOf(run)
  return (type, payload) => {
    const frequent = isFrequent(type, payload)
    if (frequent && !onEvent) return
    const at = new Date(deps.clock.now()).toISOString()
    const told = redact(payload)
    const event = { type, at, run: run.id, job: run.job, fence, ...told } as EngineEvent
    if (!frequent) reporter.note(event)
    try {
      onEvent?.(event)
    } catch (error) {
      // eslint-disable-next-line no-console -- the log is all that is left when the listener fails
      console.error(
        plainJson({
          event: 'listener.failed',
          type,
          run: run.id,
          error: redact(textOf(error)),
        }),
      )
    }
  }
}
