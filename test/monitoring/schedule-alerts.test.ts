import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dismissAlert, listAlerts } from '../../src/monitoring/alert-rows.ts'
import { judgeRuns, judgeSchedules, readOverview } from '../../src/monitoring/index.ts'
import type { Schedule } from '../../src/schedules/index.ts'
import { deliverWebhooks } from '../../src/webhooks/index.ts'
import { listDeliveries } from '../../src/webhooks/deliveries.ts'
import { at, every10, iso, lastRun, trigger } from '../support/by-the-clock.ts'
import { createTables, drain } from '../support/drive.ts'
import { plansOf } from '../support/query-plans.ts'
import { Receiver } from '../support/receiver.ts'

beforeAll(createTables)
beforeEach(async () => {
  items = 'many'
  await env.DB.batch(
    ['dogear_alerts', 'dogear_webhook_events', 'dogear_webhook_deliveries'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  )
})

let items: unknown
/** Its runs cannot be started as long as `items` is no number. */
const picky = () => every10({ params: () => ({ items: items as number }) })

/** The trigger fires, and then schedules are judged: so does the Worker each minute. */
async function minute(schedules: Schedule | Schedule[], time: string): Promise<number> {
  const all = [schedules].flat()
  await trigger(all, time)
  return judgeSchedules(env.DB, all, at(time))
}

const alerts = async () => (await listAlerts(env.DB, { limit: 100 })).alerts

describe('an alert about a schedule', () => {
  it('is raised when a run could not be started, once and not per tick', async () => {
    const schedule = picky()
    expect(await minute(schedule, '03:00:00')).toBe(1)
    for (const time of ['03:01:00', '03:10:00', '03:20:00'])
      expect(await minute(schedule, time)).toBe(0)
    expect(await alerts()).toEqual([
      {
        id: expect.any(Number),
        run: null,
        schedule: schedule.name,
        job: 'append-steps',
        kind: 'schedule_failed',
        message: expect.stringMatching(
          /^Its run of 2027-03-01 03:00 UTC could not be started: .*items/s,
        ),
        raisedAt: iso('03:00:00'),
        clearedAt: null,
      },
    ])
  })

  it('is cleared when it runs again, and raised again when it fails again', async () => {
    const schedule = picky()
    await minute(schedule, '03:00:00')
    items = 1
    await minute(schedule, '03:10:00')
    expect(await alerts()).toMatchObject([{ clearedAt: iso('03:10:00') }])
    await drain(await lastRun(schedule))
    items = 'many'
    await minute(schedule, '03:20:00')
    expect(await alerts()).toMatchObject([
      { raisedAt: iso('03:20:00'), clearedAt: null },
      { raisedAt: iso('03:00:00'), clearedAt: iso('03:10:00') },
    ])
  })

  it('is one for each schedule', async () => {
    const [one, other, well] = [picky(), picky(), every10()]
    await minute([one, other, well], '03:00:00')
    const raised = await alerts()
    expect(raised).toHaveLength(2)
    expect(new Set(raised.map(({ schedule }) => schedule))).toEqual(new Set([one.name, other.name]))
  })

  it('is raised after three ticks in a row that were skipped', async () => {
    const schedule = every10()
    for (const time of ['03:00:00', '03:10:00', '03:20:00']) await minute(schedule, time)
    expect(await alerts()).toEqual([])
    await minute(schedule, '03:30:00')
    expect(await alerts()).toMatchObject([
      { message: expect.stringContaining(`run ${await lastRun(schedule)} is still at work`) },
    ])
  })

  it('is raised for a tick that was missed, and cleared by the next one that is not', async () => {
    const schedule = every10({ overlap: 'allow' })
    await minute(schedule, '03:00:00')
    await minute(schedule, '03:20:00')
    expect(await alerts()).toMatchObject([
      { message: expect.stringContaining('2027-03-01 03:10 UTC'), clearedAt: null },
    ])
    await minute(schedule, '03:30:00')
    expect(await alerts()).toMatchObject([{ clearedAt: iso('03:30:00') }])
  })

  it('is not raised again after a person has dismissed it, while it is still so', async () => {
    const schedule = picky()
    await minute(schedule, '03:00:00')
    const [alert] = await alerts()
    expect(await dismissAlert(env.DB, alert?.id ?? 0, iso('03:05:00'))).toMatchObject({
      run: null,
      schedule: schedule.name,
      clearedAt: iso('03:05:00'),
    })
    await minute(schedule, '03:10:00')
    expect(await alerts()).toMatchObject([{ clearedAt: iso('03:05:00') }])
  })

  it('is cleared when the schedule is declared no more', async () => {
    await minute(picky(), '03:00:00')
    await judgeSchedules(env.DB, [], at('03:01:00'))
    expect(await alerts()).toMatchObject([{ clearedAt: iso('03:01:00') }])
  })

  it('is left alone by whoever judges runs', async () => {
    await minute(picky(), '03:00:00')
    await judgeRuns(env.DB, at('03:01:00'))
    expect(await alerts()).toMatchObject([{ clearedAt: null }])
  })

  it('is among what needs attention, without a run', async () => {
    const schedule = picky()
    await minute(schedule, '03:00:00')
    expect((await readOverview(env.DB, at('03:00:00'))).needsAttention).toMatchObject([
      { run: null, status: null, schedule: schedule.name, kind: 'schedule_failed' },
    ])
  })

  it('is kept for 30 days after it was cleared', async () => {
    await minute(picky(), '03:00:00')
    await judgeSchedules(env.DB, [], at('03:01:00'))
    const day = 86_400_000
    await judgeSchedules(env.DB, [], at('03:01:00') + 30 * day)
    expect(await alerts()).toHaveLength(1)
    await judgeSchedules(env.DB, [], at('03:01:01') + 30 * day)
    expect(await alerts()).toEqual([])
  })

  it('is raised, cleared and removed by an index', async () => {
    const schedules = [picky(), picky()]
    await trigger(schedules, '03:00:00')
    const plans = await plansOf((db) => judgeSchedules(db, schedules, at('03:00:00')))
    const ofTables = plans.filter((plan) => plan.includes('dogear_'))
    expect(ofTables.length).toBeGreaterThan(3)
    expect(ofTables.filter((plan) => !plan.startsWith('SEARCH'))).toEqual([])
  })
})

describe('webhooks', () => {
  const secret = `whsec_${btoa('a secret of twenty-four bytes or more')}`
  const endpoint = { name: 'all', url: 'https://hooks.example/in', secret }

  /** Everything that is due by 03:01 of that day. */
  async function sent(settings: object = {}): Promise<Receiver> {
    const receiver = new Receiver()
    const WEBHOOKS = JSON.stringify([{ ...endpoint, ...settings }])
    const clock = { now: () => at('03:01:00') }
    await deliverWebhooks({ env: { ...env, WEBHOOKS }, clock, fetch: receiver.fetch })
    return receiver
  }

  it('get it as an event about no run, which names schedule and job', async () => {
    const schedule = picky()
    await minute(schedule, '03:00:00')
    const { received } = await sent()
    expect(received.map(({ message }) => message)).toEqual([
      {
        type: 'schedule.failed',
        timestamp: iso('03:00:00'),
        data: {
          alert: {
            id: expect.any(Number),
            kind: 'schedule_failed',
            schedule: schedule.name,
            job: 'append-steps',
            message: expect.stringContaining('could not be started'),
            raisedAt: iso('03:00:00'),
            clearedAt: null,
          },
        },
      },
    ])
    expect((await listDeliveries(env.DB, { limit: 10 })).deliveries).toMatchObject([
      { event: 'schedule.failed', run: null, status: 'delivered' },
    ])
  })

  it('get it only where they listen to it, or to its job', async () => {
    await minute(picky(), '03:00:00')
    expect((await sent({ events: ['run.failed'] })).received).toEqual([])
    await env.DB.prepare('DELETE FROM dogear_alerts').run()
    await minute(picky(), '03:00:00')
    expect((await sent({ jobs: ['another-job'] })).received).toEqual([])
    await env.DB.prepare('DELETE FROM dogear_alerts').run()
    await minute(picky(), '03:00:00')
    expect((await sent({ jobs: ['append-steps'], events: ['schedule.failed'] })).types).toEqual([
      'schedule.failed',
    ])
  })
})
