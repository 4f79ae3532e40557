import { bindingsOf } from '../bindings.ts'
import type { Claim, RunObject, SliceMessage } from '../drive/protocol.ts'
import type { Emit } from '../events.ts'
import type { Job } from '../job/job.ts'
import { Budget } from '../pass/budget.ts'
import { HeldLane, SLICE_D1_TIMEOUT_MS } from '../store/d1/held-lane.ts'
import { D1Usage, meteredDatabase } from '../store/d1/metered-database.ts'
import type { SliceDeps } from './deps.ts'
import { emitter } from './emitter.ts'
import { Ending } from './ending.ts'
import { KillSwitch } from './kill-switch.ts'
import { Reporter } from './reporter.ts'
import { SliceState } from './slice-state.ts'
import { UntoldEvents } from './untold-events.ts'

/** The parts of one slice. */
export interface SliceParts {
  claim: Extract<Claim, { ok: true }>
  deps: SliceDeps
  /** Undefined where this code does not know it. */
  job: Job | undefined
  lane: HeldLane
  state: SliceState
  killSwitch: KillSwitch
  untold: UntoldEvents
  emit: Emit
  reporter: Reporter
  /** Metered. */
  db: D1Database
  usage: D1Usage
  ending: Ending
  budget: Budget
  startedAt: number
}

/** Ties the parts of a slice together, each to those before it. */
export function partsOf(
  { run, lane: number }: SliceMessage,
  claim: Extract<Claim, { ok: true }>,
  deps: SliceDeps,
  object: () => Pick<RunObject, 'report'>,
): SliceParts {
  const { clock, codeVersion, d1PatienceMs = SLICE_D1_TIMEOUT_MS } = deps
  const startedAt = clock.now()
  const job = deps.jobs.get(claim.run.job)
  const killSwitch = new KillSwitch()
  const untold = new UntoldEvents()
  const emit = emitter(claim, { clock, untold, onEvent: deps.onEvent })
  const usage = new D1Usage(deps.statements, killSwitch)
  const db = meteredDatabase(bindingsOf(deps.env).db, usage)
  const holder = { run, lane: number, fence: claim.fence, codeVersion }
  const lane = new HeldLane(db, usage, holder, clock.now, d1PatienceMs, emit)
  const state = new SliceState(lane)
  const reporter = new Reporter({ object, clock, state, killSwitch, untold }, claim.stop)
  const ending = new Ending(claim, job, lane, db, state, deps)
  const budget = new Budget(limits(job, deps, claim), deps.statements, usage, startedAt)
  const made = { claim, deps, job, lane, state, killSwitch, untold, emit, reporter }
  return { ...made, db, usage, ending, budget, startedAt }
}

/** A job's own limit on wall time counts when it is the shorter one. After job-iteration. */
function limits(
  job: Job | undefined,
  { wallMs, statementShare }: SliceDeps,
  { mostItems = Infinity }: Extract<Claim, { ok: true }>,
) {
  return {
    ...(statementShare && { statements: statementShare }),
    ...job?.budget,
    wallMs: Math.min(wallMs, job?.budget.wallMs ?? Infinity),
    items: Math.min(mostItems, job?.budget.items ?? Infinity),
  }
}
