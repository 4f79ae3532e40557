import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob } from '../../src/engine/index.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import type { Command } from '../../src/engine/run.ts'
import { createTables, passTime } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const twice = (settings: object = {}) =>
  defineIteration({
    name: 'resumed-twice',
    budget: { items: 1 },
    ...settings,
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(6, { cursor }),
    eachIteration: (index, { effects, run }) => append(effects, run.id, index),
  })

async function command(run: string, what: Command): Promise<void> {
  expect(await runObjects(env)(run).command(what, {})).toMatchObject({ ok: true })
}

describe('the limit of resumptions', () => {
  const limited = twice({ budget: {}, resume: { maxResumptions: 1 } })
  const stopped = { interrupt: { afterItems: 3 }, commit: { everyItems: 1 } }

  it('R31 holds for a person’s interruption like for any other', async () => {
    const run = await runOf(limited, stopped)
    await run.slice()
    await command(run.id, 'interrupt')
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: { code: 'resumptions_exhausted' },
    })
  })

  it('lets a person pause a run that has no resumption left', async () => {
    const run = await runOf(limited, stopped)
    await run.slice()
    await command(run.id, 'pause')
    expect(await run.view()).toMatchObject({ status: 'paused' })
    await command(run.id, 'resume')
    expect(await run.drain()).toMatchObject({ status: 'completed', resumptions: 1 })
  })

  it('R31 is counted again by a person’s retry; how often the run was resumed is not forgotten', async () => {
    const run = await runOf(twice({ resume: { maxResumptions: 2 } }))
    expect(await run.drain()).toMatchObject({ status: 'failed', resumptions: 2 })
    expect(await run.appended()).toEqual([0, 1, 2])
    await command(run.id, 'retry')
    expect(await run.slice()).toMatchObject({ status: 'interrupted', resumptions: 3 })
    expect(await run.slice()).toMatchObject({ status: 'failed' })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 4])
  })
})

it('the cap on errors in all is counted again by a person’s retry', async () => {
  const failing = defineJob({
    name: 'always-failing',
    retry: { totalErrors: 2 },
    perform: ({ step }) =>
      step('fail', () => {
        throw new Error('again')
      }),
  })
  const run = await runOf(failing)
  expect(await run.drain()).toMatchObject({ status: 'failed', slices: 2 })
  await command(run.id, 'retry')
  expect(await run.slice()).toMatchObject({ status: 'queued', slices: 3 })
  expect(await run.drain()).toMatchObject({ error: { code: 'errors_exhausted' }, slices: 4 })
})

it('a run that waits for newer code says so, once it has waited long, and no longer when it is there', async () => {
  const versions = (name: string) =>
    defineJob({
      name: 'rolled-back',
      perform: async ({ step, effects, run }) => {
        await step(name, { start: 1 }, async (step) => {
          while (step.cursor <= 4) {
            append(effects, run.id, step.cursor)
            await step.advance()
          }
        })
      },
    })
  const run = await runOf(versions('new'), { interrupt: { afterItems: 2 } })
  await run.slice({ codeVersion: '2026-02' })
  run.deploy(versions('old'))
  for (let slices = 0; slices < 4; slices++) await run.slice({ codeVersion: '2026-01' })
  expect(await run.view()).not.toHaveProperty('attention')
  expect(await run.slice({ codeVersion: '2026-01' })).toMatchObject({
    status: 'interrupted',
    reason: 'deploy',
    attention: expect.stringContaining('older than the code that wrote the checkpoint'),
  })
  run.deploy(versions('new'))
  const end = await run.slice({ codeVersion: '2026-02' })
  expect(end).toMatchObject({ status: 'completed' })
  expect(end).not.toHaveProperty('attention')
})

describe('an interruption at a cursor', () => {
  const walk = twice({ budget: {}, unit: 'order' })

  it('that the run never meets is reported when it completes', async () => {
    const run = await runOf(walk, { interrupt: { at: 'order:abc' } })
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      attention: "The run was never interrupted: it met no cursor 'order:abc'",
    })
  })

  it('that it has met is not', async () => {
    const run = await runOf(walk, { interrupt: { at: 'order:3' } })
    expect(await run.slice()).toMatchObject({ status: 'interrupted', reason: 'signal' })
    await passTime(run.id)
    const end = await run.drain()
    expect(end).toMatchObject({ status: 'completed' })
    expect(end).not.toHaveProperty('attention')
  })
})
