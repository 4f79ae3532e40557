import { env } from 'cloudflare:workers'
import { listSkips, redriveRun } from 'dogear/runs'
import type { RunView } from 'dogear'
import { testBench, type TestBench } from 'dogear/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { askBadly, askWell, supplier } from '../../docs/samples/catching.ts'
import { checkPrices, checkPricesIteration } from '../../docs/samples/errors.ts'
import { addProducts, column, freshTables } from '../support/samples.ts'

// The jobs of docs/guide/error-handling.md.
beforeEach(freshTables)
beforeEach(() => addProducts(10))

const statuses = () => column<string>('SELECT status FROM goods ORDER BY id')
const set = (id: number, status: string) =>
  env.DB.prepare('UPDATE goods SET status = ? WHERE id = ?').bind(status, id).run()
const price = (cents: number, ...ids: number[]) =>
  env.DB.prepare(`UPDATE goods SET price_cents = ? WHERE id IN (SELECT value FROM json_each(?))`)
    .bind(cents, JSON.stringify(ids))
    .run()

describe('check-prices, in steps', () => {
  it('passes over what it catches itself', async () => {
    await price(-1, 3, 7)
    expect(await testBench().runInline(checkPrices)).toMatchObject({ status: 'completed' })
    const bad = (await statuses()).flatMap((status, index) => (status === 'bad' ? [index + 1] : []))
    expect(bad).toEqual([3, 7])
  })

  it('waits for a supplier that is down, and goes on at its product', async () => {
    await set(6, 'down')
    const bench = testBench()
    const run = await bench.start(checkPrices)
    const waiting = await bench.deliver(run)
    expect(waiting).toMatchObject({ status: 'queued', cursor: 6, error: { name: 'SupplierDown' } })
    expect((await statuses()).slice(0, 6)).toEqual([...Array(5).fill('checked'), 'down'])
    await set(6, 'active')
    expect(await bench.drive(run)).toMatchObject({ status: 'completed' })
    expect(new Set(await statuses())).toEqual(new Set(['checked']))
  })

  it('fails when the supplier stays down, and is retried by hand from there', async () => {
    await set(6, 'down')
    const bench = testBench()
    const failed = await bench.runInline(checkPrices)
    expect(failed).toMatchObject({ status: 'failed', cursor: 6 })
    expect(failed.error?.message).toContain('product 6')
    await set(6, 'active')
    expect(await retry(bench, failed)).toMatchObject({ status: 'completed' })
  })

  it('is given up when the shop has closed, with what it has done', async () => {
    await set(4, 'closed')
    const given = await testBench().runInline(checkPrices)
    expect(given).toMatchObject({ status: 'cancelled', error: { message: /closed for good/ } })
    expect((await statuses()).slice(0, 4)).toEqual(['checked', 'checked', 'checked', 'closed'])
  })

  it('begins again when the catalog has changed', async () => {
    await set(5, 'changed')
    const bench = testBench()
    const run = await bench.start(checkPrices)
    expect(await bench.deliver(run)).toMatchObject({ step: null, completedSteps: [] })
    await set(5, 'active')
    expect(await bench.drive(run)).toMatchObject({ status: 'completed' })
    expect(new Set(await statuses())).toEqual(new Set(['checked']))
  })
})

describe('check-prices, as an iteration', () => {
  it('records what it passes over, and handles just that again', async () => {
    await price(-1, 2, 9)
    const bench = testBench()
    const run = await bench.runInline(checkPricesIteration)
    expect(run).toMatchObject({ status: 'completed', progress: { done: 8, skipped: 2 } })
    const { skips } = await listSkips(env.DB, run.id, { limit: 10 })
    expect(skips).toMatchObject([
      { cursor: 2, attempts: 2 },
      { cursor: 9, attempts: 2 },
    ])

    await price(100, 2, 9)
    const again = await redriveRun(bench.objects, env.DB, checkPricesIteration, run)
    if (!again.ok) throw new Error(again.code)
    const done = await bench.drive(again.run.id)
    expect(done).toMatchObject({ status: 'completed', progress: { done: 2 }, redriveOf: run.id })
    expect(new Set(await statuses())).toEqual(new Set(['checked']))
  })

  it('fails at one too many', async () => {
    await price(-1, 2, 4, 6, 8)
    const run = await testBench().runInline(checkPricesIteration)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'skips_exhausted' } })
    expect((await statuses())[6]).toBe('checked')
  })
})

async function retry(bench: TestBench, { id }: RunView): Promise<RunView> {
  await bench.objects(id).command('retry', {})
  return bench.drive(id)
}

describe('catching around a checkpoint', () => {
  it.each([
    ['ask-badly', askBadly, [1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10]],
    ['ask-well', askWell, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ])('%s ends, and asks as often as the guide says', async (_, job, expected) => {
    const asked: number[] = []
    const ask = vi.spyOn(supplier, 'ask').mockImplementation(async (id) => void asked.push(id))
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const bench = testBench()
    const run = await bench.start(job, {}, { interrupt: { afterItems: 3 } })
    expect(await bench.drive(run)).toMatchObject({ status: 'completed', slices: 2 })
    expect(asked).toEqual(expected)
    ask.mockRestore()
    warned.mockRestore()
  })
})
