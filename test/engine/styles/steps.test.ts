import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob, type Job } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { runObjects } from '../../../src/engine/runs/index.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  registry,
  view,
} from '../../support/drive.ts'

beforeAll(createTables)

describe('steps', () => {
  const visits: string[] = []
  const results = defineJob({
    name: 'results',
    async perform({ step }) {
      const { since, last } = await step('load', () => {
        visits.push('load')
        return { since: new Date('2026-01-01T00:00:00Z'), last: 12n }
      })
      await step('work', { start: 0 }, async (step) => {
        while (step.cursor < 3) await step.advance()
      })
      return step('finish', () => ({ since, last, nothing: null }))
    },
  })

  it('B15 keep what they returned, and give it back unchanged when a resumed run skips them', async () => {
    const { id: run, jobs } = await runOf(results, { interrupt: { afterItems: 1 } })
    await deliver(run, { jobs })
    expect(await view(run)).toMatchObject({ step: 'work', cursor: 1, completedSteps: ['load'] })
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'completed',
      result: { since: '2026-01-01T00:00:00.000Z', last: '12', nothing: null },
    })
    expect(visits).toEqual(['load'])
  })

  it('are refused results that would grow too large to be read with each raise', async () => {
    const hoarding = defineJob({
      name: 'hoarding',
      async perform({ step }) {
        for (const name of ['one', 'two', 'three']) await step(name, () => 'x'.repeat(200_000))
      },
    })
    const { id: run, jobs } = await runOf(hoarding)
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'failed',
      completedSteps: ['one', 'two'],
      error: { code: 'invalid_result', message: expect.stringContaining("'three'") },
    })
  })

  it('R02 resume with the item after the last one, also when ids have gaps', async () => {
    const ids = [13, 22, 123, 234, 432, 3243, 6565]
    const seen: number[][] = []
    const walking = defineJob({
      name: 'walking',
      async perform({ step, effects, run }) {
        const slice: number[] = []
        seen.push(slice)
        await step('walk', { start: 0 }, async (step) => {
          for (const id of ids.filter((candidate) => candidate >= step.cursor)) {
            slice.push(id)
            append(effects, run.id, id)
            await step.advance({ from: id })
          }
        })
      },
    })
    const { id: run, jobs } = await runOf(walking, { interrupt: { at: 'item:433' } })
    await deliver(run, { jobs })
    expect(await view(run)).toMatchObject({ cursor: 433, status: 'interrupted' })
    await drain(run, { jobs })
    expect(seen).toEqual([ids.slice(0, 5), ids.slice(5)])
    expect(await appended(run)).toEqual(ids)
  })

  it('R22 R23 R25 advance from integers and bigints only', async () => {
    const cursors: unknown[] = []
    const advancing = (from: number | undefined, begin: number | null): Job =>
      defineJob({
        name: 'advancing',
        perform: ({ step }) =>
          step('walk', { start: begin }, async (step) => {
            await step.advance(from === undefined ? undefined : { from })
            cursors.push(step.cursor)
          }),
      })
    for (const [from, begin] of [
      [undefined, 1.1],
      [1.1, 1],
      [undefined, null],
    ] as const) {
      const { id: run, jobs } = await runOf(advancing(from, begin))
      expect(await drain(run, { jobs })).toMatchObject({
        status: 'failed',
        error: { code: 'unadvanceable_cursor' },
      })
    }
    const { id: run, jobs } = await runOf(advancing(1, null))
    await drain(run, { jobs })
    expect(cursors).toEqual([2])
  })
})

describe('I09 B04 a cursor that would not come back', () => {
  it('fails the run where it is set, with the path, and changes nothing', async () => {
    const dropping = defineJob({
      name: 'dropping',
      perform: ({ step, effects, run }) =>
        step('work', async (step) => {
          append(effects, run.id, 1)
          await step.set({ page: { token: undefined } } as never)
        }),
    })
    const { id: run, jobs } = await runOf(dropping)
    expect(await drain(run, { jobs })).toMatchObject({
      status: 'failed',
      error: {
        code: 'invalid_cursor',
        message: expect.stringContaining('cursor.page.token is undefined'),
      },
    })
    expect(await appended(run)).toEqual([])
  })

  it('R37 R70 P13 is a Date after the resumption if it was one, and not changed by who set it', async () => {
    const seen: unknown[] = []
    const dates = defineJob({
      name: 'dates',
      perform: ({ step }) =>
        step('work', async (step) => {
          seen.push(step.cursor)
          const cursor = { day: new Date('2026-05-01T00:00:00Z') }
          await step.set(cursor)
          cursor.day.setFullYear(1999)
          seen.push(step.cursor)
        }),
    })
    const { id: run, jobs } = await runOf(dates, { interrupt: { afterItems: 1 } })
    await deliver(run, { jobs })
    await deliver(run, { jobs })
    expect(seen).toEqual([
      null,
      { day: new Date('2026-05-01T00:00:00Z') },
      { day: new Date('2026-05-01T00:00:00Z') },
    ])
  })
})

describe('I10 checkpoint against code', () => {
  const version = (steps: string[]): Job =>
    defineJob({
      name: 'versioned',
      async perform({ step, effects, run }) {
        for (const [index, name] of steps.entries()) {
          await step(name, async (step) => {
            if (step.cursor !== null) return
            append(effects, run.id, index)
            await step.set(index)
          })
        }
      },
    })

  it.each([
    ['the step in progress is gone', ['one', 'three']],
    ['a completed step is gone', ['two', 'three']],
    ['the steps changed places', ['two', 'one', 'three']],
    ['perform ends before the step in progress', ['one']],
  ])('never completes when %s, and fails so that it can be retried', async (_what, steps) => {
    const { id: run, jobs } = await runOf(version(['one', 'two', 'three']), {
      interrupt: { afterItems: 2 },
    })
    await deliver(run, { jobs })
    const changed = new Registry([version(steps)])
    expect(await drain(run, { jobs: changed })).toMatchObject({
      status: 'failed',
      error: { code: 'step_mismatch' },
    })
    await runObjects(env)(run).command('retry', {})
    expect(await drain(run, { jobs })).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual([0, 1, 2])
  })

  it('steps aside as a deploy when this code is older than the checkpoint', async () => {
    const { id: run, jobs } = await runOf(version(['one', 'two', 'three']), {
      interrupt: { afterItems: 2 },
    })
    await deliver(run, { jobs, codeVersion: '2026-02' })
    const old = new Registry([version(['one', 'three'])])
    await deliver(run, { jobs: old, codeVersion: '2026-01' })
    expect(await view(run)).toMatchObject({ status: 'interrupted', reason: 'deploy', attempts: 0 })
    expect((await driving(run)).sendAt).toBeGreaterThan(Date.now())
    expect(await drain(run, { jobs, codeVersion: '2026-02' })).toMatchObject({
      status: 'completed',
    })
  })

  it('fails a run whose job this code does not know, unless the code is only too old', async () => {
    const { id: run } = await runOf(version(['one']))
    await deliver(run, { jobs: registry })
    expect(await view(run)).toMatchObject({ status: 'failed', error: { code: 'unknown_job' } })
  })
})
