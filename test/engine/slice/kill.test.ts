import { beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock.ts'
import type { SliceDeps } from '../../../src/engine/slice/deps.ts'
import { call } from '../../support/api.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  object,
  passTime,
  start,
  truth,
  upTo,
  view,
} from '../../support/drive.ts'
import { appendIteration, appendSteps } from '../../support/jobs.ts'

beforeAll(createTables)

const ITEMS = 60
const params = { items: ITEMS }
const commit = { everyItems: 1 }

/** A slice by whose clock a report is due after each commit, so that it soon hears what it is told. */
function hasty(): Pick<SliceDeps, 'clock' | 'wallMs'> {
  let time = Date.now()
  return { clock: { ...systemClock, now: () => (time += 50) }, wallMs: Infinity }
}

/** Delivers a slice that a person kills after so many of its commits. */
async function deliverAndKill(run: string, afterCommits = 3): Promise<void> {
  let commits = 0
  let killed: Promise<unknown> | undefined
  await deliver(run, {
    ...hasty(),
    onEvent: ({ type }) => {
      if (type === 'commit.written' && ++commits === afterCommits) killed = object(run).kill()
    },
  })
  expect(await killed).toMatchObject({ ok: true, run: { status: 'running' } })
}

describe('A slice that is killed', () => {
  it.each([
    { job: appendSteps, items: upTo(ITEMS) },
    // Its `onStart` appends, too.
    { job: appendIteration, items: [0, ...upTo(ITEMS)] },
  ])(
    'dies on the spot, vanishes, and $job.name goes on after its last commit, each item once',
    async ({ job, items }) => {
      const run = await start(job, { params, commit })
      await deliverAndKill(run)

      const died = await truth(run)
      expect(died.status).toBe('active')
      expect(died.commits).toBeGreaterThanOrEqual(3)
      expect((await appended(run)).length).toBeLessThan(items.length)
      // Nobody was told: it still seems to work, until its lease runs out.
      expect(await view(run)).toMatchObject({ status: 'running' })
      expect((await driving(run)).lease).not.toBeNull()

      await passTime(run)
      expect((await object(run).slices()).map(({ outcome }) => outcome)).toEqual(['vanished'])
      const { status, attempts } = await drain(run)
      expect([status, attempts]).toEqual(['completed', 0])
      expect(await appended(run)).toEqual(items)
    },
  )

  it('writes nothing more, also when user code goes on', async () => {
    const run = await start(appendSteps, { params, commit })
    await deliverAndKill(run)
    const { seq, commits } = await truth(run)
    // Whatever the dead slice had under way has had its time by then.
    await scheduler.wait(200)
    const later = await truth(run)
    // The batch that it had sent may land after its death, as after a crash; no other follows.
    expect(later.commits - commits).toBeLessThanOrEqual(1)
    expect(later.seq - seq).toBeLessThanOrEqual(1)
  })

  it('is one of this fence alone: the next slice lives', async () => {
    const run = await start(appendSteps, { params, commit })
    await deliverAndKill(run)
    await passTime(run)
    await deliver(run)
    const slices = await object(run).slices()
    expect(slices.map(({ outcome }) => outcome)).toEqual(['vanished', 'ended'])
  })
})

describe('POST /api/runs/:id/kill', () => {
  it('answers 202 and is in the events of the run', async () => {
    const run = await start(appendSteps, { params, commit })
    let answer: Awaited<ReturnType<typeof call>> | undefined
    let asked: Promise<void> | undefined
    await deliver(run, {
      ...hasty(),
      onEvent: ({ type }) => {
        if (type !== 'commit.written' || asked) return
        asked = call('POST', `/api/runs/${run}/kill`).then((heard) => void (answer = heard))
      },
    })
    await asked
    expect(answer).toMatchObject({ status: 202, json: { id: run, status: 'running' } })
    const { json } = await call('GET', `/api/audit?run=${run}`)
    expect(json['entries']).toMatchObject([{ action: 'POST /api/runs/:id/kill', status: 202 }])
  })

  it('refuses a run that no slice works on, and one that is not there', async () => {
    const run = await start(appendSteps, { params })
    expect(await call('POST', `/api/runs/${run}/kill`)).toMatchObject({
      status: 409,
      json: { code: 'invalid_transition' },
    })
    expect(await call('POST', `/api/runs/${'0'.repeat(32)}/kill`)).toMatchObject({
      status: 404,
      json: { code: 'unknown_run' },
    })
    await drain(run)
    expect(await appended(run)).toEqual(upTo(ITEMS))
  })
})
