import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, type Job } from '../../../src/engine/index.ts'
import { judgeRuns } from '../../../src/monitoring/index.ts'
import { listAlerts } from '../../../src/monitoring/alert-rows.ts'
import { FaultyDatabase, isEnd } from '../../../src/testing/index.ts'
import { createTables, passTime } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

const HOUR = 3_600_000
const openAlerts = async (run: RunOf) =>
  (await listAlerts(env.DB, { run: run.id, open: true, limit: 10 })).alerts.map(({ kind }) => kind)

async function slices(run: RunOf, count: number, overrides = {}) {
  for (let slice = 0; slice < count; slice++) await run.slice(overrides)
  return run.view()
}

const throttled = (state: { open: boolean }): Job =>
  defineIteration({
    name: 'always-throttled',
    buildEnumerator: ({ cursor, enumerators }) =>
      enumerators.throttle(enumerators.times(3, { cursor }), {
        wait: '30s',
        throttleOn: () => !state.open,
      }),
    eachIteration: (item, { effects, run }) => append(effects, run.id, item),
  })

describe('H50 a run that only ever waits', () => {
  it('for a walk that is throttled each time asks for attention, until it gets on', async () => {
    const state = { open: false }
    const run = await runOf(throttled(state))
    expect(await slices(run, 19)).not.toHaveProperty('attention')
    const view = await run.slice()
    expect(view.attention).toMatch(/^Has got no further since .*, in 20 slices/)
    await passTime(run.id, 1)
    expect(await openAlerts(run)).toEqual(['attention'])
    state.open = true
    const end = await run.drain()
    expect(end).toMatchObject({ status: 'completed' })
    expect(end).not.toHaveProperty('attention')
    expect(await openAlerts(run)).toEqual([])
  })

  it('has stalled, too, after half an hour, though it waits each time the cron looks', async () => {
    const run = await runOf(throttled({ open: false }))
    await slices(run, 2)
    await passTime(run.id, 1)
    await judgeRuns(env.DB, Date.now() + 20 * 60_000)
    expect(await openAlerts(run)).toEqual([])
    await judgeRuns(env.DB, Date.now() + HOUR)
    expect(await openAlerts(run)).toEqual(['stalled'])
    expect((await run.view()).waitingSince).toBeDefined()
  })

  it('once, for however long, has not stalled', async () => {
    const run = await runOf(throttled({ open: false }))
    await run.slice()
    await judgeRuns(env.DB, Date.now() + 20_000)
    expect(await openAlerts(run)).toEqual([])
    expect(await run.view()).not.toHaveProperty('waitingSince')
  })

  it.each([
    ['a D1 that is out of reach', () => true],
    ['an end commit that has no answer', isEnd],
  ])('for %s asks for attention', async (_what, fails) => {
    const run = await runOf(
      defineJob({ name: 'cannot-end', perform: ({ step }) => step('x', () => 1) }),
    )
    const db = new FaultyDatabase(env.DB, (call) => (fails(call) ? 'never_lands' : undefined))
    const view = await slices(run, 12, { DB: db.binding })
    expect(view).toMatchObject({ status: 'interrupted', attempts: 0 })
    expect(view.attention).toContain('Network connection lost')
    expect(await run.drain()).not.toHaveProperty('attention')
  })

  it('for a second database that is gone asks for attention', async () => {
    const run = await runOf(
      defineJob({
        name: 'second-database',
        perform: ({ step }) =>
          step('copy', () => {
            throw new Error('D1_ERROR: D1 DB is overloaded. Too many requests queued.')
          }),
      }),
    )
    const { status, attention } = await slices(run, 12)
    expect(status === 'failed' || attention !== undefined).toBe(true)
  })

  it('for children that cannot be created asks for attention, and is closed when they can', async () => {
    const follower = defineJob({ name: 'follower', perform: ({ step }) => step('x', () => 1) })
    const run = await runOf(
      defineJob({
        name: 'with-follower',
        perform: ({ step }) => step('x', () => 1),
        continuations: ({ enqueue }) => enqueue(follower, {}),
      }),
      {},
      [follower],
    )
    const { workerDeps } = await import('../../../src/engine/slice/consumer.ts')
    const { objects } = workerDeps(env, run.jobs)
    const broken = (id: string) =>
      id === run.id ? objects(id) : { create: () => Promise.reject(new Error('object is gone')) }
    const view = await slices(run, 12, { objects: broken })
    expect(view.attention).toContain('object is gone')
    expect(await run.drain()).toMatchObject({ status: 'completed' })
  })

  it('whose budget ends before anything is done asks for attention', async () => {
    const run = await runOf(
      defineJob({
        name: 'bare-for-ever',
        budget: { wallMs: 0 },
        perform: ({ step }) => step('calls', async (step) => step.checkpoint()),
      }),
    )
    const view = await slices(run, 22)
    expect(view.attention).toContain('budget')
  })
})

describe('bare checkpoints', () => {
  it('R42 a step that was interrupted at one is resumed', async () => {
    let left = 3
    const seen: boolean[] = []
    const run = await runOf(
      defineJob({
        name: 'bare-checkpoint',
        budget: { wallMs: 0 },
        perform: ({ step }) =>
          step('calls', async (step) => {
            seen.push(step.resumed)
            while (left-- > 1) await step.checkpoint()
          }),
      }),
    )
    await run.drain()
    expect(run.told('run.interrupted')[0]).toMatchObject({ description: "at 'calls', cursor null" })
    expect(seen).toEqual([false, true, true])
  })

  it('are bounded by maxResumptions', async () => {
    const run = await runOf(
      defineJob({
        name: 'bare-bound',
        resume: { maxResumptions: 2 },
        budget: { wallMs: 0 },
        perform: ({ step }) =>
          step('calls', async (step) => {
            for (let page = 0; page < 3; page++) await step.checkpoint()
          }),
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'resumptions_exhausted' },
      slices: 3,
    })
  })
})
