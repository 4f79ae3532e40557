import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineIteration,
  defineJob,
  retryOn,
  setStatement,
  type Job,
} from '../../../src/engine/index.ts'
import { testBench } from '../../../src/testing/index.ts'
import { createTables } from '../../support/drive.ts'

beforeAll(createTables)

const bench = testBench()
const walking = (more: object, each: (item: number, effects: never) => void): Job =>
  defineIteration({
    name: 'walking',
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(9, { cursor }),
    eachIteration: (item, { effects }) => each(item, effects as never),
    ...more,
  })

describe('An item that fails a run', () => {
  it('is named: the step that walks, and its cursor', async () => {
    const job = walking({ retry: { attempts: 1 } }, (item) => {
      if (item === 5) throw new Error('no')
    })
    const run = await bench.runInline(job)
    expect(run).toMatchObject({
      status: 'failed',
      error: { message: 'no', at: { step: 'iteration', cursor: '5' } },
    })
  })

  it('is named also where several are worked on at once', async () => {
    const job = walking({ retry: { attempts: 1 }, concurrency: 3 }, (item) => {
      if (item === 4) throw new Error('no')
    })
    const run = await bench.runInline(job)
    expect(run.error?.at).toEqual({ step: 'iteration', cursor: '4' })
  })

  it('is named by the walk that met it, in a step', async () => {
    const job = defineJob({
      name: 'in-a-step',
      retry: { attempts: 1 },
      async perform({ step, enumerators }) {
        await step('fill', async (step) => {
          await step.iterate(
            (at) => enumerators.array(['a', 'b'], at),
            (item) => {
              if (item === 'b') throw new Error('no')
            },
          )
        })
      },
    })
    expect((await bench.runInline(job)).error?.at).toEqual({ step: 'fill', cursor: '1' })
  })

  it('does not show what is sensitive', async () => {
    const job = defineIteration({
      name: 'secret',
      params: z.object({ key: z.string() }),
      sensitive: ['key'],
      retry: { attempts: 1 },
      buildEnumerator: ({ params, cursor, enumerators }) =>
        enumerators.chain({ [params.key]: (at) => enumerators.array(['a'], at) }, { cursor }),
      eachIteration() {
        throw new Error('no')
      },
    })
    const run = await bench.runInline(job, { key: 'hidden-hidden' })
    expect(run.error?.at?.cursor).toBeDefined()
    expect(JSON.stringify(run)).not.toContain('hidden-hidden')
  })
})

describe('SQL that D1 refuses, whatever its rows', () => {
  const wrong = setStatement<{ item: number }>(
    `UPDATE appended SET itemz = 1 WHERE item IN (SELECT value ->> 'item' FROM json_each(?1))`,
  )
  const adding = (more: object = {}) =>
    defineIteration({
      name: 'adding',
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
      eachIteration: (item, { effects }) => effects.add(wrong, { item }),
      ...more,
    })

  it('fails the run at once, with the statement of the effect', async () => {
    const run = await bench.runInline(adding())
    expect(run).toMatchObject({
      status: 'failed',
      slices: 1,
      error: {
        message: expect.stringContaining('no such column: itemz'),
        statement: expect.stringContaining('UPDATE appended SET itemz = 1'),
      },
    })
  })

  it('fails it at once in a walk and in a query of its own, too', async () => {
    const walk = defineIteration({
      name: 'walk',
      buildEnumerator: ({ cursor, env, enumerators }) =>
        enumerators.records<{ id: number }>(env.DB, { sql: 'SELECT id FROM nowhere' }, { cursor }),
      eachIteration: () => undefined,
    })
    const query = defineJob({
      name: 'query',
      async perform({ step, env }) {
        await step('ask', () => env.DB.prepare('SELEC 1').first())
      },
    })
    expect(await bench.runInline(walk)).toMatchObject({
      status: 'failed',
      slices: 1,
      error: { statement: expect.stringContaining('FROM nowhere') },
    })
    expect(await bench.runInline(query)).toMatchObject({
      status: 'failed',
      slices: 1,
      error: { statement: 'SELEC 1' },
    })
  })

  it('is retried where the job says so', async () => {
    const rule = retryOn((error) => error.message.includes('no such column'), { attempts: 3 })
    expect(await bench.runInline(adding({ errors: [rule] }))).toMatchObject({
      status: 'failed',
      slices: 3,
    })
  })
})
