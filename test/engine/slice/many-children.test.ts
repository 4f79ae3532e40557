import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunObject, RunObjects } from '../../../src/engine/drive/protocol.ts'
import { defineJob } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { runObjects } from '../../../src/engine/runs/index.ts'
import { createTables, deliver, drain, driving, truth, view } from '../../support/drive.ts'
import { appendSteps } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const BUSY = 'Too many subrequests by single Worker invocation.'

const parentOf = (children: number, followers = 0) =>
  defineJob({
    name: 'many-children',
    async perform({ step }) {
      await step('nothing', () => undefined)
    },
    continuations({ enqueue }) {
      for (let child = 0; child < children; child++) enqueue(appendSteps, { items: 1 })
      for (let child = 0; child < followers; child++) enqueue.afterAll(appendSteps, { items: 1 })
    },
  })

/** An invocation that may ask other objects for so much. */
function objectsOf(
  calls: number,
  onCall: (method: string, run: string) => void = () => {},
): RunObjects {
  let left = calls
  const call = (method: string, run: string) => {
    onCall(method, run)
    if (left-- <= 0) throw new Error(BUSY)
  }
  return (run) => {
    const real = runObjects(env)(run)
    const counted = {
      claim: async (...args: Parameters<RunObject['claim']>) => real.claim(...args),
      report: async (...args: Parameters<RunObject['report']>) => real.report(...args),
      release: async (...args: Parameters<RunObject['release']>) => real.release(...args),
      create: async (...args: Parameters<RunObject['create']>) => {
        call('create', run)
        return real.create(...args)
      },
    }
    return counted as unknown as RunObject
  }
}

const count = (parent: string) =>
  env.DB.prepare('SELECT count(*) AS runs FROM dogear_runs WHERE parent = ?')
    .bind(parent)
    .first<number>('runs')

describe('H80 more follow-up runs than one invocation can start', () => {
  it('are started by as many slices as it takes, without a wait between them', async () => {
    const job = parentOf(130)
    const { id: run } = await runOf(job)
    const jobs = new Registry([job, appendSteps])
    const counts: (number | null)[] = []
    while (!(await view(run)).finishedAt) {
      await deliver(run, { jobs, objects: objectsOf(50) })
      counts.push(await count(run))
      const { sendAt, lease } = await driving(run)
      expect(lease).toBeNull()
      expect(sendAt ?? 0).toBeLessThanOrEqual(Date.now())
    }
    expect(counts).toEqual([50, 100, 130])
    expect(await view(run)).toMatchObject({ status: 'completed', attempts: 0 })
    expect(await truth(run)).toMatchObject({ closed_at: expect.any(String) })
  })

  it('are not started by one slice that takes all requests of its delivery', async () => {
    const job = parentOf(130)
    const { id: run } = await runOf(job)
    let created = 0
    await deliver(run, {
      jobs: new Registry([job, appendSteps]),
      objects: objectsOf(1_000, () => void (created += 1)),
    })
    expect(created).toBe(80)
    expect(await view(run)).toMatchObject({ status: 'interrupted', reason: 'budget' })
  })

  it('are each asked for once, also when a slice dies at the same one each time', async () => {
    const job = parentOf(12)
    const { id: run } = await runOf(job)
    const jobs = new Registry([job, appendSteps])
    const asked: string[] = []
    const dying = (deaths: number) =>
      deliver(run, { jobs, objects: objectsOf(deaths, (_method, id) => void asked.push(id)) })
    await dying(5)
    await dying(5)
    await dying(5)
    // One more for each that was refused.
    expect(asked).toHaveLength(12 + 2)
    expect(new Set(asked).size).toBe(12)
    expect(await view(run)).toMatchObject({ status: 'completed' })
  })

  it('stand back when not one could be started', async () => {
    const job = parentOf(3)
    const { id: run } = await runOf(job)
    await deliver(run, { jobs: new Registry([job, appendSteps]), objects: objectsOf(0) })
    expect(await view(run)).toMatchObject({ status: 'interrupted', reason: 'throttle' })
  })

  it('of a fan-in are started by as many slices of its last child', async () => {
    const job = parentOf(1, 90)
    const { id: run } = await runOf(job)
    const jobs = new Registry([job, appendSteps])
    const [child = ''] = (await drain(run, { jobs })).children
    while (!(await view(child)).finishedAt) await deliver(child, { jobs, objects: objectsOf(40) })
    expect(await count(run)).toBe(91)
    expect(await truth(child)).toMatchObject({ closed_at: expect.any(String) })
  })
})
