import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { judgeSchedules } from '../../src/monitoring/index.ts'
import {
  pauseSchedule,
  resumeSchedule,
  runNow,
  type ScheduleView,
} from '../../src/schedules/index.ts'
import { call } from '../support/api.ts'
import { at, every10, iso, lastRun, look, trigger } from '../support/by-the-clock.ts'
import { createTables, drain, view } from '../support/drive.ts'

beforeAll(createTables)

const deps = () => ({ db: env.DB, objects: runObjects(env) })

describe('a schedule that is paused', () => {
  it('starts nothing until it is resumed, and then its next tick, without any that was missed', async () => {
    const schedule = every10({ overlap: 'allow' })
    await trigger(schedule, '03:00:00')
    await pauseSchedule(env.DB, schedule, at('03:05:00'))
    await pauseSchedule(env.DB, schedule, at('03:06:00'))
    await trigger(schedule, '03:10:00')
    await trigger(schedule, '03:20:00')
    expect(await look(schedule)).toMatchObject({ started: 1, pausedAt: iso('03:05:00') })
    await resumeSchedule(env.DB, schedule, at('03:25:00'))
    await trigger(schedule, '03:26:00')
    expect(await look(schedule)).toMatchObject({ started: 1, pausedAt: null })
    await trigger(schedule, '03:30:00')
    const { ticks } = await look(schedule)
    expect(ticks.map(({ tick }) => tick)).toEqual([iso('03:30:00'), iso('03:00:00')])
  })

  it('may be so before its first tick', async () => {
    const schedule = every10()
    await pauseSchedule(env.DB, schedule, at('03:09:00'))
    await trigger(schedule, '03:10:00')
    expect(await look(schedule)).toMatchObject({ started: 0, pausedAt: iso('03:09:00'), ticks: [] })
  })
})

describe('a run of a schedule that a person asks for', () => {
  it('is started at once, says so, and leaves a tick', async () => {
    const schedule = every10({ params: { items: 1 } })
    const { id } = await runNow(deps(), schedule, at('03:04:05'))
    expect((await view(id)).schedule).toEqual({ name: schedule.name, tick: null })
    expect(await look(schedule)).toMatchObject({
      started: 1,
      lastRun: { run: id, tick: iso('03:04:05') },
      ticks: [{ tick: iso('03:04:05'), outcome: 'ran', run: id, byHand: true }],
    })
    await trigger(schedule, '03:10:00')
    expect((await look(schedule)).ticks[0]).toMatchObject({ outcome: 'skipped', run: id })
  })

  it('is refused while the one before is at work, unless several are allowed', async () => {
    const schedule = every10()
    await trigger(schedule, '03:00:00')
    const run = await lastRun(schedule)
    await expect(runNow(deps(), schedule, at('03:05:00'))).rejects.toMatchObject({
      code: 'invalid_transition',
      message: expect.stringContaining(run),
    })
    expect(await look(schedule)).toMatchObject({ started: 1 })
    await drain(run)
    expect(await runNow(deps(), schedule, at('03:06:00'))).toMatchObject({ status: 'queued' })
    const several = every10({ overlap: 'allow' })
    await trigger(several, '03:00:00')
    await runNow(deps(), several, at('03:05:00'))
    expect(await look(several)).toMatchObject({ started: 2 })
  })

  it('clears the error and the alert of a schedule that could not start its runs', async () => {
    let items: unknown = 'many'
    const schedule = every10({ params: () => ({ items: items as number }) })
    await trigger(schedule, '03:00:00')
    expect(await judgeSchedules(env.DB, [schedule], at('03:00:00'))).toBe(1)
    await expect(runNow(deps(), schedule, at('03:04:00'))).rejects.toMatchObject({
      code: 'invalid_params',
    })
    expect((await look(schedule)).failingSince).toBe(iso('03:00:00'))
    items = 1
    await runNow(deps(), schedule, at('03:05:00'))
    await judgeSchedules(env.DB, [schedule], at('03:05:00'))
    const seen = await look(schedule)
    expect(seen.failingSince).toBeNull()
    expect(seen.error).toBeUndefined()
    const open = env.DB.prepare(
      'SELECT count(*) AS n FROM dogear_alerts WHERE schedule = ? AND holds = 1',
    )
    expect(await open.bind(schedule.name).first('n')).toBe(0)
  })
})

describe('the API', () => {
  it('pauses, resumes and runs a schedule, and has it in the audit trail', async () => {
    const paused = await call('POST', '/api/schedules/nightly-orders/pause')
    expect(paused).toMatchObject({ status: 200, json: { pausedAt: expect.any(String) } })
    const resumed = await call('POST', '/api/schedules/nightly-orders/resume')
    expect(resumed).toMatchObject({ status: 200, json: { pausedAt: null } })
    const { status, json } = await call('POST', '/api/schedules/nightly-orders/run')
    expect(status).toBe(201)
    expect(json).toMatchObject({ schedule: { name: 'nightly-orders', tick: null } })
    const listed = (await call('GET', '/api/schedules')).json['schedules'] as ScheduleView[]
    expect(listed[0]?.ticks[0]).toMatchObject({ run: json['id'], byHand: true })
    const { entries } = (await call('GET', '/api/audit?limit=3')).json as { entries: object[] }
    expect(entries).toMatchObject([
      { action: 'POST /api/schedules/:name/run', run: json['id'], status: 201 },
      { action: 'POST /api/schedules/:name/resume', detail: { name: 'nightly-orders' } },
      { action: 'POST /api/schedules/:name/pause', detail: { name: 'nightly-orders' } },
    ])
  })

  it.each(['run', 'pause', 'resume'])(
    'knows no %s of a schedule that is not there',
    async (what) => {
      expect(await call('POST', `/api/schedules/no-such/${what}`)).toMatchObject({
        status: 404,
        json: { code: 'unknown_schedule', detail: expect.stringContaining('nightly-orders') },
      })
    },
  )
})
