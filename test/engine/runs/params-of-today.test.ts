import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, type Job } from '../../../src/engine/index.ts'
import { runObjects } from '../../../src/engine/runs/index.ts'
import { createTables } from '../../support/drive.ts'
import { runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

let seen: unknown[] = []

/** Notes its params at each of two items, one in a slice. */
const noting = (params: z.ZodType<object>): Job =>
  defineIteration({
    name: 'noting-params',
    params,
    budget: { items: 1 },
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(2, { cursor }),
    eachIteration: (_item, context) => void seen.push(context.params),
  })

/** Begun with one schema, and gone on with another. */
async function deployed(then: z.ZodType<object>, params: object, now: z.ZodType<object>) {
  seen = []
  const run = await runOf(noting(then), { params })
  await run.slice()
  run.deploy(noting(now))
  return run
}

describe('A20 params of a run whose code changed under way', () => {
  const shop = z.object({ shop: z.string() })

  it('have the default of a param that is new', async () => {
    const run = await deployed(shop, { shop: 's' }, shop.extend({ size: z.number().default(10) }))
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(seen).toEqual([{ shop: 's' }, { shop: 's', size: 10 }])
  })

  it('are left as they were by a schema that makes something else of its own output', async () => {
    const split = z.object({ shops: z.string().transform((text) => text.split(',')) })
    const run = await deployed(split, { shops: 'a,b' }, split)
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(seen).toEqual([{ shops: ['a', 'b'] }, { shops: ['a', 'b'] }])
  })

  const unfit = async (): Promise<RunOf> =>
    deployed(shop, { shop: 's' }, shop.extend({ size: z.number() }))

  it('pause the run where they do not fit, with a note, and lose nothing', async () => {
    const run = await unfit()
    expect(await run.slice()).toMatchObject({
      status: 'paused',
      reason: 'deploy',
      attention: expect.stringContaining('size:'),
      progress: { done: 1 },
      attempts: 0,
    })
    expect(await run.drain()).toMatchObject({ status: 'paused' })
    run.deploy(noting(shop))
    await runObjects(env)(run.id).command('resume', {})
    const end = await run.drain()
    expect(end).toMatchObject({ status: 'completed', progress: { done: 2 } })
    expect(end).not.toHaveProperty('attention')
  })

  it('are completed for onCancel, too', async () => {
    const cancelled: unknown[] = []
    const cancelling = (params: z.ZodType<object>): Job =>
      defineIteration({
        name: 'cancelling-params',
        params,
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(2, { cursor }),
        eachIteration: () => undefined,
        onCancel: (context) => void cancelled.push(context.params),
      })
    const run = await runOf(cancelling(shop), { params: { shop: 's' } })
    run.deploy(cancelling(shop.extend({ size: z.number().default(10) })))
    await runObjects(env)(run.id).command('cancel', {})
    expect(await run.slice()).toMatchObject({ status: 'cancelled' })
    expect(cancelled).toEqual([{ shop: 's', size: 10 }])
  })

  it('let the run wait where it is the code that is too old', async () => {
    const run = await runOf(noting(shop), { params: { shop: 's' } })
    await run.slice({ codeVersion: '2026-02' })
    run.deploy(noting(z.strictObject({})))
    expect(await run.slice({ codeVersion: '2026-01' })).toMatchObject({
      status: 'interrupted',
      reason: 'deploy',
    })
  })
})
