import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, retryOn } from '../../../src/engine/index.ts'
import { runObjects, verifyLedger } from '../../../src/engine/runs/index.ts'
import { createTables } from '../../support/drive.ts'
import { runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

const attributes = z.object({ runs: z.number().default(0) })

const isSound = async (run: RunOf): Promise<void> => {
  for (const check of await verifyLedger(env.DB, run.id)) expect(check).toMatchObject({ ok: true })
}

describe('R57 an attribute that was assigned before a checkpoint', () => {
  it('is kept over failed attempts, so that they see 1, 2, 3', async () => {
    const seen: number[] = []
    const run = await runOf(
      defineJob({
        name: 'attempts-kept',
        attributes,
        errors: [retryOn(Error, { attempts: 3, wait: 1 })],
        perform: ({ step, attributes: state }) =>
          step('work', async (step) => {
            state.runs += 1
            seen.push(state.runs)
            await step.checkpoint()
            if (seen.length < 3) throw new Error('again')
          }),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 3 })
    expect(seen).toEqual([1, 2, 3])
    await isSound(run)
  })

  it('is kept when the run is interrupted at that very checkpoint', async () => {
    const seen: number[] = []
    const run = await runOf(
      defineJob({
        name: 'attribute-interrupted',
        attributes,
        perform: ({ step, attributes: state }) =>
          step('work', async (step) => {
            state.runs += 1
            seen.push(state.runs)
            await step.checkpoint()
          }),
      }),
    )
    await runObjects(env)(run.id).command('interrupt', {})
    expect(await run.slice()).toMatchObject({ status: 'interrupted' })
    await run.drain()
    expect(seen).toEqual([1, 2])
    await isSound(run)
  })

  it('is kept where a walk is throttled before its first item', async () => {
    const seen: number[] = []
    let open = false
    const run = await runOf(
      defineJob({
        name: 'attribute-throttled',
        attributes,
        perform: ({ step, attributes: state, enumerators }) =>
          step('walk', async (step) => {
            state.runs += 1
            seen.push(state.runs)
            await step.iterate(
              ({ cursor }) =>
                enumerators.throttle(enumerators.times(2, { cursor }), {
                  wait: 1,
                  throttleOn: () => !open,
                }),
              () => undefined,
            )
          }),
      }),
    )
    await run.slice()
    open = true
    await run.drain()
    expect(seen).toEqual([1, 2])
    await isSound(run)
  })

  it('after the last checkpoint is taken back with the attempt that failed', async () => {
    const seen: number[] = []
    const run = await runOf(
      defineJob({
        name: 'attribute-taken-back',
        attributes,
        retry: { waitMs: 1 },
        perform: ({ step, attributes: state }) =>
          step('work', () => {
            state.runs += 1
            seen.push(state.runs)
            if (seen.length < 3) throw new Error('again')
          }),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(seen).toEqual([1, 1, 1])
  })

  it('by an item that is done is kept, and by the one that failed is not', async () => {
    const seen: number[] = []
    let failed = false
    const run = await runOf(
      defineIteration({
        name: 'attribute-of-items',
        attributes,
        retry: { waitMs: 1 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        eachIteration(item, { attributes: state }) {
          state.runs += 1
          seen.push(state.runs)
          if (item !== 1 || failed) return
          failed = true
          throw new Error('again')
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(seen).toEqual([1, 2, 2, 3])
    await isSound(run)
  })
})
