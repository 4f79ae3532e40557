import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { RunHost } from '../../../durable-objects/run-host.ts'
import { defineIteration, defineJob } from '../../../src/engine/index.ts'
import { logEvent, type EngineEvent } from '../../../src/engine/events.ts'
import { runObjects } from '../../../src/engine/runs/index.ts'
import { MASK } from '../../../src/engine/sensitive.ts'
import { call } from '../../support/api.ts'
import { createTables, deliver, passTime, stub } from '../../support/drive.ts'
import { EventStream } from '../../support/event-stream.ts'
import { append } from '../../support/jobs.ts'
import { runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)
afterEach(() => void vi.restoreAllMocks())

const SECRET = 'sk_live_"0123456789"_ABCDEFGHIJKLMNOP'
const PART = /sk_live_|0123456789|ABCDEFGHIJ/

/** Lines of the log since this was called. */
function logged(): () => string {
  const spies = (['log', 'warn', 'error'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(() => undefined),
  )
  return () => spies.flatMap((spy) => spy.mock.calls.flat()).join('\n')
}

async function finish(run: RunOf): Promise<void> {
  for (let turn = 0; turn < 12 && (await run.view()).finishedAt === undefined; turn++) {
    await run.slice({ onEvent: keeping(run.events) })
    await passTime(run.id, 600_000)
  }
}

function keeping(events: EngineEvent[]) {
  return (event: EngineEvent) => {
    events.push(event)
    logEvent(event)
  }
}

/** All that is stored, shown and told of a run, but for the params that the job needs. */
async function everything(run: RunOf): Promise<string> {
  const { id } = run
  const tables = ['dogear_runs', 'dogear_skips', 'dogear_alerts', 'dogear_webhook_events'] as const
  const rows = await Promise.all(
    tables.map(async (table) => {
      const key = table === 'dogear_runs' ? 'id' : 'run_id'
      const { results } = await env.DB.prepare(`SELECT * FROM ${table} WHERE ${key} = ?`)
        .bind(id)
        .all()
      return results.map((row) => ({ ...row, params: null, result: null, cursor: null }))
    }),
  )
  const routes = ['', '/skips', '/slices', '/checkpoint', '/ledger', '/verification']
  const shown = await Promise.all(routes.map((route) => call('GET', `/api/runs/${id}${route}`)))
  const list = await call('GET', '/api/runs?limit=100')
  const alerts = await call('GET', '/api/alerts?limit=100')
  const stream = await EventStream.open(id)
  const streamed = await stream.until(({ event }) => event === 'run')
  await stream.close()
  const kept = await runInDurableObject(stub(id), (_: RunHost, state) => [
    state.storage.sql.exec('SELECT event FROM events').toArray(),
    state.storage.sql.exec('SELECT error FROM slices').toArray(),
  ])
  return JSON.stringify([rows, shown, list, alerts, streamed, kept, run.events])
}

const secretive = defineJob({
  name: 'secretive',
  params: z.strictObject({ apiKey: z.string(), how: z.string() }),
  sensitive: ['apiKey'],
  retry: { attempts: 1 },
  async perform({ step, params: { apiKey, how } }) {
    if (how === 'step') await step(`log in with ${apiKey}`, () => 1)
    await step('cursor', async (step) => {
      if (how === 'cursor') await step.set({ [apiKey]: `after ${apiKey}` })
    })
    await step('x', () => {
      if (how === 'cut') throw new Error('x'.repeat(1_975) + apiKey)
      if (how === 'json') throw new Error(`request failed: ${JSON.stringify({ apiKey })}`)
      if (how === 'url') throw new Error(`https://api/?key=${encodeURIComponent(apiKey)}`)
      if (how === 'code') throw Object.assign(new Error('no'), { code: apiKey, name: apiKey })
      if (how === 'cause') throw new Error('no', { cause: { detail: [apiKey] } })
      if (how === 'reasons') throw new AggregateError([new Error(`for ${apiKey}`)], 'all failed')
      if (how === 'text') throw apiKey
    })
    return how === 'result' ? { sent: apiKey } : undefined
  },
  continuations({ params: { apiKey, how } }) {
    if (how === 'continuation') throw new Error(`cannot enqueue for ${apiKey}`)
  },
})

describe('S1 H26 a secret of the params is nowhere to be seen', () => {
  it.each([
    'cut',
    'json',
    'url',
    'code',
    'cause',
    'reasons',
    'text',
    'continuation',
    'result',
    'step',
    'cursor',
  ])('when it gets into: %s', async (how) => {
    const log = logged()
    const labels = { key: SECRET.slice(0, 30), customer: 'anna' }
    const run = await runOf(secretive, { params: { apiKey: SECRET, how }, labels })
    await finish(run)
    const shown = await everything(run)
    expect(shown).toContain(MASK)
    expect(shown).not.toMatch(PART)
    expect((await run.view()).labels).toEqual({ key: MASK, customer: 'anna' })
    expect(log()).not.toMatch(PART)
  })

  it('H53 when the params have keys that look like the codec’s own', async () => {
    const mongo = defineJob({
      name: 'mongo',
      params: z.looseObject({ apiKey: z.string() }),
      sensitive: ['apiKey'],
      async perform({ step, params }) {
        await step('x', () => {
          throw new Error(`401 for ${params.apiKey}`)
        })
      },
    })
    const params = { apiKey: SECRET, $date: 'harmless', amount: 5 }
    const log = logged()
    const run = await runOf(mongo, { params })
    await finish(run)
    expect(await run.view()).toMatchObject({
      params: { apiKey: MASK, $date: 'harmless', amount: 5 },
      error: { message: `401 for ${MASK}` },
    })
    expect(log()).not.toMatch(PART)
  })

  it('H82 when onCancel throws it', async () => {
    const revoking = defineIteration({
      name: 'revoking',
      params: z.strictObject({ apiKey: z.string() }),
      sensitive: ['apiKey'],
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1], { cursor }),
      eachIteration(item, { effects, run }) {
        append(effects, run.id, item)
      },
      onCancel({ params }) {
        throw new Error(`cannot revoke ${params.apiKey}`)
      },
    })
    const run = await runOf(revoking, { params: { apiKey: SECRET } })
    const log = logged()
    await runObjects(env)(run.id).command('cancel', {})
    await deliver(run.id, { jobs: run.jobs })
    expect(log()).toContain('run.on_cancel_failed')
    expect(log()).not.toMatch(PART)
  })

  it('when a validator throws it, or a listener', async () => {
    const log = logged()
    const validating = defineJob({
      name: 'validating',
      params: z.object({
        apiKey: z.string().transform((key) => {
          throw new Error(`cannot parse ${key}`)
        }),
      }),
      sensitive: ['apiKey'],
      async perform() {},
    })
    const refused = runOf(validating, { params: { apiKey: SECRET } })
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_params',
      message: expect.stringContaining(MASK),
    })
    const run = await runOf(secretive, { params: { apiKey: SECRET, how: 'listener' } })
    await run.slice({
      onEvent: () => {
        throw new Error(`cannot tell ${SECRET}`)
      },
    })
    expect(log()).toContain('listener.failed')
    expect(log()).not.toMatch(PART)
  })
})
