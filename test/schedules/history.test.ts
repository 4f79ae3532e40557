import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunObjects } from '../../src/engine/drive/protocol.ts'
import { listSchedules, pruneTicks, type Schedule } from '../../src/schedules/index.ts'
import { FaultyDatabase } from '../../src/testing/faulty-database.ts'
import { at, every10, iso, lastRun, look, trigger } from '../support/by-the-clock.ts'
import { createTables, drain } from '../support/drive.ts'
import { plansOf } from '../support/query-plans.ts'

beforeAll(createTables)

/** Its ticks, as `03:10 ran`, the newest first. */
async function history(schedule: Schedule): Promise<string[]> {
  const { ticks } = await look(schedule)
  return ticks.map(({ tick, outcome }) => `${tick.slice(11, 16)} ${outcome}`)
}

describe('the history of a schedule', () => {
  it('has the run that a tick started', async () => {
    const schedule = every10()
    await trigger(schedule, '03:00:00')
    expect((await look(schedule)).ticks).toEqual([
      { tick: iso('03:00:00'), outcome: 'ran', run: await lastRun(schedule) },
    ])
  })

  it('has the run that was still at work when a tick was skipped', async () => {
    const schedule = every10()
    await trigger(schedule, '03:00:00')
    const run = await lastRun(schedule)
    await trigger(schedule, '03:10:00')
    expect((await look(schedule)).ticks[0]).toEqual({
      tick: iso('03:10:00'),
      outcome: 'skipped',
      run,
    })
  })

  it('has the error of each tick whose run could not be started, and since when that is so', async () => {
    let items: unknown = 'many'
    const schedule = every10({ params: () => ({ items: items as number }) })
    await trigger(schedule, '03:00:00')
    await trigger(schedule, '03:10:00')
    expect(await history(schedule)).toEqual(['03:10 failed', '03:00 failed'])
    const seen = await look(schedule)
    expect(seen.failingSince).toBe(iso('03:00:00'))
    expect(seen.ticks[0]?.error).toMatchObject({ code: 'invalid_params' })
    items = 1
    await trigger(schedule, '03:20:00')
    expect(await history(schedule)).toEqual(['03:20 ran', '03:10 failed', '03:00 failed'])
    expect((await look(schedule)).failingSince).toBeNull()
  })

  it('has the ticks for which the trigger did not fire, found at the next one', async () => {
    const schedule = every10()
    await trigger(schedule, '03:00:00')
    await drain(await lastRun(schedule))
    await trigger(schedule, '03:31:00')
    expect(await history(schedule)).toEqual([
      '03:30 ran',
      '03:20 missed',
      '03:10 missed',
      '03:00 ran',
    ])
  })

  it('has at most 20 missed ticks of one silence', async () => {
    const schedule = every10({ cron: '* * * * *' })
    await trigger(schedule, '03:00:00')
    await trigger(schedule, '09:00:00')
    const { results } = await env.DB.prepare(
      `SELECT tick FROM dogear_schedule_ticks WHERE schedule = ? AND outcome = 'missed' ORDER BY tick`,
    )
      .bind(schedule.name)
      .all<{ tick: string }>()
    expect(results).toHaveLength(20)
    expect(results[0]?.tick).toBe(iso('08:40:00'))
    expect(results.at(-1)?.tick).toBe(iso('08:59:00'))
  })

  it('has no missed tick of the time before a schedule was there, or ticked by another expression', async () => {
    const schedule = every10()
    await trigger(schedule, '03:35:30')
    await trigger(schedule, '03:40:00')
    const changed = { ...every10({ cron: '*/5 * * * *' }), name: schedule.name }
    await drain(await lastRun(schedule))
    await trigger(changed, '04:00:00')
    expect(await history(schedule)).toEqual(['04:00 ran', '03:40 ran'])
  })

  it('has each tick once, however many triggers fire at once', async () => {
    const schedule = every10({ overlap: 'allow' })
    await trigger(schedule, '03:00:00')
    await Promise.all([1, 2, 3].map(() => trigger(schedule, '03:21:00')))
    expect(await history(schedule)).toEqual(['03:20 ran', '03:10 missed', '03:00 ran'])
  })

  it('says that a tick waits until its run is there, and then that it ran', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const schedule = every10()
    const unreachable: RunObjects = () => {
      throw new Error('out of reach')
    }
    await trigger(schedule, '03:00:00', { objects: unreachable })
    expect(await history(schedule)).toEqual(['03:00 waiting'])
    await trigger(schedule, '03:01:00')
    expect(await history(schedule)).toEqual(['03:00 ran'])
    error.mockRestore()
  })

  it('is not written when the decision is not', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const schedule = every10()
    const db = new FaultyDatabase(env.DB, ({ sql }) =>
      sql.some((text) => text.includes('SET last_tick')) ? 'never_lands' : undefined,
    )
    await trigger(schedule, '03:00:00', { db: db.binding })
    expect(error).toHaveBeenCalledWith(expect.stringContaining('schedule.failed'))
    expect(await history(schedule)).toEqual([])
    error.mockRestore()
  })
})

describe('what is kept of a history', () => {
  /** So many ticks before 03:00, one a minute. */
  async function fill(schedule: Schedule, ticks: number, before = at('03:00:00')): Promise<void> {
    const times = Array.from({ length: ticks }, (_, n) =>
      new Date(before - (n + 1) * 60_000).toISOString(),
    )
    await env.DB.prepare(
      `INSERT INTO dogear_schedule_ticks (schedule, tick, outcome) SELECT ?1, value, 'missed' FROM json_each(?2)`,
    )
      .bind(schedule.name, JSON.stringify(times))
      .run()
  }
  const kept = (schedule: Schedule) =>
    env.DB.prepare('SELECT count(*) AS n FROM dogear_schedule_ticks WHERE schedule = ?')
      .bind(schedule.name)
      .first<number>('n')

  it('are its last 500 ticks, and those of this hour', async () => {
    const [schedule, other] = [every10(), every10()]
    await fill(schedule, 700)
    await fill(other, 700)
    await trigger(schedule, '03:00:00')
    expect(await kept(schedule)).toBe(500)
    expect(await kept(other)).toBe(700)
    expect((await history(schedule)).slice(0, 2)).toEqual(['03:00 ran', '02:59 missed'])
  })

  it('is nothing of more than 90 days ago', async () => {
    const schedule = every10()
    await fill(schedule, 10)
    await fill(schedule, 10, at('03:00:00') - 90 * 86_400_000)
    expect(await kept(schedule)).toBe(20)
    await pruneTicks(env.DB, at('03:00:00'))
    expect(await kept(schedule)).toBe(10)
  })

  it('is read, thinned and pruned by an index', async () => {
    const schedule = every10()
    await fill(schedule, 50)
    const plans = await plansOf(async (db) => {
      await listSchedules(db, [schedule], at('03:00:00'))
      await pruneTicks(db, at('03:00:00'))
      await trigger(schedule, '03:00:00', { db })
    })
    const ticks = plans.filter((plan) => plan.includes('dogear_schedule_ticks'))
    expect(ticks.length).toBeGreaterThan(4)
    expect(ticks.filter((plan) => !plan.startsWith('SEARCH'))).toEqual([])
  })
})
