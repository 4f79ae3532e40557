import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { runObjects, type Command } from '../../../src/engine/runs/index.ts'
import { Throttled } from '../../../src/engine/enumerators/index.ts'
import { call } from '../../support/api.ts'
import { append, appendSteps } from '../../support/jobs.ts'
import { createTables, deliver, drain, start, view } from '../../support/drive.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const HOUR = 3_600_000

/** The API behind it has asked for an hour, once. */
function throttledFor(ms: number) {
  let asked = false
  return defineIteration({
    name: 'throttled',
    async *buildEnumerator() {
      if (!asked) {
        asked = true
        yield new Throttled(ms)
      }
      yield [1, 1] as const
    },
    eachIteration: (item: number, { effects, run }) => append(effects, run.id, item),
  })
}

async function throttled() {
  const job = throttledFor(HOUR)
  const { id: run, jobs } = await runOf(job)
  await deliver(run, { jobs })
  const { resumeAt } = await view(run)
  expect(Date.parse(resumeAt ?? '')).toBeGreaterThan(Date.now() + HOUR / 2)
  return { run, jobs, resumeAt }
}

const command = (run: string, what: Command, options = {}) =>
  runObjects(env)(run).command(what, options)

describe('a run that waits for an API', () => {
  it('keeps its time when it is paused and resumed', async () => {
    const { run, resumeAt } = await throttled()
    await command(run, 'pause')
    expect(await view(run)).toMatchObject({ status: 'paused' })
    await command(run, 'resume')
    expect(await view(run)).toMatchObject({ status: 'queued', resumeAt })
    await command(run, 'pause')
    await command(run, 'resume')
    expect(await view(run)).toMatchObject({ status: 'queued', resumeAt })
  })

  it('keeps it when it is resumed without having been paused', async () => {
    const { run, resumeAt } = await throttled()
    await command(run, 'resume')
    expect(await view(run)).toMatchObject({ resumeAt })
  })

  it('goes on at once when a person says so, paused or not', async () => {
    const paused = await throttled()
    await command(paused.run, 'pause')
    await command(paused.run, 'resume', { now: true })
    expect(await drain(paused.run, { jobs: paused.jobs })).toMatchObject({ status: 'completed' })
    const waiting = await throttled()
    await command(waiting.run, 'resume', { now: true })
    expect((await view(waiting.run)).resumeAt).not.toBe(waiting.resumeAt)
    expect(await drain(waiting.run, { jobs: waiting.jobs })).toMatchObject({ status: 'completed' })
  })

  it('goes on at once also after it was resumed to keep its time', async () => {
    const { run, jobs } = await throttled()
    await command(run, 'pause')
    await command(run, 'resume')
    expect(await command(run, 'resume')).toMatchObject({ code: 'invalid_transition' })
    expect(await command(run, 'resume', { now: true })).toMatchObject({ ok: true })
    expect(await drain(run, { jobs })).toMatchObject({ status: 'completed' })
  })
})

describe('a run that waits for its start', () => {
  it('keeps its time, and goes on at once when the API asks for it', async () => {
    const run = await start(appendSteps, { params: { items: 1 }, wait: '1 hour' })
    const { resumeAt } = await view(run)
    await command(run, 'pause')
    await command(run, 'resume')
    expect(await view(run)).toMatchObject({ resumeAt })
    const answer = await call('POST', `/api/runs/${run}/resume`, { now: true })
    expect(answer).toMatchObject({ status: 200, json: { status: 'queued' } })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })
})

it('a pause that meets a slice as the API asks it to wait keeps the time, too', async () => {
  const job = throttledFor(HOUR)
  const { id: run } = await runOf(job)
  const objects = runObjects(env)
  const claim = await objects(run).claim(0, 1)
  await command(run, 'pause')
  const fence = claim.ok ? claim.fence : 0
  const outcome = { kind: 'interrupted', reason: 'throttle', directiveMet: false } as const
  await objects(run).release(null, fence, { ...outcome, waitMs: HOUR })
  expect(await view(run)).toMatchObject({ status: 'paused' })
  await command(run, 'resume')
  expect(Date.parse((await view(run)).resumeAt ?? '')).toBeGreaterThan(Date.now() + HOUR / 2)
})

it('a run that a person has interrupted goes on at once when resumed', async () => {
  const run = await start(appendSteps, { params: { items: 3 } })
  await command(run, 'interrupt')
  await deliver(run, { jobs: new Registry([appendSteps]) })
  await command(run, 'resume')
  expect(Date.parse((await view(run)).resumeAt ?? new Date(0).toISOString())).toBeLessThanOrEqual(
    Date.now(),
  )
})
