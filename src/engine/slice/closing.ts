import { decodeCursor, displayCursor, encodeCursor } from '../cursor.ts'
import type { Outcome, RunObjects } from '../drive/protocol.ts'
import type { NewRun } from '../drive/run-record.ts'
import { DogearError, ensureError } from '../errors.ts'
import type { RunContext } from '../job/context.ts'
import type { EnqueueChild, Job } from '../job/job.ts'
import type { Registry } from '../job/registry.ts'
import { Scope } from '../pass/scope.ts'
import { log } from '../log.ts'
import { type Follower, startAfterAll } from '../runs/children.ts'
import { createMissing } from '../runs/follow-ups.ts'
import { derivedId } from '../runs/ids.ts'
import { paramsOfToday } from '../runs/run-params.ts'
import { prepareRun } from '../runs/start.ts'
import { hiddenOf, redactorOf } from '../sensitive.ts'
import type { End } from '../store/change.ts'
import { closingStore } from '../store/d1/ended-run.ts'
import { isD1OutOfReach, isD1Spent } from '../store/d1/verdict.ts'
import { isoTime } from '../iso-time.ts'

/**
 * Lists what the end commit of a successful run stores: its result and the runs to start next, each with an
 * id that follows from this run's and its position, so that starting them twice is starting them once.
 * A `continuations` that throws does not fail the run whose work is done; it is shown as `attention`.
 */
export async function listChildren(
  job: Job,
  run: NewRun,
  context: RunContext<unknown>,
  result: unknown,
  jobs: Registry,
): Promise<End> {
  const end: End = {
    status: 'completed',
    children: '[]',
    ...(result !== undefined && { result: encodeCursor(result, 'invalid_result') }),
  }
  if (!job.continuations) return end
  const asked: Asked[] = []
  const scope = new Scope()
  try {
    await job.continuations({ ...context, enqueue: enqueueInto(asked, scope), result })
    scope.end()
    const children = asked.map(async (child, position): Promise<Follower> => {
      const options = {
        params: child.params,
        parent: run.id,
        ...(child.wait !== undefined && { wait: child.wait }),
      }
      const prepared = await prepareRun(jobs.require(child.job.name), options)
      const id = await derivedId(run.id, String(position))
      return { ...hidingAs(run, prepared), id, ...(child.afterAll && { afterAll: true }) }
    })
    return { ...end, children: requireRoom(JSON.stringify(await Promise.all(children))) }
  } catch (error) {
    // Not the job's fault: the end waits until D1 answers.
    if (isD1OutOfReach(error) || isD1Spent(error)) throw error
    scope.end()
    return { ...end, attention: `No follow-up runs were started: ${ensureError(error).message}` }
  }
}

/** A run that was handed what this one hides, hides it too, whatever its own job calls the param. */
function hidingAs(run: NewRun, child: NewRun): NewRun {
  const params = displayCursor(child.params)
  const masked = redactorOf(run)({ params }).params
  if (JSON.stringify(masked) === JSON.stringify(params)) return child
  const hidden = hiddenOf(run, run.options.sensitive ?? [])
  return { ...child, options: { ...child.options, ...hidden } }
}

interface Asked {
  job: Job
  params: unknown
  wait?: string | number
  afterAll?: true
}

/** The end commit stores the whole list in one value, and D1's end at 2 MB. */
const MAX_CHILDREN = 1_000
const MAX_CHILDREN_LENGTH = 1_000_000

function requireFewer(asked: Asked[], scope: Scope): void {
  scope.requireOpen()
  if (asked.length < MAX_CHILDREN) return
  throw new DogearError(
    'invalid_options',
    `continuations asks for more than ${MAX_CHILDREN} runs; expected at most that many: let some of them start others, or handle several items each`,
  )
}

function requireRoom(children: string): string {
  if (children.length <= MAX_CHILDREN_LENGTH) return children
  throw new DogearError(
    'invalid_options',
    `The follow-up runs have ${children.length} characters with their params; expected at most ${MAX_CHILDREN_LENGTH}: pass ids, not the data itself`,
  )
}

function enqueueInto(asked: Asked[], scope: Scope): EnqueueChild {
  const enqueue = (job: Job, params: unknown, options?: { wait?: string | number }): void => {
    requireFewer(asked, scope)
    asked.push({ job, params, ...(options?.wait !== undefined && { wait: options.wait }) })
  }
  const afterAll = (job: Job, params: unknown): void => {
    requireFewer(asked, scope)
    asked.push({ job, params, afterAll: true })
  }
  return Object.assign(enqueue, { afterAll })
}

/** Dependencies of closing a run. */
export interface ClosingDeps {
  env: Cloudflare.Env
  jobs: Registry
  objects: RunObjects
  clock: { now(): number }
}

/**
 * Everything after the end commit: creates the children it lists, tells the parent's fan-in, then marks
 * the run closed. Reads all of it from D1, so whoever finds an ended run that is not closed can finish
 * the work. A run is closed once D1 has the rows of all that it lists: whatever D1 is restored to, one
 * that is missing has a parent that looks for it. `fence` is that of the slice.
 */
export async function closeRun(
  db: D1Database,
  run: NewRun,
  deps: ClosingDeps,
  fence?: number,
): Promise<Outcome> {
  const store = closingStore(db)
  const end = await store.endOf(run.id)
  if (!end) return { kind: 'state_lost' }
  if (end.status === 'cancelled') await runOnCancel(run, deps)
  const children = JSON.parse(end.children) as Follower[]
  const { objects, clock } = deps
  const first = children.filter(({ afterAll }) => !afterAll)
  const started =
    (await createMissing(db, objects, first)) &&
    (await startAfterAll(db, objects, run.id)) &&
    (run.parent === null || (await startAfterAll(db, objects, run.parent)))
  // The next slice does the rest, at once.
  if (!started) return { kind: 'interrupted', reason: 'budget', directiveMet: false }
  await store.close(run.id, isoTime(clock.now()), fence)
  return {
    kind: 'ended',
    status: end.status,
    finishedAt: end.finishedAt,
    children: children.map(({ id }) => id),
    ...(end.result !== null && { result: end.result }),
    ...(end.error !== null && { error: JSON.parse(end.error) }),
    ...(end.attention !== null && { attention: end.attention }),
  }
}

/** The end of a lane by that of its run: whoever drives the run closes it. */
export async function endOfLane(db: D1Database, run: string): Promise<Outcome> {
  const end = await closingStore(db).endOf(run)
  if (!end) return { kind: 'state_lost' }
  const { status, error } = end
  return {
    kind: 'ended',
    status,
    children: [],
    ...(error !== null && { error: JSON.parse(error) }),
  }
}

/** A hook that fails must not keep a cancelled run from being closed. */
async function runOnCancel(run: NewRun, { env, jobs }: ClosingDeps): Promise<void> {
  const job = jobs.get(run.job)
  try {
    if (!job?.onCancel) return
    // What does not fit any more is let go of as it is: there is nothing to pause.
    const today = await paramsOfToday(job, run)
    const params = today.ok ? today.params : decodeCursor(run.params)
    await job.onCancel({ params, env, runId: run.id })
  } catch (error) {
    log.error('run.on_cancel_failed', { run: run.id, error }, redactorOf(run))
  }
}
