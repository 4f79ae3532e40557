import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { redriveRun, runObjects } from '../../../src/engine/runs/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { closedRuns, deleteRun } from '../../../src/engine/store/d1/purge.ts'
import { createTables, truth, upTo, view } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf, RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

/** Its items fail as long as they are bad, and a run stops for good at one that is fatal. */
const bad = new Set<number>()
let fatal: number | undefined
const job = defineIteration({
  name: 'redriven-in-parts',
  skip: { on: RangeError },
  retry: { attempts: 1 },
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(8), { cursor }),
  eachIteration(item, { effects, run: { id } }) {
    if (item === fatal) throw new TypeError('fatal')
    if (bad.has(item)) throw new RangeError('bad')
    append(effects, id, item)
  },
})

async function redrive(run: string): Promise<RunOf> {
  const created = await redriveRun(runObjects(env), env.DB, job, await view(run))
  if (!created.ok) throw new Error(created.code)
  return new RunOf(created.run.id, new Registry([job]))
}

/** Fails at item 5 after it has skipped 2; taken up again, it also skips 7. */
async function failedHalfWay(): Promise<RunOf> {
  bad.add(2).add(7)
  fatal = 5
  const run = await runOf(job)
  while ((await run.slice()).status !== 'failed');
  fatal = undefined
  return run
}

it('a re-drive handles what was skipped when it was asked for, and nothing that is skipped later', async () => {
  const run = await failedHalfWay()
  const first = await redrive(run.id)
  await runObjects(env)(run.id).command('retry', {})
  expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 2 } })
  bad.clear()
  await first.drain()
  expect(await first.appended()).toEqual([2])
  const second = await redrive(run.id)
  await second.drain()
  expect(await second.appended()).toEqual([7])
})

it('what was re-driven is not forgotten when its run is old enough to be purged', async () => {
  const run = await failedHalfWay()
  bad.delete(2)
  const first = await redrive(run.id)
  await first.drain()
  const forever = '2999-01-01T00:00:00.000Z'
  expect((await truth(first.id)).closed_at).not.toBeNull()
  expect(await closedRuns(env.DB, forever, 1_000)).not.toContain(first.id)
  await deleteRun(env.DB, run.id)
  expect(await closedRuns(env.DB, forever, 1_000)).toContain(first.id)
})
