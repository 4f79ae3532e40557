import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  check,
  defineIteration,
  defineJob,
  NonRetryableError,
  type Job,
  type SkippedItem,
  type StepChanges,
} from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { eachSkip, verifyRun, type Verification } from '../../../src/engine/runs/index.ts'
import { interceptedDatabase } from '../../../src/testing/intercepted-database.ts'
import { createTables, drain, start, upTo, view } from '../../support/drive.ts'

beforeAll(createTables)

const NOON = new Date('2026-11-30T12:00:00.000Z')
const attributes = z.object({
  note: z.string().default('none'),
  at: z.date().nullable().default(null),
})

const proofOf = async (run: string, job: Job): Promise<Verification> =>
  verifyRun(env, job, await view(run), [])

async function driven(job: Job, params: unknown = {}): Promise<string> {
  const run = await start(job, { params })
  await drain(run, { jobs: new Registry([job]) })
  return run
}

describe('a run as its verify finds it', () => {
  it('has what the steps returned, by the names of today, and its attributes', async () => {
    let seen: unknown
    const job = (count: string, steps: StepChanges = {}) =>
      defineJob({
        name: 'returns',
        attributes,
        steps,
        async perform({ step, attributes: kept }) {
          await step(count, () => ({ last: 7, at: NOON }))
          await step('note', () => {
            kept.note = 'done'
            kept.at = NOON
          })
        },
        verify(found) {
          const results = ['total', 'note', 'never', 'constructor'].map((step) =>
            found.result(step),
          )
          seen = { results, attributes: { ...found.attributes } }
          return []
        },
      })
    const run = await driven(job('count'))
    const today = job('total', { renamed: { count: 'total' } })
    expect(await proofOf(run, today)).toMatchObject({ ok: true })
    expect(seen).toEqual({
      results: [{ last: 7, at: NOON }, undefined, undefined, undefined],
      attributes: { note: 'done', at: NOON },
    })
  })

  it('has what a step within a step returned, by the names on the way to it', async () => {
    let seen: unknown
    const job = defineJob({
      name: 'returns-within',
      async perform({ step }) {
        await step('outer', async (outer) => {
          await outer.step('inner', () => 12n)
          await outer.step('after', () => {
            throw new NonRetryableError('no further')
          })
        })
      },
      verify({ result }) {
        seen = [result('outer', 'inner'), result('outer'), result('inner')]
        return []
      },
    })
    await proofOf(await driven(job), job)
    expect(seen).toEqual([12n, undefined, undefined])
  })

  it('has no results, and its attributes by default, before its first commit', async () => {
    let seen: unknown
    const job = defineJob({
      name: 'returns-later',
      attributes,
      perform: () => Promise.resolve(),
      verify(found) {
        seen = [found.result('count'), { ...found.attributes }]
        return []
      },
    })
    await proofOf(await start(job), job)
    expect(seen).toEqual([undefined, { note: 'none', at: null }])
  })

  it('is not refused for attributes that the code of today does not take and does not look at', async () => {
    const job = (looks: boolean) =>
      defineJob({
        name: 'looks',
        attributes,
        async perform({ step, attributes: kept }) {
          await step('note', () => void (kept.note = 'done'))
        },
        verify: (found) => (looks ? [check('Note', 'done', found.attributes.note)] : []),
      })
    const run = await driven(job(true))
    expect(await proofOf(run, job(true))).toMatchObject({ ok: true })
    await env.DB.prepare(`UPDATE dogear_lanes SET attributes = '{"note":5}' WHERE run_id = ?`)
      .bind(run)
      .run()
    expect(await proofOf(run, job(false))).toMatchObject({ ok: true })
    expect((await proofOf(run, job(true))).checks[0]).toMatchObject({
      name: "The job's own checks can be made",
      ok: false,
      actual: expect.stringContaining('note'),
    })
  })
})

const SKIPS = 2_501

/** Skips its one item, and what `skipMore` adds. Its cursor holds what is among its sensitive params. */
const skipping = (met: SkippedItem[]) =>
  defineIteration({
    name: 'skips-a-day',
    params: z.object({ day: z.string() }),
    sensitive: ['day'],
    skip: { on: Error },
    async *buildEnumerator({ params: { day }, cursor }) {
      if (cursor === null) yield [day, { day, at: NOON }] as const
    },
    eachIteration() {
      throw new TypeError('not today')
    },
    async verify({ skips }) {
      for await (const skip of skips()) met.push(skip)
      return [check('Every skip is met', SKIPS, met.length)]
    },
  })

/** As if many had been passed over after the first, some in each commit. */
const skipMore = (run: string) =>
  env.DB.batch([
    env.DB.prepare(
      `INSERT INTO dogear_skips (run_id, lane, seq, position, step, cursor, error, attempts, skipped_at)
       SELECT run_id, lane, 1000 + value / 7, value % 7, step, value, error, attempts, skipped_at
       FROM json_each(?2) JOIN dogear_skips ON run_id = ?1`,
    ).bind(run, JSON.stringify(upTo(SKIPS - 1))),
    env.DB.prepare('UPDATE dogear_lanes SET skipped = ?2 WHERE run_id = ?1').bind(run, SKIPS),
  ])

describe('all skipped items of a run', () => {
  it('are given to its verify in order, with their cursors as the walk has set them', async () => {
    const met: SkippedItem[] = []
    const job = skipping(met)
    const run = await driven(job, { day: 'dimanche' })
    await skipMore(run)
    expect(await proofOf(run, job)).toMatchObject({ ok: true })
    const [first, ...others] = met.map(({ cursor }) => cursor)
    expect(first).toEqual({ day: 'dimanche', at: NOON })
    expect(others).toEqual(upTo(SKIPS - 1))
  })

  it('are listed by eachSkip as they are shown, and read page by page', async () => {
    const run = await driven(skipping([]), { day: 'dimanche' })
    await skipMore(run)
    const pages: number[] = []
    const counting = interceptedDatabase(env.DB, async (_call, work) => {
      pages.push(0)
      return work()
    })
    const met: SkippedItem[] = []
    for await (const skip of eachSkip(counting, run)) {
      met.push(skip)
      pages.push((pages.pop() ?? 0) + 1)
    }
    expect(met[0]).toMatchObject({
      step: 'iteration',
      cursor: { day: '[sensitive]', at: NOON.toISOString() },
      error: { name: 'TypeError', message: 'not today' },
      attempts: 1,
    })
    expect(met.slice(1).map(({ cursor }) => cursor)).toEqual(upTo(SKIPS - 1))
    // The first statement asks what is to be masked.
    expect(pages).toEqual([0, 1_000, 1_000, 501])
  })

  it('are none of a run that has skipped nothing, or is not there', async () => {
    const run = await start(skipping([]), { params: { day: 'lundi' } })
    for (const id of [run, 'nobody']) {
      for await (const skip of eachSkip(env.DB, id)) expect.unreachable(skip.step)
    }
  })
})
