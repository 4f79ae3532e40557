import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { childrenOf, runObjects } from '../../src/engine/runs/index.ts'
import { defineJob, type Job } from '../../src/engine/index.ts'
import { closedRuns } from '../../src/engine/store/d1/purge.ts'
import { bench, createTables, driving, passTime, truth, view } from '../support/drive.ts'
import { deliverAndDie, isClose, isEnd, nth } from '../support/mortal.ts'
import { runOf, RunOf } from '../support/run-of.ts'
import { Registry } from '../../src/engine/job/registry.ts'

beforeAll(createTables)

const joined: unknown[] = []
const cancelled: string[] = []
beforeEach(() => {
  joined.length = 0
  cancelled.length = 0
})

const part = defineJob({
  name: 'part',
  params: z.strictObject({ number: z.number() }),
  retry: { attempts: 1 },
  onCancel: ({ runId }) => void cancelled.push(runId),
  async perform({ step, params }) {
    await step('work', () => {
      if (params.number < 0) throw new Error('a negative part')
    })
    return params.number
  },
})
const join = defineJob({
  name: 'join',
  async perform({ step, env: { DB }, run: { parent } }) {
    await step('join', async () => {
      const children = await childrenOf(DB, parent ?? '')
      joined.push(children.map(({ job, status }) => `${job} ${status}`))
    })
  },
})
const split = (numbers: number[], more: Partial<Parameters<typeof defineJob>[0]> = {}) =>
  defineJob({
    name: 'split',
    perform: ({ step }) => step('split', () => numbers),
    continuations({ enqueue, result }) {
      for (const number of result as number[]) enqueue(part, { number })
      enqueue.afterAll(join, {})
    },
    ...more,
  })

/** The runs that a run has started, by job. */
async function started(run: RunOf, jobs: Job[]): Promise<{ parts: RunOf[]; joins: RunOf[] }> {
  const { results: children } = await env.DB.prepare(
    'SELECT id, job FROM dogear_runs WHERE parent = ?',
  )
    .bind(run.id)
    .all<{ id: string; job: string }>()
  const of = (name: string) =>
    children.filter(({ job }) => job === name).map(({ id }) => new RunOf(id, new Registry(jobs)))
  return { parts: of('part'), joins: of('join') }
}

describe('continuations', () => {
  const jobs = [part, join]

  it('B13 W18 are joined: the fan-in starts once, when the last child has ended, however it did', async () => {
    const run = await runOf(split([1, -1, 2]), {}, jobs)
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    const { parts, joins } = await started(run, jobs)
    expect([parts.length, joins.length]).toEqual([3, 0])
    await parts[0]?.drain()
    await parts[1]?.drain()
    expect((await started(run, jobs)).joins).toHaveLength(0)
    await parts[2]?.drain()
    const after = await started(run, jobs)
    expect(after.joins).toHaveLength(1)
    await after.joins[0]?.drain()
    // Those it waited for, in the order of the list: itself it does not find.
    expect(joined).toEqual([['part completed', 'part failed', 'part completed']])
    expect((await run.view()).children).toHaveLength(4)
  })

  it('are joined at once when there is nothing to wait for', async () => {
    const run = await runOf(split([]), {}, jobs)
    await run.drain()
    expect((await started(run, jobs)).joins).toHaveLength(1)
  })

  it('are joined also when the last child is cancelled before it ever ran', async () => {
    const run = await runOf(split([1]), {}, jobs)
    await run.drain()
    const [child] = (await started(run, jobs)).parts
    await runObjects(env)(child?.id ?? '').command('cancel', {})
    expect(await child?.view()).toMatchObject({ status: 'cancelled' })
    expect((await truth(child?.id ?? '')).closed_at).toBeNull()
    await child?.slice()
    expect(await child?.view()).toMatchObject({ status: 'cancelled' })
    expect((await truth(child?.id ?? '')).closed_at).not.toBeNull()
    expect((await started(run, jobs)).joins).toHaveLength(1)
    expect(cancelled).toEqual([child?.id])
  })

  it.each([
    ['before its end is written', { d1: nth(1, isEnd), when: 'before' }],
    ['after its end is written', { d1: nth(1, isEnd), when: 'after' }],
    ['after the fan-in is started', { object: 'create', when: 'after' }],
    ['before it is marked closed', { d1: nth(1, isClose), when: 'before' }],
  ] as const)('are joined once also when the last child’s slice dies %s', async (_when, death) => {
    const run = await runOf(split([7]), {}, jobs)
    await run.drain()
    const [child] = (await started(run, jobs)).parts as [RunOf]
    await deliverAndDie(child.id, death, { jobs: new Registry(jobs) })
    await passTime(child.id)
    await child.drain()
    expect((await started(run, jobs)).joins).toHaveLength(1)
  })

  it('keep their parent and each other from being purged while one is under way', async () => {
    const run = await runOf(split([1, 2]), {}, jobs)
    await run.drain()
    const [first, second] = (await started(run, jobs)).parts as [RunOf, RunOf]
    await first.drain()
    const closed = () =>
      closedRuns(env.DB, new Date(bench.clock.now() + 1_000).toISOString(), 1_000)
    const before = await closed()
    expect(before).not.toContain(run.id)
    expect(before).not.toContain(first.id)
    await second.drain()
    await (await started(run, jobs)).joins[0]?.drain()
    expect(await closed()).toEqual(expect.arrayContaining([run.id, first.id, second.id]))
  })

  it('can be chosen by the result, delayed, and are started only after success', async () => {
    const choosing = split([], {
      continuations({ enqueue, result }) {
        if ((result as number[]).length === 0) enqueue(part, { number: 1 }, { wait: '5 minutes' })
      },
    })
    const run = await runOf(choosing, {}, jobs)
    const { children } = await run.drain()
    expect(children).toHaveLength(1)
    expect((await driving(children[0] ?? '')).sendAt).toBeGreaterThan(bench.clock.now() + 290_000)
    expect(await view(children[0] ?? '')).toMatchObject({ parent: run.id, status: 'queued' })
  })

  it('that are malformed are reported, and do not fail the run whose work is done', async () => {
    const wrong = split([], {
      continuations: ({ enqueue }) => enqueue(part, { number: 'x' } as never),
    })
    expect(await (await runOf(wrong, {}, jobs)).drain()).toMatchObject({
      status: 'completed',
      children: [],
      attention: expect.stringContaining('number'),
    })
  })
})

describe('the list of children', () => {
  const many = (count: number, text = '') =>
    defineJob({
      name: 'many',
      perform: async () => count,
      continuations({ enqueue }) {
        for (let number = 0; number < count; number++) enqueue(wordy, { number, text })
      },
    })
  const wordy = defineJob({
    name: 'wordy',
    params: z.strictObject({ number: z.number(), text: z.string() }),
    perform: async () => undefined,
  })

  it.each([
    ['1,001 of them', many(1_001), 'more than 1000 runs; expected at most'],
    ['more params than a row holds', many(20, 'x'.repeat(60_000)), 'expected at most 1000000'],
  ])('is refused with %s, and the run that is done stays done', async (_what, job, problem) => {
    const run = await runOf(job, {}, [wordy])
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      children: [],
      attention: expect.stringContaining(problem),
    })
  })
})

describe('S23 S55 M11 M28 M40 onCancel', () => {
  it('runs once after a cancel, in every state, and also before the first slice', async () => {
    const run = await runOf(part, { params: { number: 1 } })
    await runObjects(env)(run.id).command('cancel', {})
    await runObjects(env)(run.id).command('cancel', {})
    await run.slice()
    expect(cancelled).toEqual([run.id])
    expect(await run.view()).toMatchObject({ status: 'cancelled', progress: { done: 0 } })
    await run.slice()
    expect(cancelled).toEqual([run.id])
  })

  it('comes before a retry: one is refused until the cancelled run is closed', async () => {
    const run = await runOf(part, { params: { number: 1 } })
    await runObjects(env)(run.id).command('cancel', {})
    expect(await runObjects(env)(run.id).command('retry', {})).toMatchObject({
      ok: false,
      code: 'invalid_transition',
    })
    await run.slice()
    expect(await runObjects(env)(run.id).command('retry', {})).toMatchObject({ ok: true })
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(cancelled).toEqual([run.id])
  })

  it('does not keep a run from being closed when it throws', async () => {
    const throwing = defineJob({
      name: 'throwing-on-cancel',
      perform: async () => undefined,
      onCancel() {
        throw new Error('cannot let go')
      },
    })
    const run = await runOf(throwing)
    await runObjects(env)(run.id).command('cancel', {})
    await run.slice()
    expect((await truth(run.id)).closed_at).not.toBeNull()
  })
})
