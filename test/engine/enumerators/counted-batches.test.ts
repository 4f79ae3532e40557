import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  defineIteration,
  defineJob,
  enumerators,
  type IterationDefinition,
  type Job,
  type KeyCursor,
  type RecordQuery,
} from '../../../src/engine/index.ts'
import { iterateExactly, testBench } from '../../../src/testing/index.ts'
import { createTables, passTime, start, upTo } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { deliverAndDie, isCommit, nth } from '../../support/mortal.ts'
import { RunOf, runOf } from '../../support/run-of.ts'
import { pairsOf } from '../../support/walks.ts'

type Row = { id: number }
const rows: RecordQuery<Row> = { sql: 'SELECT id FROM numbers' }
const inFives = { batchSize: 5, count: 'rows' } as const

beforeAll(createTables)

beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare('DELETE FROM numbers'),
    env.DB.prepare('DELETE FROM appended'),
    env.DB.prepare('INSERT INTO numbers SELECT value FROM json_each(?)').bind(
      JSON.stringify(upTo(22)),
    ),
  ])
})

function iteration(
  more: Partial<IterationDefinition<undefined, readonly Row[], KeyCursor>> = {},
): Job {
  return defineIteration({
    name: 'in-batches',
    unit: 'batch',
    unitSize: 5,
    buildEnumerator: ({ cursor }) => enumerators.batches(env.DB, rows, { ...inFives, cursor }),
    eachIteration(batch, { effects, run }) {
      for (const { id } of batch) append(effects, run.id, id)
    },
    ...more,
  })
}

const steps = defineJob({
  name: 'in-batches-steps',
  unit: 'batch',
  unitSize: 5,
  async perform({ step, effects, run, expectTotal }) {
    expectTotal(22)
    await step('walk', (step) =>
      step.iterate(
        ({ cursor }) => enumerators.batches(env.DB, rows, { ...inFives, cursor }),
        (batch) => {
          for (const { id } of batch) append(effects, run.id, id)
        },
      ),
    )
  },
})

describe.each([
  ['as an iteration', iteration()],
  ['in steps', steps],
])('batches that count as their rows, %s', (_style, job) => {
  it('stop just before the batch of a number, and go on with it', async () => {
    const run = await runOf(job, { interrupt: { at: 'batch:4' }, hold: true })
    expect(await run.drain()).toMatchObject({
      held: true,
      cursor: 15,
      progress: { done: 15, total: 22 },
    })
    await env.RUNS.getByName(run.id).command('resume', {})
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 22, total: 22 },
    })
    expect(await run.appended()).toEqual(upTo(22))
  })

  it('stop before the first one with nothing done', async () => {
    const run = await runOf(job, { interrupt: { at: 'batch:1' }, hold: true })
    expect(await run.drain()).toMatchObject({ held: true, progress: { done: 0 } })
  })

  it('stop at the same place when the slice dies between its commit and its release', async () => {
    const run = await runOf(job, { interrupt: { at: 'batch:3' }, hold: true })
    await deliverAndDie(run.id, { object: 'release', when: 'before' }, { jobs: run.jobs })
    await passTime(run.id)
    expect(await run.drain()).toMatchObject({ held: true, cursor: 10, progress: { done: 10 } })
  })

  it('are done once each when a slice dies with its commit written', async () => {
    const run = await runOf(job, { commit: { everyItems: 7 } })
    await deliverAndDie(run.id, { d1: nth(2, isCommit), when: 'after' }, { jobs: run.jobs })
    await passTime(run.id)
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 22 } })
    expect(await run.appended()).toEqual(upTo(22))
  })
})

describe('what a batch counts as', () => {
  it('is kept by the walks around it', async () => {
    const batches = (at: { cursor: unknown }) =>
      enumerators.batches(env.DB, rows, { ...inFives, cursor: at.cursor as KeyCursor | null })
    const counts = async (walk: Parameters<typeof pairsOf>[0]) =>
      (await pairsOf(walk)).map(([, , count]) => count)
    const each = [5, 5, 5, 5, 2]
    const never = { wait: 1, throttleOn: () => false }
    expect(await counts(batches({ cursor: null }))).toEqual(each)
    expect(await counts(enumerators.throttle(batches({ cursor: null }), never))).toEqual(each)
    expect(await counts(enumerators.chain({ all: batches }, { cursor: null }))).toEqual(each)
    expect(await counts(enumerators.nested([batches], { cursor: null }))).toEqual(each)
    const ranges = enumerators.batchRanges(env.DB, rows, { ...inFives, cursor: null })
    expect(await counts(ranges)).toEqual(each)
    expect(await ranges.size?.()).toBe(22)
  })

  it('is one for the batches of a test that iterates exactly', async () => {
    const bench = testBench()
    const run = await bench.start(iteration())
    expect(await iterateExactly(run, 2, bench)).toMatchObject({
      cursor: 10,
      progress: { done: 10 },
    })
  })

  it('does not keep the batch that D1 refuses from being found and skipped', async () => {
    const job = iteration({
      skip: {},
      eachIteration(batch, { effects, run }) {
        for (const { id } of batch) {
          append(effects, run.id, id)
          if (id === 12) effects.run('INSERT INTO numbers (id) VALUES (1)')
        }
      },
    })
    const run = await runOf(job, { commit: { everyItems: 100 } })
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 17, total: 22, skipped: 1 },
    })
    expect(await run.appended()).toEqual(upTo(22).filter((id) => id < 11 || id > 15))
  })

  it.each([0, -1, 1.5, 'many'])('is refused when it is %s', async (counts) => {
    const job = iteration({
      retry: { attempts: 1 },
      buildEnumerator: () => ({
        async *[Symbol.asyncIterator]() {
          yield [[{ id: 1 }], 1, counts as number] as const
        },
      }),
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_enumerator' },
      progress: { done: 0 },
    })
  })
})

describe('a unit of a size', () => {
  it.each(['batch:0', 'batch:x', 'batch:1.5', 'batch:-1'])('is not named by %s', async (at) => {
    await expect(start(iteration(), { interrupt: { at } })).rejects.toMatchObject({
      code: 'invalid_options',
      message: `interrupt.at is '${at}'; expected 'batch:NUMBER' with a whole number from 1 up`,
    })
  })

  it.each([0, 2.5])('is not %s', (unitSize) => {
    expect(() => iteration({ unitSize })).toThrow(
      `unitSize is ${unitSize}; expected a whole number`,
    )
  })
})

it('an exact number of items is met also when the slice dies before its release', async () => {
  const run = new RunOf(
    await start(iteration({ unit: 'row' }), { interrupt: { afterItems: 5 }, hold: true }),
    (await runOf(iteration({ unit: 'row' }))).jobs,
  )
  await deliverAndDie(run.id, { object: 'release', when: 'before' }, { jobs: run.jobs })
  await passTime(run.id)
  expect(await run.drain()).toMatchObject({ held: true, progress: { done: 5 } })
})
