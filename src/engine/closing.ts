import type { End } from './commit.ts'
import { encodeCursor } from './cursor.ts'
import { d1Verdict, isD1OutOfReach } from './d1-errors.ts'
import { DogearError, ensureError } from './errors.ts'
import type { EnqueueChild, Job, RunContext } from './job.ts'
import type { NewRun, Outcome } from './protocol.ts'
import type { Registry } from './registry.ts'
import { markClosed, readEnd } from './run-store.ts'
import { derivedId, prepareRun, type RunObjects } from './start.ts'

/**
 * What the end commit of a successful run stores: its result and the runs to start next, each with an
 * id that follows from this run's and its position, so that starting them twice is starting them once.
 * A `continuations` that throws does not fail the run whose work is done; it is shown as `attention`.
 */
export async function listChildren(
  job: Job,
  run: string,
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
  const asked: { job: Job; params: unknown; wait?: string | number }[] = []
  const enqueue: EnqueueChild = (child, params, options) => {
    asked.push({
      job: child,
      params,
      ...(options?.wait !== undefined && { wait: options.wait }),
    })
  }
  try {
    await job.continuations({ ...context, enqueue, result })
    const children = asked.map(async (child, position): Promise<NewRun> => {
      const options = {
        params: child.params,
        parent: run,
        ...(child.wait !== undefined && { wait: child.wait }),
      }
      const prepared = await prepareRun(jobs.require(child.job.name), options)
      return { ...prepared, id: await derivedId(run, String(position)) }
    })
    return { ...end, children: JSON.stringify(await Promise.all(children)) }
  } catch (error) {
    // Not the job's fault: the end waits until D1 answers.
    if (isD1OutOfReach(error) || d1Verdict(error) === 'spent') throw error
    return { ...end, attention: `No follow-up runs were started: ${ensureError(error).message}` }
  }
}

/**
 * Everything after the end commit: creates the children it lists, then marks the run closed. Reads all
 * of it from D1, so whoever finds an ended run that is not closed can finish the work.
 */
export async function closeRun(
  db: D1Database,
  run: string,
  deps: { objects: RunObjects; clock: { now(): number } },
): Promise<Outcome> {
  const end = await readEnd(db, run)
  if (!end) return { kind: 'state_lost' }
  const children = JSON.parse(end.children) as NewRun[]
  for (const child of children) {
    const created = await deps.objects(child.id).create(child)
    if (!created.ok)
      throw new DogearError(created.code, `Child run ${child.id} exists with other params`)
  }
  await markClosed(db, run, new Date(deps.clock.now()).toISOString())
  return {
    kind: 'ended',
    status: end.status,
    children: children.map(({ id }) => id),
    ...(end.result !== null && { result: end.result }),
    ...(end.error !== null && { error: JSON.parse(end.error) }),
    ...(end.attention !== null && { attention: end.attention }),
  }
}
