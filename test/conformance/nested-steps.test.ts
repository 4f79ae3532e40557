import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob, type Step } from '../../src/engine/index.ts'
import { readCheckpoint, verifyLedger } from '../../src/engine/runs/index.ts'
import { createTables } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

/** Three regions of two stores of three products; a product is appended as region, store, product. */
const products = (region: number, store: number): number[] =>
  [1, 2, 3].map((product) => region * 100 + store * 10 + product)
const ALL = [1, 2, 3].flatMap((region) => [1, 2].flatMap((store) => products(region, store)))
/** Behind each store a summary, behind each region one. */
const SUMMARIES = [1, 2, 3].flatMap((region) => [
  region * 100 + 10,
  region * 100 + 20,
  region * 100,
])

const loads: string[] = []
const regions = (settings: object = {}) =>
  defineJob({
    name: 'regions',
    unit: 'region',
    ...settings,
    async perform({ step, effects, run }) {
      await step('process_regions', { start: 1 }, async (region) => {
        while (region.cursor <= 3) {
          const stores = await region.step('load_stores', () => {
            loads.push(`region ${region.cursor}`)
            return [1, 2]
          })
          await region.step('process_stores', { start: 0 }, async (store) => {
            for (let number = stores[store.cursor]; number; number = stores[store.cursor]) {
              const ids = products(region.cursor, number)
              await store.step('process_products', { start: 0 }, async (product) => {
                for (let id = ids[product.cursor]; id; id = ids[product.cursor]) {
                  append(effects, run.id, id)
                  await product.advance()
                }
              })
              append(effects, run.id, region.cursor * 100 + number * 10)
              await store.advance()
            }
          })
          append(effects, run.id, region.cursor * 100)
          await region.advance()
        }
      })
    },
  })

const sorted = (items: number[]): number[] => items.toSorted((a, b) => a - b)

describe('steps within steps', () => {
  it('run to the end in one slice', async () => {
    const run = await runOf(regions())
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 1 })
    expect(await run.appended()).toEqual(sorted([...ALL, ...SUMMARIES]))
  })

  it('are checkpointed with a cursor each, as the seeds show them', async () => {
    const run = await runOf(regions(), { interrupt: { afterItems: 14 } })
    await run.slice()
    expect(await run.view()).toMatchObject({ step: 'process_regions', cursor: 2 })
    expect(await readCheckpoint(env.DB, run.id)).toMatchObject({
      step: 'process_regions',
      cursor: 2,
      nestedSteps: {
        process_stores: { cursor: 1, nestedSteps: { process_products: { cursor: 1 } } },
      },
    })
  })

  it('resume at every level, wherever they are interrupted, and load nothing twice', async () => {
    loads.length = 0
    const run = await runOf(regions({ budget: { items: 1 } }))
    const view = await run.drain()
    expect(view).toMatchObject({ status: 'completed' })
    expect(view.slices).toBeGreaterThan(20)
    expect(await run.appended()).toEqual(sorted([...ALL, ...SUMMARIES]))
    expect(loads).toEqual(['region 1', 'region 2', 'region 3'])
    for (const check of await verifyLedger(env.DB, run.id))
      expect(check).toMatchObject({ ok: true })
  })

  it('give an inner step its result back when it is skipped', async () => {
    const run = await runOf(
      defineJob({
        name: 'inner-result',
        budget: { items: 1 },
        async perform({ step, effects, run: { id } }) {
          await step('outer', { start: 1 }, async (outer) => {
            while (outer.cursor <= 2) {
              const factor = await outer.step('factor', () => outer.cursor * 10)
              await outer.step('inner', { start: 0 }, async (inner) => {
                while (inner.cursor < 2) {
                  append(effects, id, factor + inner.cursor)
                  await inner.advance()
                }
              })
              await outer.advance()
            }
          })
        },
      }),
    )
    await run.drain()
    expect(await run.appended()).toEqual([10, 11, 20, 21])
  })

  it('have an idempotency key that names the items around them', async () => {
    const keys: string[] = []
    const run = await runOf(
      defineJob({
        name: 'inner-keys',
        async perform({ step }) {
          await step('outer', { start: 4 }, (outer) =>
            outer.step('inner', { start: 7 }, (inner) => void keys.push(inner.idempotencyKey)),
          )
        },
      }),
    )
    await run.drain()
    expect(keys).toEqual([`${run.id}/outer/4/inner/7`])
  })

  it('are an error when the outer step moves on without meeting the one in progress', async () => {
    let skipping = false
    const run = await runOf(
      defineJob({
        name: 'skipping-inner',
        budget: { items: 1 },
        async perform({ step }) {
          await step('outer', { start: 1 }, async (outer) => {
            if (!skipping) {
              await outer.step('inner', { start: 0 }, async (inner) => {
                skipping = true
                await inner.advance()
                await inner.advance()
              })
            }
            await outer.advance()
          })
        },
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'step_mismatch', message: expect.stringContaining("'inner'") },
    })
  })

  it('are an error when nobody awaits them', async () => {
    const run = await runOf(
      defineJob({
        name: 'floating-inner',
        async perform({ step }) {
          await step('outer', { start: 1 }, async (outer) => {
            void outer.step('inner', () => scheduler.wait(5)).catch(() => undefined)
            await outer.advance()
          })
        },
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'step_not_awaited' },
    })
  })

  it('cannot be isolated: only outermost steps have slices of their own', async () => {
    const run = await runOf(
      defineJob({
        name: 'isolated-inner',
        perform: ({ step }) =>
          step('outer', (outer) => outer.step('inner', { isolated: true }, () => undefined)),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'failed', error: { code: 'invalid_step' } })
  })

  it('walk enumerators, too', async () => {
    const run = await runOf(
      defineJob({
        name: 'inner-iterate',
        budget: { items: 1 },
        async perform({ step, effects, enumerators, run: { id } }) {
          await step('outer', { start: 1 }, async (outer) => {
            while (outer.cursor <= 2) {
              await outer.step('inner', (inner) =>
                inner.iterate(
                  ({ cursor }) => enumerators.times(3, { cursor }),
                  (number) => append(effects, id, outer.cursor * 10 + number),
                ),
              )
              await outer.advance()
            }
          })
        },
      }),
    )
    await run.drain()
    expect(await run.appended()).toEqual([10, 11, 12, 20, 21, 22])
  })

  it('cannot be run by a step that is over', async () => {
    let leaked: Step['step'] | undefined
    const run = await runOf(
      defineJob({
        name: 'leaking',
        async perform({ step }) {
          await step('first', (first) => {
            leaked = first.step
          })
          await step('second', () => leaked?.('inner', () => undefined))
        },
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: {
        code: 'invalid_step',
        message: "Step 'first' is over; a step within it cannot run any more",
      },
    })
  })

  it('keep their results apart from those of steps whose names look like their places', async () => {
    const names = ['/outer/inner', 'outer/inner', '/outer', '/']
    const run = await runOf(
      defineJob({
        name: 'look-alikes',
        budget: { wallMs: 0 },
        async perform({ step }) {
          const results: unknown[] = []
          for (const name of names) results.push(await step(name, () => name))
          await step('outer', { start: 0 }, async (outer) => {
            while (outer.cursor < 2) {
              results.push(await outer.step('inner', () => `inner ${outer.cursor}`))
              await outer.advance()
            }
          })
          results.push(await step('last', () => 'last'))
          return results.filter((result) => names.includes(result as string))
        },
      }),
    )
    const end = await run.drain()
    expect(end).toMatchObject({ status: 'completed', result: names })
    expect(end.slices).toBeGreaterThan(names.length)
  })
})
