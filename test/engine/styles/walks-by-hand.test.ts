import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  defineJob,
  enumerators as unbound,
  Throttled,
  type Enumerators,
} from '../../../src/engine/index.ts'
import { createTables } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(async () => {
  await createTables()
  await env.DB.prepare('INSERT OR IGNORE INTO numbers VALUES (1), (2), (3)').run()
})

/** A walk over 0 to 3 that is throttled before 2, as long as `busy` says so. */
function throttledWalk(enumerators: Enumerators, cursor: number, busy: () => boolean) {
  return enumerators.throttle(enumerators.times(4, { cursor: cursor === 0 ? null : cursor - 1 }), {
    wait: '30s',
    throttleOn: (item) => item === 2 && busy(),
  })
}

describe('a for await over an enumerator in a step', () => {
  it('is throttled, and goes on with the same item', async () => {
    let busy = true
    const run = await runOf(
      defineJob({
        name: 'by-hand-throttled',
        perform: ({ step, effects, run: { id }, enumerators }) =>
          step('walk', { start: 0 }, async (step) => {
            for await (const [item] of throttledWalk(enumerators, step.cursor, () => busy)) {
              append(effects, id, item)
              await step.advance({ from: item })
            }
          }),
      }),
    )
    expect(await run.slice()).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      cursor: 2,
      attempts: 0,
    })
    expect(run.told('iteration.throttled')).toMatchObject([{ cursor: 2, waitMs: 30_000 }])
    expect(await run.appended()).toEqual([0, 1])
    busy = false
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 4 } })
    expect(await run.appended()).toEqual([0, 1, 2, 3])
  })

  it('leaves out what was gathered since the last checkpoint, which comes again', async () => {
    let busy = true
    const run = await runOf(
      defineJob({
        name: 'by-hand-between',
        perform: ({ step, effects, run: { id }, enumerators }) =>
          step('walk', { start: 0 }, async (step) => {
            let gathered = 0
            for await (const [item] of throttledWalk(enumerators, step.cursor, () => busy)) {
              append(effects, id, item)
              // A checkpoint for every three items.
              if (++gathered % 3 === 0 || item === 3) await step.advance({ from: item })
            }
          }),
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'interrupted', reason: 'throttle' })
    busy = false
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([0, 1, 2, 3])
  })

  it('sees no ticks', async () => {
    const seen: unknown[] = []
    const run = await runOf(
      defineJob({
        name: 'by-hand-ticks',
        perform: ({ step, enumerators }) =>
          step('walk', async (step) => {
            const walk = enumerators.chain(
              {
                letters: (at) => enumerators.array(['a', 'b'], at),
                none: (at) => enumerators.array([], at),
                numbers: (at) => enumerators.times(2, at),
              },
              { cursor: null },
            )
            for await (const [item] of walk) seen.push(item)
            await step.checkpoint()
          }),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(seen).toEqual(['a', 'b', 0, 1])
  })

  it('waits as long as an API asks for', async () => {
    let asked = 0
    const fetch = async () =>
      asked++ === 0
        ? new Response(null, { status: 429, headers: { 'retry-after': '7' } })
        : Response.json(asked === 2 ? [1, 2] : [])
    const run = await runOf(
      defineJob({
        name: 'by-hand-pages',
        perform: ({ step, effects, run: { id }, enumerators }) =>
          step('walk', async (step) => {
            const pages = enumerators.pages.byNumber<number>({
              cursor: step.cursor,
              url: (page) => `https://api.example/${page}`,
              fetch,
            })
            for await (const [item, at] of pages) {
              append(effects, id, item)
              await step.set(at)
            }
          }),
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'interrupted', reason: 'throttle' })
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([1, 2])
  })

  it('is refused when the enumerator is no context’s and so cannot stop a run', async () => {
    const seen: unknown[] = []
    const run = await runOf(
      defineJob({
        name: 'by-hand-unbound',
        perform: ({ step }) =>
          step('walk', { start: 0 }, async (step) => {
            for await (const [item] of throttledWalk(unbound, step.cursor, () => true)) {
              seen.push(item)
              await step.advance({ from: item })
            }
          }),
      }),
    )
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_enumerator', message: expect.stringContaining('step.iterate') },
    })
    expect(seen).toEqual([0, 1])
  })
})

it('a walk of one’s own around an enumerator is throttled by it', async () => {
  let busy = true
  const run = await runOf(
    defineIteration({
      name: 'by-hand-in-a-walk',
      async *buildEnumerator({ cursor, enumerators }) {
        const start = cursor === null ? 0 : Number(cursor) + 1
        for await (const [item] of throttledWalk(enumerators, start, () => busy)) {
          yield [item * 10, item] as const
        }
      },
      eachIteration: (item, { effects, run: { id } }) => append(effects, id, item),
    }),
  )
  expect(await run.slice()).toMatchObject({ status: 'interrupted', reason: 'throttle', cursor: 1 })
  busy = false
  expect(await run.drain()).toMatchObject({ status: 'completed' })
  expect(await run.appended()).toEqual([0, 10, 20, 30])
})

it('F18 a wait that was made no number later on is refused, too', async () => {
  const run = await runOf(
    defineIteration({
      name: 'changed-wait',
      buildEnumerator: () =>
        (async function* () {
          yield Object.assign(new Throttled(5), { waitMs: Infinity })
        })(),
      eachIteration: () => undefined,
    }),
  )
  expect(await run.slice()).toMatchObject({
    status: 'failed',
    error: { code: 'invalid_enumerator' },
  })
})
