import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunObjects } from '../../src/engine/drive/protocol.ts'
import { defineJob } from '../../src/engine/index.ts'
import { defineSchedule, type ScheduleView } from '../../src/schedules/index.ts'
import { createDogear } from '../../src/worker/index.ts'
import { processOrders } from '../../src/shop/jobs/process-orders.ts'
import { FaultyDatabase } from '../../src/testing/faulty-database.ts'
import { call } from '../support/api.ts'
import { every10, iso, lastRun, look, trigger } from '../support/by-the-clock.ts'
import { createTables, drain, object, view } from '../support/drive.ts'
import { appendIteration, appendSteps } from '../support/jobs.ts'
import worker from '../support/worker.ts'

beforeAll(createTables)

/** How many runs of a job there are. */
async function runsOf({ name }: { name: string }): Promise<number> {
  const count = env.DB.prepare('SELECT count(*) AS n FROM dogear_runs WHERE job = ?').bind(name)
  return (await count.first<number>('n')) ?? 0
}

describe('a schedule', () => {
  it('starts a run at each tick, however often, late or at once the trigger fires', async () => {
    const schedule = every10({ overlap: 'allow', params: { items: 3 } })
    const before = await runsOf(appendSteps)
    await trigger(schedule, '03:09:00')
    expect(await runsOf(appendSteps)).toBe(before)
    await Promise.all([1, 2, 3].map(() => trigger(schedule, '03:10:00')))
    await trigger(schedule, '03:10:00')
    await trigger(schedule, '03:11:07')
    await trigger(schedule, '03:09:30')
    expect(await runsOf(appendSteps)).toBe(before + 1)
    const first = await lastRun(schedule)
    expect(await drain(first)).toMatchObject({ status: 'completed', progress: { done: 3 } })
    await trigger(schedule, '03:20:00')
    expect(await runsOf(appendSteps)).toBe(before + 2)
    expect(await look(schedule, '03:20:01')).toEqual({
      name: schedule.name,
      job: 'append-steps',
      cron: '*/10 * * * *',
      timeZone: 'UTC',
      overlap: 'allow',
      nextTick: iso('03:30:00'),
      lastRun: { run: expect.not.stringMatching(first), tick: iso('03:20:00') },
      waitingTick: null,
      lastSkippedTick: null,
      started: 2,
      skipped: 0,
      failingSince: null,
      pausedAt: null,
      ticks: [
        { tick: iso('03:20:00'), outcome: 'ran', run: await lastRun(schedule) },
        { tick: iso('03:10:00'), outcome: 'ran', run: first },
      ],
    })
  })

  it('that is new takes the tick of the very minute in which it is first seen, and none before', async () => {
    const prompt = every10()
    const late = every10()
    await trigger([prompt], '03:10:30')
    await trigger([late], '03:11:00')
    expect(await look(prompt)).toMatchObject({ started: 1 })
    expect(await look(late)).toMatchObject({ started: 0, lastRun: null })
  })

  it('that missed ticks makes up for the last of them, once', async () => {
    const schedule = every10()
    await trigger(schedule, '03:00:00')
    await drain(await lastRun(schedule))
    await trigger(schedule, '06:45:00')
    await trigger(schedule, '06:46:00')
    expect(await look(schedule)).toMatchObject({
      started: 2,
      skipped: 0,
      lastRun: { tick: iso('06:40:00') },
    })
  })

  it('whose expression was changed looks at no tick of the past', async () => {
    const schedule = every10({ cron: '0 3 * * *' })
    await trigger(schedule, '03:00:00')
    await drain(await lastRun(schedule))
    const changed = { ...every10({ cron: '0 9 * * *' }), name: schedule.name }
    await trigger(changed, '10:00:00')
    expect(await look(schedule)).toMatchObject({ started: 1 })
  })

  it('may make the params of the time of the tick', async () => {
    const schedule = every10({ params: (tick: Date) => ({ items: tick.getUTCMinutes() }) })
    await trigger(schedule, '03:20:40')
    expect(await view(await lastRun(schedule))).toMatchObject({ params: { items: 20 } })
  })

  it('whose params are refused says so, goes on, and keeps no other from its tick', async () => {
    let items: unknown = 'many'
    const wrong = every10({ params: () => ({ items: items as number }) })
    const other = every10()
    await trigger([wrong, other], '03:10:00')
    expect(await look(other)).toMatchObject({ started: 1 })
    expect(await look(wrong)).toMatchObject({
      started: 0,
      waitingTick: null,
      error: { code: 'invalid_params', message: expect.stringContaining('items') },
    })
    items = 1
    await trigger([wrong, other], '03:20:00')
    const fixed = await look(wrong)
    expect(fixed).toMatchObject({ started: 1 })
    expect(fixed.error).toBeUndefined()
  })
})

describe('a schedule of a job whose queue the Worker lacks', () => {
  it('says so, and counts no run as started', async () => {
    const nowhere = defineJob({ name: 'nowhere', queue: 'NO_SUCH_QUEUE', async perform() {} })
    const schedule = defineSchedule({ name: 'to-nowhere', cron: '*/10 * * * *', job: nowhere })
    await trigger(schedule, '03:10:00')
    expect(await look(schedule)).toMatchObject({
      started: 0,
      lastRun: null,
      waitingTick: null,
      error: { code: 'invalid_job', message: expect.stringContaining('NO_SUCH_QUEUE') },
    })
  })
})

describe('a tick while the run before it is still active', () => {
  it('is skipped and recorded by default, also while that run is paused', async () => {
    const schedule = every10()
    await trigger(schedule, '03:00:00')
    const run = await lastRun(schedule)
    await trigger(schedule, '03:10:00')
    await object(run).command('pause', {})
    await trigger(schedule, '03:20:00')
    await trigger(schedule, '03:21:00')
    expect(await look(schedule)).toMatchObject({
      started: 1,
      skipped: 2,
      lastSkippedTick: iso('03:20:00'),
      lastRun: { run },
    })
    await object(run).command('resume', {})
    await drain(run)
    await trigger(schedule, '03:30:00')
    expect(await look(schedule)).toMatchObject({ started: 2, skipped: 2 })
  })

  it('waits in a queue of one, and starts when that run has ended', async () => {
    const schedule = every10({ overlap: 'queue' })
    await trigger(schedule, '03:00:00')
    const run = await lastRun(schedule)
    await trigger(schedule, '03:10:00')
    await trigger(schedule, '03:20:00')
    expect(await look(schedule)).toMatchObject({
      started: 1,
      waitingTick: iso('03:10:00'),
      skipped: 1,
      lastSkippedTick: iso('03:20:00'),
    })
    await drain(run)
    await trigger(schedule, '03:24:00')
    const after = await look(schedule)
    expect(after).toMatchObject({
      started: 2,
      waitingTick: null,
      lastRun: { tick: iso('03:10:00') },
    })
    expect(after.lastRun?.run).not.toBe(run)
  })

  it('starts a run beside it when that is allowed', async () => {
    const schedule = every10({ overlap: 'allow' })
    await trigger(schedule, '03:00:00')
    await trigger(schedule, '03:10:00')
    expect(await look(schedule)).toMatchObject({ started: 2, skipped: 0 })
  })

  it('is skipped at three simultaneous triggers by all of them, or by none', async () => {
    const schedule = every10()
    await trigger(schedule, '03:00:00')
    await Promise.all([1, 2, 3].map(() => trigger(schedule, '03:10:00')))
    expect(await look(schedule)).toMatchObject({ started: 1, skipped: 1 })
  })
})

describe('a trigger that dies half-way', () => {
  it('before its run was started is made up for by the next one', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const schedule = every10()
    const unreachable: RunObjects = () => {
      throw new Error('out of reach')
    }
    const before = await runsOf(appendSteps)
    await trigger(schedule, '03:10:00', { objects: unreachable })
    expect(await look(schedule)).toMatchObject({ started: 0, waitingTick: iso('03:10:00') })
    await trigger(schedule, '03:11:00')
    expect(await look(schedule)).toMatchObject({
      started: 1,
      waitingTick: null,
      lastRun: { tick: iso('03:10:00') },
    })
    expect(await runsOf(appendSteps)).toBe(before + 1)
    expect(error).toHaveBeenCalledWith(expect.stringContaining('schedule.failed'))
    error.mockRestore()
  })

  it('before it noted that its run was started: the next one starts no second', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const schedule = every10({ overlap: 'queue' })
    const before = await runsOf(appendSteps)
    const db = new FaultyDatabase(env.DB, ({ sql }) =>
      sql.some((text) => text.includes('SET waiting_tick = NULL')) ? 'never_lands' : undefined,
    )
    await trigger(schedule, '03:10:00', { db: db.binding })
    expect(await runsOf(appendSteps)).toBe(before + 1)
    await trigger(schedule, '03:11:00')
    expect(await runsOf(appendSteps)).toBe(before + 1)
    expect(await look(schedule)).toMatchObject({ started: 1, waitingTick: null })
    error.mockRestore()
  })
})

describe('the Worker', () => {
  const cron = { cron: '* * * * *' }

  it('starts what is due when its cron trigger fires, and lists it at GET /api/schedules', async () => {
    const shown = async () =>
      ((await call('GET', '/api/schedules')).json as { schedules: ScheduleView[] }).schedules
    expect(await shown()).toEqual([
      expect.objectContaining({
        name: 'nightly-orders',
        job: 'process-orders',
        cron: '0 3 * * *',
        overlap: 'skip',
        lastRun: null,
        nextTick: expect.stringMatching(/T03:00:00.000Z$/),
      }),
    ])
    const [{ nextTick } = { nextTick: '' }] = await shown()
    const controller = (time: number) =>
      createScheduledController({ ...cron, scheduledTime: new Date(time) })
    await worker.scheduled?.(controller(Date.parse(nextTick)), env, {} as never)
    const [{ lastRun: started } = { lastRun: null }] = await shown()
    expect(started).toEqual({ run: expect.any(String), tick: nextTick })
    await worker.scheduled?.(controller(Date.parse(nextTick) + 60_000), env, {} as never)
    expect(await shown()).toMatchObject([{ started: 1, skipped: 0 }])
    expect(await drain(started?.run ?? '')).toMatchObject({ status: 'completed' })
  })

  it('is not made with schedules of one name, or of a job that it was not given', () => {
    const schedule = defineSchedule({ name: 'orders', cron: '* * * * *', job: processOrders })
    expect(() => createDogear({ jobs: [processOrders], schedules: [schedule, schedule] })).toThrow(
      "Two schedules are named 'orders'",
    )
    expect(() => createDogear({ jobs: [appendIteration], schedules: [schedule] })).toThrow(
      expect.objectContaining({ code: 'invalid_schedule' }),
    )
  })
})
