import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob, enumerators } from '../../../src/engine/index.ts'
import { listSkips, verifyLedger } from '../../../src/engine/runs/index.ts'
import { createTables, upTo } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { addPicky, createPicky, pickyItems } from '../../support/picky.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(async () => {
  await createTables()
  await createPicky()
})

/** Reads six numbers, appends them, and appends their negatives in a second pass. */
const passes = defineJob({
  name: 'passes',
  async perform({ step, effects, run, expectTotal }) {
    await step('read', { counts: false }, (step) =>
      step.iterate(
        ({ cursor }) => enumerators.times(6, { cursor }),
        () => undefined,
      ),
    )
    expectTotal(6)
    await step('append', { start: 1 }, async (step) => {
      while (step.cursor <= 6) {
        append(effects, run.id, step.cursor)
        await step.advance()
      }
    })
    await step('again', { start: 1, counts: false }, async (step) => {
      while (step.cursor <= 6) {
        append(effects, run.id, -step.cursor)
        await step.advance()
      }
    })
  },
})

const BOTH_PASSES = [-6, -5, -4, -3, -2, -1, ...upTo(6)]

describe('a step that does not count its items', () => {
  it('leaves the progress to the step that does', async () => {
    const run = await runOf(passes)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 6, total: 6, skipped: 0 },
    })
    expect(await run.appended()).toEqual(BOTH_PASSES)
  })

  it('is interrupted at each of its items all the same, and its ledger has no gap', async () => {
    const run = await runOf(passes)
    const shown = await run.drain({ wallMs: 0 })
    expect(shown).toMatchObject({ status: 'completed', progress: { done: 6 } })
    expect(shown.interruptions).toBeGreaterThanOrEqual(18)
    expect(await run.appended()).toEqual(BOTH_PASSES)
    expect((await verifyLedger(env.DB, run.id)).filter(({ ok }) => !ok)).toEqual([])
  })

  it('is committed every so many items, as the commit policy says', async () => {
    const run = await runOf(passes, { commit: { everyItems: 2 } })
    await run.drain()
    const commits = run.told('commit.written').filter(({ step }) => step === 'again')
    expect(commits.map(({ items }) => items)).toEqual([0, 0, 0, 0])
  })

  it('is passed by an interruption after so many items', async () => {
    const run = await runOf(passes, { interrupt: { afterItems: 2 } })
    expect(await run.slice()).toMatchObject({ step: 'append', cursor: 3, progress: { done: 2 } })
    expect(await run.drain()).toMatchObject({ status: 'completed' })
  })

  it('has the item found whose effects D1 refuses', async () => {
    const picky = defineJob({
      name: 'picky-pass',
      skip: { maxSkips: 1 },
      async perform({ step, effects, run: { id } }) {
        await step('add', { counts: false }, (step) =>
          step.iterate(
            ({ cursor }) => enumerators.times(10, { cursor }),
            (number) => addPicky(effects, id, number + 1),
          ),
        )
      },
    })
    const run = await runOf(picky)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 0, skipped: 1 },
    })
    expect(await pickyItems(run.id)).toEqual(upTo(10).filter((number) => number !== 7))
    const { skips } = await listSkips(env.DB, run.id, { limit: 10 })
    expect(skips.map(({ cursor }) => cursor)).toEqual([6])
  })
})
