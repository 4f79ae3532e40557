import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { defineJob } from '../../src/engine/index.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  passTime,
  start,
  truth,
  upTo,
  view,
} from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'
import { deliverAndDie, isCommit, isRaise, nth } from '../support/mortal.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

/** Slices that die at the same point each time; how many there were. */
async function dying(run: string, most: number, where: 'raise' | 'commit'): Promise<number> {
  let slices = 0
  for (; slices < most && !(await view(run)).finishedAt; slices++) {
    await deliverAndDie(run, { d1: nth(1, where === 'raise' ? isRaise : isCommit), when: 'after' })
    await passTime(run, 1_000_000)
  }
  return slices
}

describe('H81 a run whose every slice dies', () => {
  it('before the answer to its raise is heard is failed by its object', async () => {
    const run = await start(appendSteps, { params: { items: 6 } })
    expect(await dying(run, 12, 'raise')).toBe(8)
    expect(await view(run)).toMatchObject({
      status: 'failed',
      error: { code: 'attempts_exhausted', message: expect.stringContaining('8 slices in a row') },
    })
    expect(await truth(run)).toMatchObject({ status: 'failed', closed_at: expect.any(String) })
  })

  it('can be retried once it is cured, and does all of its work once', async () => {
    const run = await start(appendSteps, { params: { items: 6 } })
    await dying(run, 12, 'raise')
    await runObjects(env)(run).command('retry', {})
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(6))
  })

  it('after its first commit still finishes', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await dying(run, 2, 'commit')
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(3))
  })

  it('is not failed by slices that vanished before one that was heard', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await dying(run, 3, 'raise')
    expect((await driving(run)).unheard).toBe(3)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })

  it('tells its parent, as any end does', async () => {
    const follower = defineJob({ name: 'doomed-child', perform: ({ step }) => step('x', () => 1) })
    const parent = await runOf(
      defineJob({
        name: 'parent-of-doomed',
        perform: ({ step }) => step('x', () => 1),
        continuations: ({ enqueue }) => enqueue(follower, {}),
      }),
      {},
      [follower],
    )
    const [child = ''] = (await parent.drain()).children
    await dying(child, 12, 'raise')
    expect(await view(child)).toMatchObject({ status: 'failed' })
    await deliver(child, { jobs: parent.jobs })
    expect((await truth(child)).closed_at).not.toBeNull()
  })
})
