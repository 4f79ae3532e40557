import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runObjects, startRun } from '../../src/engine/runs/index.ts'
import { call } from '../support/api.ts'
import { appendSteps } from '../support/jobs.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  object,
  start,
  upTo,
  view,
} from '../support/drive.ts'
import { loseStorage, sweptTomorrow } from '../support/time-travel.ts'

beforeAll(createTables)

describe('an object that lost its storage', () => {
  it('H70 keeps a paused run paused', async () => {
    const run = await start(appendSteps, { params: { items: 5 } })
    await runObjects(env)(run).command('pause', {})
    await loseStorage(run)
    expect(await sweptTomorrow(run)).toBe(true)
    expect(await view(run)).toMatchObject({ status: 'paused', reason: 'pause' })
    await deliver(run)
    expect(await appended(run)).toEqual([])
    await runObjects(env)(run).command('resume', {})
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })

  it('H71 keeps a held run held', async () => {
    const held = { params: { items: 5 }, hold: true, interrupt: { afterItems: 2 } }
    const run = await start(appendSteps, held)
    await deliver(run)
    await loseStorage(run)
    await sweptTomorrow(run)
    expect(await view(run)).toMatchObject({ status: 'interrupted', reason: 'signal', held: true })
    await deliver(run)
    expect(await appended(run)).toEqual([1, 2])
    await runObjects(env)(run).command('resume', {})
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })

  it('keeps a run waiting for its time', async () => {
    const run = await start(appendSteps, { params: { items: 1 }, wait: '20 days' })
    const { resumeAt } = await view(run)
    await loseStorage(run)
    await object(run).poke(run)
    expect(await view(run)).toMatchObject({ status: 'queued', resumeAt })
  })

  it.each([
    ['pause', 'paused'],
    ['cancel', 'cancelled'],
  ] as const)('still does what a person has asked for: %s', async (command, status) => {
    const run = await start(appendSteps, { params: { items: 3 } })
    const shown = JSON.stringify({ ...(await view(run)), status: 'running', reason: command })
    await env.DB.prepare(
      `UPDATE dogear_runs SET phase = 'running', driving = ?2, rev = 9 WHERE id = ?1`,
    )
      .bind(run, shown)
      .run()
    await loseStorage(run)
    await object(run).poke(run)
    expect(await view(run)).toMatchObject({ status })
  })

  it('keeps the counts that people were shown', async () => {
    const run = await start(appendSteps, { params: { items: 6 }, commit: { everyItems: 1 } })
    await deliver(run, { wallMs: 0 })
    await deliver(run, { wallMs: 0 })
    const { slices, interruptions, startedAt } = await view(run)
    await loseStorage(run)
    await object(run).poke(run)
    expect(await view(run)).toMatchObject({ slices, interruptions, startedAt })
  })

  it('H72 shows a run that has ended, and what came of it', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    const { finishedAt } = await drain(run)
    await loseStorage(run)
    const ended = {
      status: 'completed',
      finishedAt,
      result: { appended: 1 },
      progress: { done: 1 },
    }
    expect(await runObjects(env)(run).describe()).toMatchObject(ended)
    expect(await call('GET', `/api/runs/${run}`)).toMatchObject({ status: 200, json: ended })
  })

  it('shows a run under way to whoever asks the API for it', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await loseStorage(run)
    expect(await call('GET', `/api/runs/${run}`)).toMatchObject({
      status: 200,
      json: { status: 'queued' },
    })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })

  it('obeys a person at once', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await runObjects(env)(run).command('cancel', {})
    await loseStorage(run)
    expect(await runObjects(env)(run).command('retry', {})).toMatchObject({ ok: true })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(3))
  })
})

describe('H73 a key whose run has lost its object’s storage', () => {
  const keyed = (items: number, idempotencyKey: string) => ({ params: { items }, idempotencyKey })

  it('is refused with other params, and gives the run with the same', async () => {
    const run = await start(appendSteps, keyed(2, 'h73'))
    await drain(run)
    await loseStorage(run)
    const other = await startRun(runObjects(env), appendSteps, keyed(9, 'h73'))
    expect(other).toEqual({ ok: false, code: 'idempotency_conflict' })
    const same = await startRun(runObjects(env), appendSteps, keyed(2, 'h73'))
    expect(same).toMatchObject({ ok: true, created: false, run: { status: 'completed' } })
  })

  it('shows what D1 has as soon as D1 answers', async () => {
    const run = await start(appendSteps, keyed(2, 'h73-late'))
    await drain(run)
    await loseStorage(run)
    // As one that D1 did not answer when it was looked for there.
    await object(run).create({
      id: run,
      job: 'append-steps',
      style: 'continuable',
      params: '{"items":9}',
      parent: null,
      options: { retry: { attempts: 5, wait: '1s', maxWait: '1m' } as never },
    })
    expect(await view(run)).toMatchObject({ status: 'completed', params: { items: 2 } })
    expect((await driving(run)).inD1).toBe(true)
  })
})
