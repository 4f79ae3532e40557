import { forkOf } from '../drive/run-view.ts'
import { CommitPacer } from '../pass/commit-pacer.ts'
import type { PassDeps } from '../pass/deps.ts'
import type { RefusedCommits } from '../pass/refused-commits.ts'
import type { Isolation } from '../pass/isolation.ts'
import type { Job } from '../job/job.ts'
import type { RunInfo } from '../job/run-info.ts'
import { redactorOf } from '../sensitive.ts'
import { withDatabase } from '../bindings.ts'
import { historyOf } from './history.ts'
import { runLog } from './run-log.ts'
import type { SliceParts } from './parts.ts'

/** The state that is kept from one pass of a slice to the next. */
interface Shared {
  refused: RefusedCommits
  isolation: Isolation
}

/** Dependencies of the next pass of a slice. */
export function passDeps(
  parts: SliceParts,
  job: Job,
  params: unknown,
  { refused, isolation }: Shared,
): PassDeps {
  const { claim, deps, lane, reporter, budget, state, emit } = parts
  const { clock, itemEvents = false, others = () => 0, stopAt } = deps
  const { run, cautious, interrupt, passOver } = claim
  const policy = cautious ? { everyItems: 1 } : { ...job.commit, ...run.options.commit }
  const { redriveOf, redriveAfterSeq = -1, redriveUpToSeq = Number.MAX_SAFE_INTEGER } = run.options
  const pacer = new CommitPacer(policy, clock.now(), refused.cap)
  state.pacer = pacer
  return {
    job,
    params,
    env: withDatabase(deps.env, parts.db),
    run: runInfo(parts),
    lane,
    wantedLanes: run.options.lanes ?? 1,
    budget,
    pacer,
    reporter,
    slice: state,
    clock,
    emit,
    redact: redactorOf(run),
    itemEvents,
    redrive:
      redriveOf === undefined
        ? null
        : { run: redriveOf, afterSeq: redriveAfterSeq, upToSeq: redriveUpToSeq },
    passOver,
    others,
    interrupt,
    stopAt,
    refused,
    isolation,
    history: () => historyOf(parts),
  }
}

function runInfo(parts: SliceParts): RunInfo {
  const { ending, emit } = parts
  const { run } = parts.claim
  return {
    log: runLog(emit),
    id: run.id,
    job: run.job,
    attempt: ending.attempts.slices,
    resumptions: ending.resumptions,
    timesInterrupted: historyOf(parts).timesInterrupted,
    get totalTimeMs() {
      return historyOf(parts).totalTimeMs
    },
    parent: run.parent,
    redriveOf: run.options.redriveOf ?? null,
    forkOf: forkOf(run.options).forkOf ?? null,
  }
}
