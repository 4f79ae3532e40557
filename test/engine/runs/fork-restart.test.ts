import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob } from '../../../src/engine/index.ts'
import { deleteRun } from '../../../src/engine/store/d1/purge.ts'
import { createTables } from '../../support/drive.ts'
import { append, appendIteration } from '../../support/jobs.ts'
import { forked, runOf } from '../../support/run-of.ts'
import { seqAfter, unproved } from '../../support/ledger.ts'

beforeAll(createTables)

const each = { everyItems: 1 }

describe('a restart from a step', () => {
  const jobOf = (names: readonly [string, string, string], steps = {}) =>
    defineJob({
      name: 'restarted',
      commit: each,
      steps,
      async perform({ step, effects, run: { id } }) {
        for (const [index, name] of names.entries()) {
          await step(name, { start: 1 }, async (step) => {
            while (step.cursor <= 2) {
              append(effects, id, 10 * index + step.cursor)
              await step.advance()
            }
          })
        }
      },
    })
  const job = jobOf(['load', 'work', 'tell'])

  it('does that step and those after it again, and none before it', async () => {
    const origin = await runOf(job)
    await origin.drain()
    const restart = await forked(job, origin, { step: 'work' })
    expect(await restart.view()).toMatchObject({ step: null, completedSteps: ['load'] })
    await restart.drain()
    expect(await restart.appended()).toEqual([11, 12, 21, 22])
    expect(await unproved(restart.id)).toEqual([])
    const first = await forked(job, origin, { step: 'load' })
    await first.drain()
    expect(await first.appended()).toEqual([1, 2, 11, 12, 21, 22])
  })

  it('of a fork that took the step up half way, goes back to where it began', async () => {
    const origin = await runOf(job)
    await origin.drain()
    const fork = await forked(job, origin, { seq: await seqAfter(origin, 3) })
    await fork.drain()
    expect(await fork.appended()).toEqual([12, 21, 22])
    const restart = await forked(job, fork, { step: 'work' })
    await restart.drain()
    expect(await restart.appended()).toEqual([11, 12, 21, 22])
    expect(await unproved(restart.id)).toEqual([])
    await deleteRun(env.DB, origin.id)
    await expect(forked(job, fork, { step: 'work' })).rejects.toMatchObject({
      code: 'not_forkable',
      message: expect.stringContaining('was purged'),
    })
  })

  it('knows a step by the name it has now', async () => {
    const origin = await runOf(job)
    await origin.drain()
    const renamed = jobOf(['load', 'handle', 'tell'], { renamed: { work: 'handle' } })
    const restart = await forked(renamed, origin, { step: 'handle' })
    await restart.drain()
    expect(await restart.appended()).toEqual([11, 12, 21, 22])
    const half = await forked(renamed, origin, { seq: await seqAfter(origin, 3) })
    await half.drain()
    expect(await half.appended()).toEqual([12, 21, 22])
    expect(await unproved(half.id)).toEqual([])
  })

  it('is refused for a step that has not begun, and for an iteration', async () => {
    const origin = await runOf(job, { interrupt: { afterItems: 3 }, hold: true })
    await origin.slice()
    await expect(forked(job, origin, { step: 'tell' })).rejects.toMatchObject({
      code: 'invalid_options',
      message: `Run ${origin.id} has no commit of a step 'tell'; expected one of: load, work`,
    })
    const iteration = await runOf(appendIteration)
    await expect(forked(appendIteration, iteration, { step: 'iteration' })).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('has no steps to restart from'),
    })
  })
})
