import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { defineIteration, defineJob } from '../../src/engine/index.ts'
import { readCheckpoint } from '../../src/engine/runs/list.ts'
import { type CallPlan, Invocation } from '../../src/testing/index.ts'
import { createTables, passTime, truth, upTo } from '../support/drive.ts'
import { append, appendIteration, appendSteps } from '../support/jobs.ts'
import { isCommit, nth } from '../support/mortal.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const invocationOf = (plan: CallPlan) => new Invocation({ env, objects: runObjects(env) }, plan)
const everyItem = { commit: { everyItems: 1 } }

describe('progress', () => {
  it('M14 M65 P07 is in D1 with each commit, whatever the reports did not tell when a slice dies', async () => {
    const run = await runOf(appendSteps, { params: { items: 9 }, ...everyItem })
    // The first commit ends the step `count`; the other five have an item each.
    const sixth = nth(6, isCommit)
    const invocation = invocationOf(({ d1, object }) => {
      if (d1 && sixth(d1)) return 'dies_after'
      return object?.method === 'report' ? 'never_lands' : undefined
    })
    await Promise.race([
      invocation.died,
      run.slice({ env: invocation.env, objects: invocation.objects }),
    ])
    expect(await run.view()).toMatchObject({ progress: { done: 0, total: null } })
    expect(await readCheckpoint(env.DB, run.id)).toMatchObject({ step: 'append', cursor: 6 })
    expect((await truth(run.id)).commits).toBe(6)
    await passTime(run.id)
    expect(await run.drain()).toMatchObject({ progress: { done: 9, total: 9 }, attempts: 0 })
    expect(await run.appended()).toEqual(upTo(9))
  })

  it('M65 is flushed before an error is reported: what was done before it is committed', async () => {
    const run = await runOf(
      defineIteration({
        name: 'failing-late',
        commit: { everyItems: 1_000 },
        retry: { attempts: 1 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(9, { cursor }),
        eachIteration(item, { effects, run: { id } }) {
          if (item === 7) throw new Error('seven')
          append(effects, id, item)
        },
      }),
    )
    await run.slice()
    expect(await run.view()).toMatchObject({ cursor: 6, progress: { done: 7 } })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('M70 M47 is not lost when a resumed run fails at its first item, again and again', async () => {
    let failing = false
    const run = await runOf(
      defineIteration({
        name: 'failing-at-once',
        budget: { items: 3 },
        retry: { attempts: 2 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(5, { cursor }),
        eachIteration(item, { effects, run: { id } }) {
          if (failing) throw new Error('no luck')
          append(effects, id, item)
        },
      }),
    )
    await run.slice()
    failing = true
    expect(await run.drain()).toMatchObject({ status: 'failed', cursor: 2, progress: { done: 3 } })
    failing = false
    await runObjects(env)(run.id).command('retry', {})
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 4])
  })

  it('M25 M71 B09 B12 keeps its start and its total over all resumptions', async () => {
    let size = 6
    const run = await runOf(
      defineIteration({
        name: 'growing',
        budget: { items: 2 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(size, { cursor }),
        eachIteration: () => undefined,
      }),
    )
    const first = await run.slice()
    expect(first).toMatchObject({ progress: { done: 2, total: 6 } })
    size = 9
    expect(await run.drain()).toMatchObject({
      startedAt: first.startedAt,
      progress: { done: 9, total: 6 },
      resumptions: 4,
    })
  })

  it('M43 is reported a few times, not once per item', async () => {
    let reports = 0
    const run = await runOf(appendIteration, { params: { items: 60 }, ...everyItem })
    let now = Date.now()
    const clock = { now: () => (now += 1), wait: (ms: number) => scheduler.wait(ms) }
    const { env: bindings, objects } = invocationOf(({ object }) => {
      if (object?.method === 'report') reports += 1
      return undefined
    })
    await run.slice({ env: bindings, objects, clock })
    expect(await run.view()).toMatchObject({ status: 'completed', commits: 62 })
    expect(reports).toBeGreaterThan(0)
    expect(reports).toBeLessThan(15)
  })

  it('P10 costs the same at the end as at the start, in statements and rows of D1', async () => {
    const run = await runOf(
      defineIteration({
        name: 'flat',
        budget: { items: 20 },
        commit: { everyItems: 5 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(400, { cursor }),
        eachIteration: (item, { effects, run: { id } }) => append(effects, id, item),
      }),
    )
    const costs: [number, number][] = []
    let before = (await run.slice()).cost
    for (let slices = 1; slices < 20; slices++) {
      const { cost } = await run.slice()
      costs.push([
        cost.d1Statements - before.d1Statements,
        cost.d1RowsRead + cost.d1RowsWritten - before.d1RowsRead - before.d1RowsWritten,
      ])
      before = cost
    }
    expect(await run.view()).toMatchObject({ progress: { done: 400 } })
    expect(costs[0]?.[0]).toBeGreaterThan(4)
    expect(new Set(costs.map((cost) => cost.join()))).toEqual(new Set([costs[0]?.join()]))
  })
})

describe('an error', () => {
  const failing = (error: Error) =>
    defineJob({
      name: 'failing-with',
      retry: { attempts: 1 },
      async perform({ step }) {
        await step('fail', { start: 7 }, () => {
          throw error
        })
      },
    })

  it('M19 that is too long to be kept is cut, and the run fails all the same', async () => {
    const error = Object.assign(new Error('x'.repeat(100_000)), { code: 'c'.repeat(100_000) })
    error.name = 'LongError'.repeat(10_000)
    const view = await (await runOf(failing(error))).drain()
    expect(view).toMatchObject({ status: 'failed' })
    expect(view.error?.message).toMatch(/^x{2000}$/)
    expect(view.error?.name).toHaveLength(200)
    expect(JSON.stringify(view.error).length).toBeLessThan(20_000)
  })

  it('M19 is kept whatever user code has put into it', async () => {
    const odd = Object.assign(new Error('odd'), { message: 404, stack: null, code: 7 })
    expect(await (await runOf(failing(odd))).drain()).toMatchObject({
      status: 'failed',
      error: { name: 'Error', message: '404' },
    })
  })

  it('M17 M53 is reported with its run, job, step and cursor', async () => {
    const run = await runOf(failing(new TypeError('unfit')))
    await run.drain()
    expect(run.told('step.errored')).toMatchObject([
      { run: run.id, job: 'failing-with', step: 'fail', error: { name: 'TypeError' } },
    ])
    expect(run.told('run.errored')).toMatchObject([
      { run: run.id, job: 'failing-with', error: { message: 'unfit' }, willRetry: false },
    ])
  })

  it('M53 is kept by the run also when whoever hears of it throws', async () => {
    const run = await runOf(failing(new Error('the real one')))
    const onEvent = (): void => {
      throw new Error('the reporter is broken')
    }
    expect(await run.drain({ onEvent })).toMatchObject({
      status: 'failed',
      error: { message: 'the real one' },
    })
  })
})
