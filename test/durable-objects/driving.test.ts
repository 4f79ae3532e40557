import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { consume, workerDeps } from '../../src/engine/slice/consumer.ts'
import { defineJob } from '../../src/engine/index.ts'
import { sweep } from '../../src/engine/runs/sweep.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import type { SliceMessage } from '../../src/engine/drive/protocol.ts'
import { FaultyQueue, testBench } from '../../src/testing/index.ts'
import { FaultyDatabase } from '../../src/testing/faulty-database.ts'
import { append, appendIteration, appendSteps } from '../support/jobs.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  object,
  passTime,
  registry,
  setDriving,
  start,
  stub,
  truth,
  upTo,
  view,
} from '../support/drive.ts'
import { deliverAndDie, isCommit, nth, once, isRaise } from '../support/mortal.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

function message(body: unknown): { body: unknown; ack: ReturnType<typeof vi.fn<() => void>> } {
  return { body, ack: vi.fn() }
}

/** Everything that goes wrong in user code, in jobs of their own. */
const failing = defineJob({
  name: 'failing',
  async perform({ step, effects, run }) {
    await step('append', { start: 1 }, async (step) => {
      for (; step.cursor <= 3;) {
        append(effects, run.id, step.cursor)
        if (step.cursor === 3) throw new Error('item 3 is poison')
        await step.advance()
      }
    })
  },
})
const withFailing = { jobs: new Registry([...registry.all(), failing]) }

describe('I03 the message carries no progress', () => {
  it('R73 drops doubled, replayed and unknown messages, and acknowledges each', async () => {
    const run = await start(appendSteps, { params: { items: 5 }, interrupt: { afterItems: 2 } })
    const { n } = await driving(run)
    const doubled = [n, n, n + 1, n - 1].map((number) => message({ run, lane: 0, n: number }))
    const unknown = message({ run: '0'.repeat(32), lane: 0, n: 1 })
    await consume([...doubled, unknown], workerDeps(env, registry))
    for (const { ack } of [...doubled, unknown]) expect(ack).toHaveBeenCalledOnce()
    expect(await view(run)).toMatchObject({ slices: 1, progress: { done: 2 } })
    await deliver(run, { n })
    expect(await view(run)).toMatchObject({ slices: 1 })
    expect(await drain(run)).toMatchObject({ status: 'completed', slices: 2 })
    expect(await appended(run)).toEqual(upTo(5))
  })

  it('acknowledges also when the slice is lost to an error', async () => {
    const run = await start(appendSteps)
    const lost = message({ run, lane: 0, n: 1 })
    const broken = {
      ...workerDeps(env, registry),
      objects: () => {
        throw new Error('out of reach')
      },
    }
    await consume([lost], broken)
    expect(lost.ack).toHaveBeenCalledOnce()
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })
})

describe('I04 persist, arm, then send', () => {
  it('sends a lost message again when it is overdue, with more patience each time', async () => {
    const run = await start(appendSteps)
    const first = await driving(run)
    expect(first).toMatchObject({ sendAt: null, queueOperations: 3 })
    const patience = [first.patienceMs]
    for (let round = 0; round < 3; round++) {
      await passTime(run, (await driving(run)).patienceMs + 1)
      patience.push((await driving(run)).patienceMs)
    }
    expect(patience).toEqual([5_000, 10_000, 20_000, 40_000])
    expect(await driving(run)).toMatchObject({ queueOperations: 12, n: 1 })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })

  it('sends one message when it is created, with state and alarm already stored', async () => {
    const sent: { body: unknown; alarm: number | null; overdueAt: number | null }[] = []
    const queue = new FaultyQueue<SliceMessage>()
    vi.spyOn(queue.binding, 'send').mockImplementation(async (body) => {
      const { run } = body
      const alarm = await runInDurableObject(stub(run), (_instance, state) =>
        state.storage.getAlarm(),
      )
      sent.push({ body, alarm, overdueAt: (await driving(run)).overdueAt })
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }
    })
    const { id: run } = await testBench({ queue }).start(appendSteps)
    expect(sent).toEqual([
      { body: { run, lane: 0, n: 1 }, alarm: expect.any(Number), overdueAt: expect.any(Number) },
    ])
  })

  it('has the alarm armed before the message can arrive, and armed again after it rang', async () => {
    const run = await start(appendSteps)
    const alarm = (): Promise<number | null> =>
      runInDurableObject(stub(run), (_instance, state) => state.storage.getAlarm())
    expect(await alarm()).not.toBeNull()
    await passTime(run)
    expect(await alarm()).not.toBeNull()
    await drain(run)
    expect(await alarm()).toBeNull()
  })

  it('takes up a run whose slice vanished, once its lease has run out and not before', async () => {
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    await deliverAndDie(run, { d1: nth(4, isCommit), when: 'after' })
    await deliver(run)
    expect(await view(run)).toMatchObject({ status: 'running', slices: 1 })
    await passTime(run)
    expect(await drain(run)).toMatchObject({ status: 'completed', slices: 2, resumptions: 1 })
    expect(await appended(run)).toEqual(upTo(5))
    expect((await object(run).slices()).map(({ outcome }) => outcome)).toEqual([
      'vanished',
      'ended',
    ])
  })

  it('S58 renews the lease on a timer while D1 hangs', async () => {
    const run = await start(appendSteps, { params: { items: 3 }, ...everyItem })
    await setDriving(run, { patienceMs: 300 })
    const leases: (number | null)[] = []
    let hang = nth(2, isCommit)
    const db = new FaultyDatabase(env.DB, async (call) => {
      if (!hang(call)) return undefined
      for (let look = 0; look < 2; look++) {
        leases.push((await driving(run)).lease?.until ?? null)
        await scheduler.wait(150)
      }
      leases.push((await driving(run)).lease?.until ?? null)
      return undefined
    })
    await deliver(run, { DB: db.binding })
    hang = () => false
    expect(leases[2]).toBeGreaterThan(leases[0] as number)
    expect(await drain(run)).toMatchObject({ status: 'completed', slices: 1 })
  })

  it('P09 is brought back by the sweep when its alarm was lost', async () => {
    const run = await start(appendSteps)
    await runInDurableObject(stub(run), async (_instance: RunHost, state) => {
      await state.storage.deleteAlarm()
    })
    await setDriving(run, { overdueAt: null, sendAt: null })
    const poked = await sweep(env.DB, (id) => object(id), Date.now() + 3_600_000, 30)
    expect(poked.poked).toContain(run)
    const again = await sweep(env.DB, (id) => object(id), Date.now() + 3_600_000, 30)
    expect(again.poked).not.toContain(run)
    expect(await driving(run)).toMatchObject({ overdueAt: expect.any(Number) })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })
})

describe('I05 a slice does at least one item', () => {
  it('S59 in every slice of an iteration, however small its budget', async () => {
    const run = await start(appendIteration, { params: { items: 4 } })
    const done: number[] = []
    while ((await view(run)).status !== 'completed') {
      await deliver(run, { wallMs: 0 })
      done.push((await view(run)).progress.done)
    }
    expect(done.slice(0, 4)).toEqual([1, 2, 3, 4])
    expect(await appended(run)).toEqual([0, ...upTo(4)])
  })

  it('or a whole step: every slice of a job in steps gets further', async () => {
    const run = await start(appendSteps, { params: { items: 4 } })
    const commits: number[] = [0]
    while ((await view(run)).status !== 'completed') {
      await deliver(run, { wallMs: 0 })
      expect((await view(run)).commits).toBeGreaterThan(commits.at(-1) ?? 0)
      commits.push((await view(run)).commits)
    }
    expect(await appended(run)).toEqual(upTo(4))
  })
})

describe('I06 attempts', () => {
  it('P06 count slices that vanish, and fail the run past the limit with the suspect named', async () => {
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    for (const attempt of [1, 2, 3, 4, 5]) {
      await deliverAndDie(run, { d1: nth(1, isCommit), when: 'before' })
      expect(await view(run)).toMatchObject({ attempts: attempt })
      await passTime(run, 3_600_000)
    }
    expect(await drain(run)).toMatchObject({
      status: 'failed',
      error: { code: 'attempts_exhausted' },
    })
    expect(await truth(run)).toMatchObject({ status: 'failed' })
  })

  it('begin again after a commit, also one that the object never heard of', async () => {
    const run = await start(appendSteps, { params: { items: 9 }, ...everyItem })
    for (let slices = 0; slices < 8; slices++) {
      await deliverAndDie(run, { d1: nth(1, isCommit), when: 'after' })
      await passTime(run, 3_600_000)
    }
    expect((await view(run)).attempts).toBeLessThanOrEqual(2)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(9))
  })

  it('make the slice after a vanished one commit every item', async () => {
    const run = await start(appendSteps, { params: { items: 8 } })
    await deliverAndDie(run, { d1: nth(2, isCommit), when: 'before' })
    await passTime(run)
    let commits = 0
    const db = new FaultyDatabase(env.DB, (call) => {
      if (isCommit(call)) commits += 1
      return undefined
    })
    await deliver(run, { DB: db.binding })
    expect(commits).toBeGreaterThanOrEqual(8)
  })

  it('M16 M46 M47 are kept apart: an error without progress is retried with growing waits, then the run fails and keeps it', async () => {
    const run = await start(failing)
    await deliver(run, withFailing)
    expect(await view(run)).toMatchObject({
      status: 'queued',
      attempts: 0,
      progress: { done: 2 },
      error: { message: 'item 3 is poison' },
    })
    const waits: number[] = []
    for (let attempt = 1; attempt < 5; attempt++) {
      await deliver(run, withFailing)
      const { sendAt, updatedAt, attempts } = await driving(run)
      expect(attempts).toBe(attempt)
      waits.push(Math.round(((sendAt ?? 0) - updatedAt) / 1_000))
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    await deliver(run, withFailing)
    expect(await view(run)).toMatchObject({
      status: 'failed',
      error: { message: 'item 3 is poison', stack: expect.any(String) },
    })
    expect(await appended(run)).toEqual([1, 2])
  })

  it('are not spent by interruptions, nor while D1 is out of reach', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    const db = new FaultyDatabase(env.DB, once(isRaise, 'never_lands'))
    for (let slices = 0; slices < 7; slices++) await deliver(run, { DB: db.binding })
    expect(await view(run)).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      attempts: 0,
      interruptions: 7,
    })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })
})
