import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, type Job, type RunView } from '../../../src/engine/index.ts'
import { listRuns, runObjects } from '../../../src/engine/runs/index.ts'
import { createTables, deliver, drain, start } from '../../support/drive.ts'
import { appendIteration, appendSteps, appendThenFollow } from '../../support/jobs.ts'
import { forked, redrive, runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const command = (run: string, ...asked: Parameters<ReturnType<typeof runObject>['command']>) =>
  runObject(run).command(...asked)
const runObject = (run: string) => runObjects(env)(run)
const everyItem = { commit: { everyItems: 1 } }

async function inSlices(job: Job, slices: number, options: Parameters<typeof start>[1]) {
  const run = await start(job, options)
  for (let slice = 0; slice < slices; slice++) await deliver(run)
  return run
}

const failing = defineJob({
  name: 'views-failing',
  params: z.object({ secret: z.string() }),
  sensitive: ['secret'],
  retry: { attempts: 2 },
  perform: ({ params }) => {
    throw new Error(`no use for ${params.secret}`)
  },
})

const skipping = defineIteration({
  name: 'views-skipping',
  skip: { maxSkips: 5 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3], { cursor }),
  eachIteration: (item) => {
    if (item === 2) throw new Error('not this one')
  },
})

const failed = async (slices: number) => {
  const run = await runOf(failing, { params: { secret: 'hush-hush' } })
  for (let slice = 0; slice < slices; slice++) await run.slice()
  return run.id
}

/** Runs as they may stand, each by its id. */
const STANDING: Record<string, () => Promise<string>> = {
  'one that waits': () => start(appendSteps, { wait: '1 hour', labels: { team: 'blue' } }),
  'a new one': () => start(appendIteration, { params: { items: 3 } }),
  'an interrupted one': () =>
    inSlices(appendSteps, 1, { params: { items: 5 }, interrupt: { afterItems: 2 }, ...everyItem }),
  'a held one': () =>
    inSlices(appendIteration, 1, {
      params: { items: 5 },
      interrupt: { at: 'item:3' },
      hold: true,
      ...everyItem,
    }),
  async 'a paused one'() {
    const run = await start(appendSteps)
    await command(run, 'pause', {})
    return run
  },
  async 'a cancelled one'() {
    const run = await inSlices(appendSteps, 1, {
      params: { items: 3 },
      interrupt: { afterItems: 1 },
    })
    await command(run, 'cancel', {})
    return run
  },
  'one that is tried again': () => failed(1),
  'a failed one': () => failed(2),
  async 'a reopened one'() {
    const run = await failed(2)
    await command(run, 'retry', {})
    return run
  },
  async 'a completed one with others after it'() {
    const run = await start(appendThenFollow)
    await drain(run)
    return run
  },
  async 'a fork'() {
    const run = await runOf(appendSteps, { params: { items: 3 } })
    await run.drain()
    return (await forked(appendSteps, run, { step: 'finish' })).id
  },
  async 'a re-drive'() {
    const run = await runOf(skipping)
    await run.drain()
    return (await redrive(skipping, run)).child.id
  },
}

/**
 * What an object counts, a list has as of the last time that something was news; and the code of a run that
 * no slice has worked on is the one that created it. An end that D1 has written is a moment old to its object.
 */
function comparable({
  updatedAt,
  finishedAt,
  cost,
  workedMs,
  attempts,
  codeVersion,
  retry,
  ...rest
}: RunView) {
  expect([typeof updatedAt, typeof workedMs, typeof attempts]).toEqual([
    'string',
    'number',
    'number',
  ])
  const { d1RowsRead, d1RowsWritten, d1Statements } = cost
  return {
    ...rest,
    // Of the slice's own memory: lists have what D1 has.
    pace: undefined,
    retry: finishedAt === undefined ? retry : undefined,
    cost: { d1RowsRead, d1RowsWritten, d1Statements },
    ended: finishedAt !== undefined,
    ...(rest.commits > 0 && { codeVersion }),
  }
}

it.each(Object.keys(STANDING))('%s looks the same in a list and by itself', async (standing) => {
  const run = (await STANDING[standing]?.()) as string
  const alone = (await runObject(run).describe()) as RunView
  const { runs } = await listRuns(env.DB, { limit: 1, ids: [run] })
  expect(runs.map(comparable)).toEqual([comparable(alone)])
  expect(JSON.stringify(runs)).not.toContain('hush-hush')
})
