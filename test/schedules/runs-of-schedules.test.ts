import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runText } from '../../src/cli/text/run-text.ts'
import { defineJob, type RunView } from '../../src/engine/index.ts'
import { listRuns } from '../../src/engine/runs/list.ts'
import { call } from '../support/api.ts'
import { every10, iso, lastRun, trigger } from '../support/by-the-clock.ts'
import { createTables, drain, start, view } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'
import { plansOf } from '../support/query-plans.ts'

beforeAll(createTables)

async function listed(query: string): Promise<RunView[]> {
  return (await call('GET', `/api/runs?${query}`)).json['runs'] as RunView[]
}

const ids = (runs: RunView[]) => runs.map(({ id }) => id)

describe('a run that a schedule has started', () => {
  it('says by which schedule and for which tick, by itself, in lists and in `show`', async () => {
    const schedule = every10({ params: { items: 1 } })
    await trigger(schedule, '03:10:30')
    const run = await view(await lastRun(schedule))
    const origin = { name: schedule.name, tick: iso('03:10:00') }
    expect(run.schedule).toEqual(origin)
    expect(await listed(`schedule=${schedule.name}`)).toMatchObject([{ schedule: origin }])
    expect(runText(run)).toContain(`${schedule.name}, tick of 2027-03-01 03:10:00 UTC`)
    expect(await drain(run.id)).toMatchObject({ status: 'completed', schedule: origin })
  })

  it('is found by its schedule, together with whatever else is asked for', async () => {
    const [schedule, other] = [every10({ overlap: 'allow', params: { items: 1 } }), every10()]
    await trigger([schedule, other], '03:00:00')
    const first = await lastRun(schedule)
    await drain(first)
    await trigger(schedule, '03:10:00')
    const second = await lastRun(schedule)
    const of = `schedule=${schedule.name}`
    expect(ids(await listed(of))).toEqual([second, first])
    expect(ids(await listed(`${of}&sort=oldest`))).toEqual([first, second])
    expect(ids(await listed(`${of}&status=completed&job=append-steps`))).toEqual([first])
    expect(ids(await listed(`${of}&limit=1`))).toEqual([second])
    expect(ids(await listed(`${of}&label=campaign:spring`))).toEqual([])
    expect(ids(await listed(`${of}&q=${first.slice(0, 8)}`))).toEqual([first])
    expect(await listed('schedule=no-such-schedule')).toEqual([])
  })

  it('is steered with all others of its schedule', async () => {
    const [schedule, other] = [every10({ overlap: 'allow' }), every10()]
    await trigger([schedule, other], '03:00:00')
    await trigger(schedule, '03:10:00')
    const filter = { schedule: schedule.name }
    const { json } = await call('POST', '/api/runs/bulk', { command: 'pause', filter })
    expect(await drain(String(json['id']))).toMatchObject({ result: { obeyed: 2, refused: 0 } })
    expect(await view(await lastRun(other))).toMatchObject({ status: 'queued' })
  })

  it('is found by an index, in the order of the list', async () => {
    const plans = await plansOf((db) => listRuns(db, { schedule: 'nightly', limit: 10 }))
    expect(plans.length).toBeGreaterThan(0)
    expect(plans.filter((plan) => /^SCAN (?!page)/.test(plan))).toEqual([])
    expect(plans).toContainEqual(expect.stringMatching(/SEARCH named USING PRIMARY KEY/))
  })
})

describe('a run that somebody else has started', () => {
  it('says nothing of a schedule', async () => {
    const run = await view(await start(appendSteps, { params: { items: 1 } }))
    expect(run).not.toHaveProperty('schedule')
    expect(runText(run)).not.toContain('Schedule:')
  })

  it('cannot pass for one of a schedule, whatever its labels', async () => {
    const labels = { '@schedule': 'nightly' }
    const job = defineJob({ name: 'pretender', async perform() {} })
    await expect(start(job, { labels })).rejects.toMatchObject({ code: 'invalid_options' })
    const count = env.DB.prepare(
      `SELECT count(*) AS n FROM dogear_run_labels WHERE value = 'nightly'`,
    )
    expect(await count.first('n')).toBe(0)
  })

  it('says nothing of it when it is a fork of one', async () => {
    const schedule = every10({ params: { items: 2 } })
    await trigger(schedule, '03:00:00')
    const run = await lastRun(schedule)
    await drain(run)
    const fork = await call('POST', `/api/runs/${run}/fork`, { seq: 1 })
    expect(fork.status).toBe(201)
    expect(fork.json).not.toHaveProperty('schedule')
    expect(ids(await listed(`schedule=${schedule.name}`))).toEqual([run])
  })
})
