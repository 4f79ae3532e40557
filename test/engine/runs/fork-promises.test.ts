import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunHost } from '../../../durable-objects/run-host.ts'
import { defineIteration, defineJob } from '../../../src/engine/index.ts'
import { listCommits, listRuns, readCheckpoint } from '../../../src/engine/runs/index.ts'
import { beginningAt } from '../../../src/engine/runs/fork-point.ts'
import { createRun } from '../../../src/engine/store/d1/create-run.ts'
import { readRun } from '../../../src/engine/store/d1/stored-run.ts'
import { bench, createTables, object, passTime, stub, upTo } from '../../support/drive.ts'
import { append, appendIteration, appendSteps } from '../../support/jobs.ts'
import { deliverAndDie, isCommit, isRaise, nth } from '../../support/mortal.ts'
import { plansOf } from '../../support/query-plans.ts'
import { forked, runOf } from '../../support/run-of.ts'
import { commitsOf, rowsOf, seqAfter, unproved } from '../../support/ledger.ts'

beforeAll(createTables)

const each = { everyItems: 1 }

describe('a fork', () => {
  it('takes params that are laid over those of the other run, by the schema of today', async () => {
    const before = defineIteration({
      name: 'forked-params',
      commit: each,
      params: z.object({ apiKey: z.string().min(4), items: z.number(), factor: z.number() }),
      sensitive: ['apiKey'],
      buildEnumerator: ({ cursor, params, enumerators }) =>
        enumerators.array(upTo(params.items), { cursor }),
      eachIteration: (item, { effects, run, params }) =>
        append(effects, run.id, item * params.factor),
    })
    const origin = await runOf(before, {
      params: { apiKey: 'sk-secret', items: 3, factor: 1 },
    })
    await origin.drain()
    const seq = (await commitsOf(origin))[0]?.seq ?? 0
    const fork = await forked(before, origin, { seq, params: { factor: 100 } })
    expect((await fork.view()).params).toEqual({ apiKey: '[sensitive]', items: 3, factor: 100 })
    await fork.drain()
    expect(await fork.appended()).toEqual([100, 200, 300])
    await expect(forked(before, origin, { seq, params: { items: 'x' } })).rejects.toMatchObject({
      code: 'invalid_params',
    })
  })

  it('is right wherever it is shown before its first slice, also when its object lost its storage', async () => {
    const origin = await runOf(appendSteps, { params: { items: 5 }, commit: each })
    await origin.drain()
    const seq = await seqAfter(origin, 3)
    const labels = { repair: 'yes' }
    const fork = await forked(appendSteps, origin, { seq, labels })
    const shown = {
      status: 'queued',
      step: 'append',
      cursor: 4,
      completedSteps: ['count'],
      progress: { done: 3, total: 5, skipped: 0 },
      forkOf: { run: origin.id, seq },
      commits: 0,
    }
    expect(await fork.view()).toMatchObject(shown)
    const [listed] = (await listRuns(env.DB, { limit: 1, label: { name: 'repair', value: 'yes' } }))
      .runs
    expect(listed).toMatchObject({ id: fork.id, ...shown })
    expect(await readCheckpoint(env.DB, fork.id)).toMatchObject({ step: 'append', cursor: 4, seq })
    await runInDurableObject(stub(fork.id), (_object: RunHost, state) => state.storage.deleteAll())
    await bench.evict(fork.id)
    await object(fork.id).poke(fork.id)
    expect(await fork.view()).toMatchObject(shown)
    await fork.drain()
    expect(await fork.appended()).toEqual([4, 5])
    expect(await unproved(fork.id)).toEqual([])
  })

  it('is the same one when it is asked for by the same key, and no other', async () => {
    const origin = await runOf(appendSteps, { params: { items: 3 }, commit: each })
    await origin.drain()
    const [one, two] = [await seqAfter(origin, 1), await seqAfter(origin, 2)]
    const key = { idempotencyKey: 'repair' }
    const fork = await forked(appendSteps, origin, { seq: one, ...key })
    expect((await forked(appendSteps, origin, { seq: one, ...key })).id).toBe(fork.id)
    for (const other of [{ seq: two }, { seq: one, params: { items: 4 } }]) {
      await expect(forked(appendSteps, origin, { ...other, ...key })).rejects.toThrow(
        'idempotency_conflict',
      )
    }
  })

  it('lives and is proved when the run it came from is purged', async () => {
    const origin = await runOf(appendSteps, { params: { items: 4 }, commit: each })
    await origin.drain()
    const fork = await forked(appendSteps, origin, { seq: await seqAfter(origin, 2) })
    await object(origin.id).purge(origin.id)
    await fork.drain()
    expect(await fork.appended()).toEqual([3, 4])
    expect(await unproved(fork.id)).toEqual([])
    await expect(forked(appendSteps, fork, { seq: 1 })).rejects.toMatchObject({
      code: 'not_forkable',
      message: expect.stringContaining('has no commit 1 in its ledger'),
    })
  })

  it('is found out when its ledger does not go on from its origin, or its origin has a gap', async () => {
    const origin = await runOf(appendSteps, { params: { items: 4 }, commit: each })
    await origin.drain()
    const seq = await seqAfter(origin, 3)
    const fork = await forked(appendSteps, origin, { seq })
    await fork.drain()
    await env.DB.prepare('UPDATE dogear_ledger SET items = items + 1 WHERE run_id = ? AND seq = ?')
      .bind(origin.id, await seqAfter(origin, 1))
      .run()
    expect((await unproved(fork.id)).map(({ name }) => name)).toEqual([
      `Goes on exactly where run ${origin.id} stood after commit ${seq}`,
    ])
    await env.DB.prepare('UPDATE dogear_ledger SET from_cursor = 7 WHERE run_id = ? AND seq = ?')
      .bind(origin.id, seq)
      .run()
    expect((await unproved(fork.id)).map(({ name }) => name)).toContain(
      `Ledger ranges of run ${origin.id} tile its part with no gap or overlap`,
    )
  })

  it('is refused for a commit from before states were kept, and for one that is too large', async () => {
    const job = defineIteration({
      name: 'forked-large',
      commit: each,
      attributes: z.object({ text: z.string().default('') }),
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(3), { cursor }),
      eachIteration: (item, { attributes }) => {
        attributes.text = item === 2 ? 'x'.repeat(10_000) : 'y'
      },
    })
    const origin = await runOf(job)
    await origin.drain()
    const [first, large, last] = [1, 2, 3].map((items) => seqAfter(origin, items))
    await env.DB.prepare('UPDATE dogear_ledger SET state = NULL WHERE run_id = ? AND seq = ?')
      .bind(origin.id, await first)
      .run()
    for (const seq of [await first, await large]) {
      await expect(forked(job, origin, { seq: seq ?? 0 })).rejects.toMatchObject({
        code: 'not_forkable',
        message: expect.stringContaining('no state was kept'),
      })
    }
    const fork = await forked(job, origin, { seq: (await last) ?? 0 })
    expect(await fork.drain()).toMatchObject({ status: 'completed' })
  })

  it('is refused when its job has another style by now', async () => {
    const origin = await runOf(appendIteration, { params: { items: 1 } })
    await origin.drain()
    const steps = defineJob({ name: 'append-iteration', perform: async () => undefined })
    await expect(forked(steps, origin, { seq: 0 })).rejects.toMatchObject({
      code: 'not_forkable',
    })
  })

  it('does each of its own effects exactly once, wherever it is killed', async () => {
    const origin = await runOf(appendSteps, { params: { items: 5 }, commit: each })
    await origin.drain()
    const seq = await seqAfter(origin, 2)
    // Three items, two ends of steps, and the end of the run.
    const deaths = [() => nth(1, isRaise), ...upTo(6).map((n) => () => nth(n, isCommit))]
    for (const death of deaths) {
      for (const when of ['before', 'after'] as const) {
        const fork = await forked(appendSteps, origin, { seq })
        await deliverAndDie(fork.id, { d1: death(), when })
        await passTime(fork.id)
        expect(await fork.drain()).toMatchObject({ status: 'completed', progress: { done: 5 } })
        expect(await fork.appended()).toEqual([3, 4, 5])
        expect(await unproved(fork.id)).toEqual([])
      }
    }
  })

  it('is created once, though D1 hears of it twice and late', async () => {
    const origin = await runOf(appendSteps, { params: { items: 3 }, commit: each })
    await origin.drain()
    const seq = await seqAfter(origin, 1)
    const fork = await forked(appendSteps, origin, { seq })
    await fork.drain()
    // As if the run had forgotten it meanwhile: what comes late must not bring it back.
    await env.DB.prepare('DELETE FROM dogear_step_results WHERE run_id = ?').bind(fork.id).run()
    const before = await rowsOf(fork)
    const definition = await readRun(env.DB, fork.id)
    const beginning = await beginningAt(env.DB, { run: origin.id, seq })
    expect(beginning.results).toHaveLength(1)
    if (definition) await createRun(env.DB, definition, definition.createdAt, '', beginning)
    expect(await rowsOf(fork)).toEqual(before)
  })
})

it('the ledger is read by its key, page after page', async () => {
  const run = await runOf(appendSteps, { params: { items: 4 }, commit: each })
  await run.drain()
  const all = await commitsOf(run)
  const page = await listCommits(env.DB, run.id, { limit: 3 })
  const rest = await listCommits(env.DB, run.id, { limit: 100, before: page.next ?? 0 })
  expect([...page.commits, ...rest.commits]).toEqual(all.toReversed())
  expect(rest.next).toBeNull()
  const plans = await plansOf((db) => listCommits(db, run.id, { limit: 3 }))
  expect(plans.filter((plan) => /SCAN|TEMP B-TREE/.test(plan))).toEqual([])
})
