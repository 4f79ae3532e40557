import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { RunHost } from '../../durable-objects/run-host.ts'
import { defineJob } from '../../src/engine/index.ts'
import { Schema, type SchemaMode } from '../../src/schema/schema.ts'
import { createDogear } from '../../src/worker/index.ts'
import { FaultyDatabase, testBench } from '../../src/testing/index.ts'
import { deployed } from '../support/object-code.ts'
import { emptied, madeIn } from '../support/schema-of.ts'

/** A Worker whose database has nothing of Dogear's at first, and what its mode makes of that. */
const job = defineJob({ name: 'tables-are-there', perform: ({ step }) => step('one', () => 1) })

const dogearOf = (schema?: SchemaMode) =>
  createDogear({
    jobs: [job],
    runs: 'RUNS',
    queue: 'QUEUE',
    path: '/',
    ...(schema && { schema }),
  })

const context = { waitUntil: () => undefined } as unknown as ExecutionContext
const minute = () => ({ scheduledTime: Date.now(), cron: '* * * * *' })

beforeEach(() => emptied(env.DB))

async function asked(dogear: ReturnType<typeof dogearOf>, path: string) {
  const answer = await dogear.fetch(new Request(`http://localhost${path}`), env, context)
  return { status: answer.status, body: await answer.json<{ code?: string; detail?: string }>() }
}

describe('A Worker whose tables make themselves', () => {
  it('has them with the first request that needs them', async () => {
    const dogear = dogearOf()
    expect(await asked(dogear, '/health')).toMatchObject({ status: 200 })
    expect(await madeIn(env.DB)).toEqual([])
    expect(await asked(dogear, '/api/runs')).toMatchObject({ status: 200 })
    expect((await madeIn(env.DB)).map(({ name }) => name)).toContain('dogear_runs')
  })

  it('has them with the first tick, and with the first start', async () => {
    expect(await dogearOf().scheduled(minute(), env)).toBe(true)
    await emptied(env.DB)
    expect(await dogearOf().start(env, job)).toMatchObject({ job: job.name, status: 'queued' })
  })

  it('has them again when somebody has dropped them: one answer is an error, the next is none', async () => {
    const dogear = dogearOf()
    await asked(dogear, '/api/runs')
    await emptied(env.DB)
    expect(await asked(dogear, '/api/runs')).toMatchObject({ status: 500 })
    expect(await asked(dogear, '/api/runs')).toMatchObject({ status: 200 })
  })
})

describe('A session, of a database that is empty since', () => {
  const token = 'viewer-5f1d0c2b9a'
  const API_TOKENS = JSON.stringify([{ name: 'anna', role: 'viewer', token }])
  const url = (path: string) => `http://localhost:8787${path}`
  const bindings = (more: object) => ({ ...env, API_TOKENS, ...more }) as Cloudflare.Env

  /** The cookie of somebody who has logged in. */
  async function loggedIn(): Promise<string> {
    const request = new Request(url('/api/session'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    const answer = await dogearOf().fetch(request, bindings({}), context)
    expect(answer.status).toBe(200)
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    await emptied(env.DB)
    return cookie
  }

  const doctor = (cookie: string, more: object) =>
    dogearOf('check').fetch(
      new Request(url('/doctor'), { headers: { cookie } }),
      bindings(more),
      context,
    )

  it('does not count, and the answer says why', async () => {
    const answer = await doctor(await loggedIn(), { DEV_ACCESS: undefined })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({
      code: 'unauthenticated',
      detail: expect.stringMatching(/no such table: .*npx dogear doctor --token TOKEN/),
    })
  })

  it('keeps nobody from the doctor who may see it without', async () => {
    const answer = await doctor(await loggedIn(), { DEV_ACCESS: 'loopback' })
    expect(answer.status).toBe(200)
    const { checks } = await answer.json<{ checks: object[] }>()
    expect(checks).toContainEqual({
      name: 'tables',
      ok: false,
      found: expect.stringContaining('npx dogear migrate'),
      todo: 'npx dogear migrate',
    })
  })
})

describe('A Worker that checks its tables', () => {
  it('says by the API and at the start of a run what to type, and takes no run on', async () => {
    const dogear = dogearOf('check')
    expect(await asked(dogear, '/api/runs')).toMatchObject({
      status: 503,
      body: { code: 'schema_outdated', detail: expect.stringContaining('npx dogear migrate') },
    })
    await expect(dogear.start(env, job)).rejects.toMatchObject({ code: 'schema_outdated' })
    await expect(dogear.scheduled(minute(), env)).rejects.toMatchObject({ code: 'schema_outdated' })
    expect(await madeIn(env.DB)).toEqual([])
  })

  it('has objects that begin no run, and leaves messages to their patience', async () => {
    await new Schema().ready(env.DB)
    const { id } = await dogearOf().start(env, job)
    await emptied(env.DB)
    const dogear = dogearOf('check')
    const acknowledged: string[] = []
    const message = { body: { run: id, lane: 0, n: 0 }, ack: () => void acknowledged.push(id) }
    expect(await dogear.queue({ messages: [message] } as unknown as MessageBatch, env)).toEqual([])
    expect(acknowledged).toEqual([id])
    await runInDurableObject(env.RUNS.getByName('another'), async (_instance: RunHost, state) => {
      const run = { ...({} as Parameters<RunHost['create']>[0]), id: 'another', parent: null }
      const own = new dogear.JobRun(state, env)
      await expect(own.create(run)).rejects.toMatchObject({ code: 'schema_outdated' })
    })
  })
})

it("A Worker whose tables are its owner's own business does not look", async () => {
  const dogear = dogearOf('manual')
  expect(await asked(dogear, '/api/runs')).toMatchObject({ status: 500 })
  expect(await madeIn(env.DB)).toEqual([])
  await new Schema().ready(env.DB)
  expect(await asked(dogear, '/api/runs')).toMatchObject({ status: 200 })
})

it('A bench has the tables made by the objects themselves, and none of that among the calls that it counts', async () => {
  deployed.objects = dogearOf().JobRun
  onTestFinished(() => void (deployed.objects = RunHost))
  const counted: string[] = []
  const { binding: objectsDb } = new FaultyDatabase(env.DB, ({ sql }) => {
    counted.push(...sql)
    return undefined
  })
  const bench = testBench({ env: { ...env, RUNS: env.RUNS_OF_ANY_CODE }, objectsDb })
  expect(await bench.runInline(job)).toMatchObject({ status: 'completed' })
  expect(counted.length).toBeGreaterThan(0)
  expect(counted.filter((sql) => sql.includes('dogear_schema'))).toEqual([])
})
