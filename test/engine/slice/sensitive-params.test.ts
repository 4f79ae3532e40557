import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunHost } from '../../../durable-objects/run-host.ts'
import { api } from '../../../src/api/index.ts'
import { defineIteration } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { MASK } from '../../../src/engine/sensitive.ts'
import { call } from '../../support/api.ts'
import { createTables, stub } from '../../support/drive.ts'
import { EventStream } from '../../support/event-stream.ts'
import { append } from '../../support/jobs.ts'
import { redrive, runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

const KEY = 'sk-do-not-tell-1234'
const PASSWORD = 'correct horse battery'

/** Sends a secret wherever an author can let one slip. */
const leaky = defineIteration({
  name: 'leaky',
  params: z.object({
    apiKey: z.string().startsWith('sk-'),
    smtp: z.object({ password: z.string().refine((text) => text !== 'wrong', 'wrong is wrong') }),
    items: z.number().default(3),
  }),
  sensitive: ['apiKey', 'smtp.password'],
  skip: { maxSkips: 1 },
  buildEnumerator: ({ params, cursor, enumerators }) =>
    enumerators.array(
      Array.from({ length: params.items }, (_, index) => index + 1),
      { cursor },
    ),
  eachIteration(item, { params, effects, run }) {
    if (item > 1) throw new Error(`401 for ${params.apiKey}`, { cause: params.smtp.password })
    append(effects, run.id, item)
  },
})

const params = { apiKey: KEY, smtp: { password: PASSWORD }, items: 3 }
const masked = { apiKey: MASK, smtp: { password: MASK }, items: 3 }

function expectNoSecret(...shown: unknown[]): void {
  expect(shown.length).toBeGreaterThan(0)
  for (const item of shown) {
    const text = JSON.stringify(item)
    expect(text).not.toContain(KEY)
    expect(text).not.toContain(PASSWORD)
  }
}

/** The run of `leaky` after its second failing item has failed it. */
async function failed(): Promise<RunOf> {
  const run = await runOf(leaky, { params })
  for (let slices = 0; slices < 20 && (await run.view()).status !== 'failed'; slices++) {
    await run.slice()
  }
  return run
}

describe('sensitive params', () => {
  it('reach the job as they are, and are masked in the run, its list, its skips and its timeline', async () => {
    const run = await failed()
    expect(await run.appended()).toEqual([1])
    const shown = await call('GET', `/api/runs/${run.id}`)
    expect(shown.json).toMatchObject({
      status: 'failed',
      params: masked,
      error: { message: expect.stringContaining(`401 for ${MASK}`) },
    })
    const list = await call('GET', '/api/runs?limit=1')
    expect(list.json).toMatchObject({ runs: [{ id: run.id, params: masked }] })
    const skips = await call('GET', `/api/runs/${run.id}/skips`)
    expect(skips.json).toMatchObject({ skips: [{ error: { message: `401 for ${MASK}` } }] })
    const slices = await call('GET', `/api/runs/${run.id}/slices`)
    expectNoSecret(shown.json, list.json, skips.json, slices.json)
  })

  it('are masked in events: those a listener hears, those the object keeps, and those it streams', async () => {
    const run = await failed()
    const kept = await runInDurableObject(stub(run.id), (_instance: RunHost, state) =>
      state.storage.sql.exec('SELECT event FROM events').toArray(),
    )
    const stream = await EventStream.open(run.id)
    const streamed = await stream.until(({ event }) => event === 'run')
    await stream.close()
    expect(run.told('iteration.skipped')[0]?.error.message).toBe(`401 for ${MASK}`)
    expect(streamed.at(-1)?.data).toMatchObject({ params: masked })
    expectNoSecret(run.events, kept, streamed)
  })

  it('are in D1 as they are in the params alone, and a re-drive has them too', async () => {
    const run = await failed()
    const row = await env.DB.prepare('SELECT * FROM dogear_runs WHERE id = ?').bind(run.id).first()
    expect(JSON.parse(String(row?.['params']))).toEqual(params)
    expectNoSecret({ ...row, params: null })
    const { child } = await redrive(leaky, run)
    expect((await child.view()).params).toEqual(masked)
  })

  it('are named where jobs are listed, so that a form can hide what is typed', async () => {
    const app = api(new Registry([leaky]))
    const response = await app.request('http://localhost/api/jobs', {}, env)
    expect(await response.json()).toMatchObject({
      jobs: [{ name: 'leaky', sensitive: ['apiKey', 'smtp.password'] }],
    })
  })

  it('are not told by what they may be, or are by default', async () => {
    const keyed = defineIteration({
      name: 'keyed-by-default',
      params: z.object({
        apiKey: z.string().default(KEY),
        smtp: z.object({ password: z.string().default(PASSWORD) }).default({ password: PASSWORD }),
        accounts: z.array(z.object({ token: z.literal(KEY).nullable() })).default([{ token: KEY }]),
        host: z.string().default('localhost'),
      }),
      sensitive: ['apiKey', 'smtp.password', 'accounts.token'],
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1], { cursor }),
      eachIteration: () => undefined,
    })
    const app = api(new Registry([keyed]))
    const text = await (await app.request('http://localhost/api/jobs', {}, env)).text()
    expect(text).not.toContain(KEY)
    expect(text).not.toContain(PASSWORD)
    expect(text).toContain('"default":"localhost"')
    expect(text).toContain(`"default":{"password":"${MASK}"}`)
  })

  it.each([
    ['a validator that repeats it', { ...params, apiKey: 'key-9876' }, 'key-9876'],
    ['a nested one', { ...params, smtp: { password: 'wrong' } }, 'wrong is wrong'],
  ])('are masked in a problem of validation: %s', async (_what, given, secret) => {
    const app = api(new Registry([leaky]))
    const response = await app.request(
      'http://localhost/api/jobs/leaky/runs',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ params: given }),
      },
      env,
    )
    const text = await response.text()
    expect(text).toContain('invalid_params')
    expect(text).toMatch(/(apiKey|smtp\.password): is not valid/)
    expect(text).not.toContain(secret)
  })
})
