import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, type Job } from '../../src/engine/index.ts'
import { readRun } from '../../src/engine/store/d1/stored-run.ts'
import type { SliceMessage } from '../../src/engine/drive/protocol.ts'
import { LEASE_MS } from '../../src/engine/drive/driving.ts'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { type StartOptions, startRun } from '../../src/engine/runs/start.ts'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { testBench } from '../../src/testing/index.ts'
import { createTables, stub } from '../support/drive.ts'
import { consumeAll, consumeOne } from '../support/consume.ts'
import { append } from '../support/jobs.ts'

/** What the run's objects have sent, by queue. */
let sent: string[]

/** The bindings that the objects see; the queues among them note what is sent. */
async function bindQueues(change: (bindings: Record<string, unknown>) => void): Promise<void> {
  await runInDurableObject(stub('bindings'), (instance: RunHost) =>
    change((instance as unknown as { env: Record<string, unknown> }).env),
  )
}

const noting = (name: string) => ({
  send: async ({ n }: SliceMessage) => void sent.push(`${name} ${n}`),
  sendBatch: async () => undefined,
})

const { QUEUE } = env
beforeAll(createTables)
beforeEach(async () => {
  sent = []
  await bindQueues((bindings) =>
    Object.assign(bindings, { QUEUE: noting('QUEUE'), SLOW_QUEUE: noting('SLOW_QUEUE') }),
  )
})
afterAll(() =>
  bindQueues((bindings) => {
    delete bindings['SLOW_QUEUE']
    Object.assign(bindings, { QUEUE })
  }),
)

/** A run of the Worker's own. A bench would take its messages to its own queue. */
async function runOf(job: Job, options: StartOptions = {}) {
  const created = await startRun(runObjects(env), job, options)
  if (!created.ok) throw new Error(created.code)
  const { id } = created.run
  const jobs = new Registry([job])
  const view = () => runObjects(env)(id).describe()
  return {
    id,
    slice: async () => (await consumeOne(id, { jobs }), view()),
    drain: async () => (await consumeAll(id, { jobs }), view()),
    /** Its object finds that much time passed when its alarm rings. */
    passTime: (ms: number) =>
      runInDurableObject(stub(id), async (instance: RunHost) => {
        const { clock } = instance
        instance.clock = { ...clock, now: () => clock.now() + ms }
        await instance.alarm()
      }),
  }
}

const walking = (settings: object = {}) =>
  defineIteration({
    name: 'queued',
    budget: { items: 2 },
    ...settings,
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(6, { cursor }),
    eachIteration: (index, { effects, run }) => append(effects, run.id, index),
  })

describe('the queue of a run’s messages', () => {
  it('is QUEUE when the job names none', async () => {
    const run = await runOf(walking())
    await run.drain()
    expect(sent).toEqual(['QUEUE 1', 'QUEUE 2', 'QUEUE 3', 'QUEUE 4'])
  })

  it('is the one that the job names', async () => {
    const run = await runOf(walking({ queue: 'SLOW_QUEUE' }))
    await run.slice()
    expect(sent).toEqual(['SLOW_QUEUE 1', 'SLOW_QUEUE 2'])
  })

  it('R34 is that of `resume` from the first interruption on, for good', async () => {
    const run = await runOf(walking({ resume: { queue: 'SLOW_QUEUE' } }))
    await run.slice()
    await evictDurableObject(stub(run.id))
    await run.slice()
    await run.passTime(LEASE_MS + 1)
    expect(sent).toEqual(['QUEUE 1', 'SLOW_QUEUE 2', 'SLOW_QUEUE 3', 'SLOW_QUEUE 3'])
    expect(await run.drain()).toMatchObject({ status: 'completed' })
  })

  it('R34 is that of `resume` after an error that came after progress, and after no other', async () => {
    const failing = defineJob({
      name: 'queued-failing',
      resume: { queue: 'SLOW_QUEUE' },
      async perform({ step, run: { attempt } }) {
        await step('count', { start: 0 }, async (step) => {
          if (attempt === 1 && step.cursor === 0) throw new Error('at once')
          await step.advance()
          throw new Error('later')
        })
      },
    })
    const run = await runOf(failing)
    await run.slice()
    await run.passTime(2_000)
    await run.slice()
    await run.passTime(3_000)
    expect(sent).toEqual(['QUEUE 1', 'QUEUE 2', 'SLOW_QUEUE 3'])
  })

  it.each([{ queue: 'NO_QUEUE' }, { resume: { queue: 'NO_QUEUE' } }, { queue: 'DB' }])(
    'refuses a run of a job that names what is no queue (%j), and nothing is there',
    async (settings) => {
      const options = { idempotencyKey: JSON.stringify(settings) }
      const starting = runOf(walking(settings), options)
      await expect(starting).rejects.toMatchObject({
        code: 'invalid_job',
        message: expect.stringContaining('the Worker has no such binding'),
      })
      const { id } = await runOf(walking(), options)
      expect((await readRun(env.DB, id))?.options).not.toHaveProperty('queue')
    },
  )

  it.each([7, ''])('is refused where the job is defined when it is %j', (queue) => {
    expect(() => walking({ queue })).toThrow('expected the name of a queue binding')
    expect(() => walking({ resume: { queue } })).toThrow('expected the name of a queue binding')
  })

  it('is the one of jobs that name none when a later deploy took it away, and says so', async () => {
    const run = await runOf(walking({ queue: 'SLOW_QUEUE' }))
    await bindQueues((bindings) => delete bindings['SLOW_QUEUE'])
    expect(await run.slice()).toMatchObject({
      attention: expect.stringContaining("'SLOW_QUEUE' is gone; messages go where"),
    })
    expect(sent).toEqual(['SLOW_QUEUE 1', 'QUEUE 2'])
    expect(await run.drain()).toMatchObject({ status: 'completed' })
  })

  it('is the test kit’s on a bench, whatever it is called', async () => {
    const run = await testBench().runInline(walking({ resume: { queue: 'SLOW_QUEUE' } }))
    expect(run).toMatchObject({ status: 'completed', slices: 4 })
    expect(sent).toEqual([])
  })
})
