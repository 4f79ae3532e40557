import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, restartOn } from '../../../src/engine/index.ts'
import { listSkips, readCheckpoint, runObjects } from '../../../src/engine/runs/index.ts'
import { createTables, upTo } from '../../support/drive.ts'
import { append, appendIteration, appendSteps } from '../../support/jobs.ts'
import { forked, redrive, runOf } from '../../support/run-of.ts'
import { commitsOf, rowsOf, seqAfter, unproved } from '../../support/ledger.ts'

beforeAll(createTables)

const each = { everyItems: 1 }

describe('a fork goes on from a commit of another run', () => {
  it('in steps: what was done before stands with its results, what followed is done again', async () => {
    let counted = 0
    const job = defineJob({
      name: 'forked-steps',
      commit: each,
      async perform({ step, effects, run: { id }, expectTotal }) {
        const last = await step('count', () => 4 + ++counted)
        expectTotal(last)
        await step('append', { start: 1 }, async (step) => {
          while (step.cursor <= last) {
            append(effects, id, step.cursor)
            await step.advance()
          }
        })
        return step('finish', () => last)
      },
    })
    const origin = await runOf(job)
    await origin.drain()
    const before = await rowsOf(origin)
    const seq = await seqAfter(origin, 3)
    const fork = await forked(job, origin, { seq })
    expect(await fork.drain()).toMatchObject({
      status: 'completed',
      result: 5,
      progress: { done: 5, total: 5, skipped: 0 },
      forkOf: { run: origin.id, seq },
      // Two items, the ends of two steps, and that of the run.
      commits: 5,
      resumptions: 0,
    })
    expect(await fork.appended()).toEqual([4, 5])
    expect(counted).toBe(1)
    expect(await unproved(fork.id)).toEqual([])
    expect(await rowsOf(origin)).toEqual(before)
  })

  it('as an iteration: without its onStart, and with children of its own', async () => {
    let started = 0
    const job = defineIteration({
      name: 'forked-iteration',
      commit: each,
      onStart: () => void (started += 1),
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(6), { cursor }),
      eachIteration: (item, { effects, run }) => append(effects, run.id, item),
      continuations: ({ enqueue, run }) => {
        enqueue(appendSteps, { items: run.forkOf?.seq ?? 0 })
      },
    })
    const origin = await runOf(job, {}, [appendSteps])
    const { children } = await origin.drain()
    const seq = await seqAfter(origin, 4)
    const fork = await forked(job, origin, { seq })
    fork.deploy(job, appendSteps)
    const ended = await fork.drain()
    expect(ended).toMatchObject({ status: 'completed', progress: { done: 6, total: 6 } })
    expect(await fork.appended()).toEqual([5, 6])
    expect(started).toBe(1)
    expect(ended.children).toHaveLength(1)
    expect(ended.children).not.toEqual(children)
    const child = await runObjects(env)(ended.children[0] ?? '').describe()
    expect(child?.params).toEqual({ items: seq })
    expect(await unproved(fork.id)).toEqual([])
  })

  it('with the attributes of then, also while the other run is under way', async () => {
    const job = defineIteration({
      name: 'forked-attributes',
      commit: each,
      attributes: z.object({ sum: z.number().default(0) }),
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(5), { cursor }),
      eachIteration: (item, { attributes }) => void (attributes.sum += item),
      onComplete: ({ attributes }) => attributes.sum,
    })
    const origin = await runOf(job, { interrupt: { afterItems: 4 }, hold: true })
    await origin.slice()
    const fork = await forked(job, origin, { seq: await seqAfter(origin, 2) })
    expect(await fork.drain()).toMatchObject({ status: 'completed', result: 15 })
    await runObjects(env)(origin.id).command('resume', {})
    expect(await origin.drain()).toMatchObject({ status: 'completed', result: 15 })
    expect([await unproved(fork.id), await unproved(origin.id)]).toEqual([[], []])
  })

  it('inside steps within steps, and refuses where their results are forgotten', async () => {
    const loads: string[] = []
    const job = defineJob({
      name: 'forked-nested',
      commit: each,
      async perform({ step, effects, run: { id } }) {
        await step('outer', { start: 1, counts: false }, async (outer) => {
          while (outer.cursor <= 2) {
            const ten = await outer.step('load', () => {
              loads.push(`${id} ${outer.cursor}`)
              return outer.cursor * 10
            })
            await outer.step('inner', { start: 1 }, async (inner) => {
              while (inner.cursor <= 3) {
                append(effects, id, ten + inner.cursor)
                await inner.advance()
              }
            })
            await outer.advance()
          }
        })
      },
    })
    const origin = await runOf(job, { interrupt: { afterItems: 5 }, hold: true })
    await origin.slice()
    const fork = await forked(job, origin, { seq: await seqAfter(origin, 5) })
    expect(await readCheckpoint(env.DB, fork.id)).toMatchObject({
      step: 'outer',
      cursor: 2,
      nestedSteps: { inner: { cursor: 3 } },
    })
    expect(await fork.drain()).toMatchObject({ status: 'completed', progress: { done: 6 } })
    expect(await fork.appended()).toEqual([23])
    expect(loads).toEqual([`${origin.id} 1`, `${origin.id} 2`])
    expect(await unproved(fork.id)).toEqual([])

    // The result of `load` for item 1 is gone; that for item 2 was never stored then.
    const gone = await seqAfter(origin, 2)
    expect((await commitsOf(origin)).find(({ seq }) => seq === gone)?.forkable).toBe(false)
    await expect(forked(job, origin, { seq: gone })).rejects.toMatchObject({
      code: 'not_forkable',
      message: expect.stringContaining('were forgotten since'),
    })
    const whole = (await commitsOf(origin)).find(({ toCursor }) => toCursor === 2)
    expect(whole).toMatchObject({ forkable: true })
    const next = await forked(job, origin, { seq: whole?.seq ?? 0 })
    await next.drain()
    expect(await next.appended()).toEqual([21, 22, 23])
  })

  it('with what was passed over, which can be re-driven there', async () => {
    const bad = new Set([2, 5])
    const job = defineIteration({
      name: 'forked-skips',
      commit: each,
      skip: {},
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(6), { cursor }),
      eachIteration(item, { effects, run }) {
        if (bad.has(item)) throw new RangeError('bad')
        append(effects, run.id, item)
      },
    })
    const origin = await runOf(job)
    await origin.drain()
    bad.clear()
    const fork = await forked(job, origin, { seq: await seqAfter(origin, 3) })
    expect(await fork.view()).toMatchObject({ progress: { done: 3, skipped: 1 } })
    expect(await fork.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 5, skipped: 1 },
    })
    expect(await fork.appended()).toEqual([5, 6])
    expect((await listSkips(env.DB, fork.id, { limit: 9 })).skips).toHaveLength(1)
    expect(await unproved(fork.id)).toEqual([])
    const { child } = await redrive(job, fork)
    await child.drain()
    expect(await child.appended()).toEqual([2])
    const again = await forked(job, child, { seq: await seqAfter(child, 1) })
    expect(await again.drain()).toMatchObject({ status: 'completed', redriveOf: fork.id })
    expect(await again.appended()).toEqual([])
  })

  it('in the round in which it was made; the commit that starts over keeps nothing', async () => {
    class Stale extends Error {}
    let stale = true
    const job = defineJob({
      name: 'forked-rounds',
      commit: each,
      errors: [restartOn(Stale, { wait: 0 })],
      async perform({ step, effects, run: { id } }) {
        const first = await step('first', () => (stale ? 'old' : 'new'))
        await step('second', { start: 1 }, async (step) => {
          while (step.cursor <= 3) {
            if (stale && step.cursor === 3) {
              stale = false
              throw new Stale()
            }
            append(effects, id, step.cursor)
            await step.advance()
          }
        })
        return first
      },
    })
    const origin = await runOf(job)
    expect(await origin.drain()).toMatchObject({ result: 'new' })
    const commits = await commitsOf(origin)
    const over = commits.find(({ step, forkable }) => step === null && !forkable)
    await expect(forked(job, origin, { seq: over?.seq ?? 0 })).rejects.toMatchObject({
      code: 'not_forkable',
      message: expect.stringContaining('starts over'),
    })
    // Results of the first round are forgotten.
    expect(commits.filter(({ forkable }) => forkable).length).toBeLessThan(commits.length - 1)
    const fork = await forked(job, origin, { step: 'second' })
    expect(await fork.drain()).toMatchObject({ result: 'new', progress: { done: 3 } })
    expect(await fork.appended()).toEqual(upTo(3))
    expect(await unproved(fork.id)).toEqual([])
  })

  it('of a fork, and of what that one was forked from', async () => {
    const origin = await runOf(appendSteps, { params: { items: 6 }, commit: each })
    await origin.drain()
    const seq = await seqAfter(origin, 2)
    const fork = await forked(appendSteps, origin, { seq })
    await fork.drain()
    // Its own second commit, the place where it began, and a commit of its origin.
    const own = (await commitsOf(fork))[1]
    const second = await forked(appendSteps, fork, { seq: own?.seq ?? 0 })
    const third = await forked(appendSteps, fork, { seq })
    const fourth = await forked(appendSteps, fork, { seq: await seqAfter(origin, 1) })
    for (const run of [second, third, fourth]) {
      expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 6 } })
      expect(await unproved(run.id)).toEqual([])
    }
    expect(await second.appended()).toEqual([5, 6])
    expect(await third.appended()).toEqual([3, 4, 5, 6])
    expect(await fourth.appended()).toEqual([2, 3, 4, 5, 6])
    expect((await fourth.view()).forkOf?.run).toBe(origin.id)
  })

  it('from its beginning, when it is asked for commit 0', async () => {
    const origin = await runOf(appendIteration, { params: { items: 3 } })
    await origin.drain()
    const fork = await forked(appendIteration, origin, { seq: 0 })
    expect(await fork.drain()).toMatchObject({ forkOf: { run: origin.id, seq: 0 } })
    expect(await fork.appended()).toEqual([0, 1, 2, 3])
    expect(await unproved(fork.id)).toEqual([])
  })
})
