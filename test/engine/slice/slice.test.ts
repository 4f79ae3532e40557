import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { appendIteration, appendSteps } from '../../support/jobs.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  start,
  truth,
  upTo,
  view,
} from '../../support/drive.ts'

beforeAll(createTables)

describe.each([
  { style: 'in steps', job: appendSteps, expected: upTo(10) },
  { style: 'as an iteration', job: appendIteration, expected: [0, ...upTo(10)] },
])('a run $style', ({ job, expected }) => {
  it('does every item once and completes', async () => {
    const run = await start(job, { params: { items: 10 } })
    expect(await view(run)).toMatchObject({ status: 'queued', slices: 0 })
    await deliver(run)
    expect(await appended(run)).toEqual(expected)
    expect(await view(run)).toMatchObject({
      status: 'completed',
      slices: 1,
      attempts: 0,
      progress: { done: 10, total: 10 },
    })
    expect(await truth(run)).toMatchObject({ status: 'completed', closed_at: expect.any(String) })
  })

  it('stops after exactly as many items as asked, is held, and goes on when resumed', async () => {
    const run = await start(job, {
      params: { items: 10 },
      interrupt: { afterItems: 4 },
      hold: true,
    })
    await deliver(run)
    expect(await view(run)).toMatchObject({
      status: 'interrupted',
      reason: 'signal',
      held: true,
      progress: { done: 4 },
    })
    await deliver(run)
    expect(await view(run)).toMatchObject({ progress: { done: 4 }, slices: 1 })
    const object = env.RUNS.getByName(run)
    await object.command('resume', {})
    expect(await drain(run)).toMatchObject({
      status: 'completed',
      interruptions: 1,
      resumptions: 1,
      progress: { done: 10 },
    })
    expect(await appended(run)).toEqual(expected)
  })
})
