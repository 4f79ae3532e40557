import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { keepTimeBy } from '../../src/engine/clock.ts'
import { Schema } from '../../src/schema/schema.ts'
import { VERSIONS } from '../../src/schema/versions.ts'
import { applyDogear, TestClock } from '../../src/testing/index.ts'
import { CANARY } from '../../src/worker/canary.ts'
import { examine } from '../../src/worker/doctor.ts'
import { createDogear } from '../../src/worker/index.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'
import { emptied } from '../support/schema-of.ts'

beforeEach(async () => {
  await createTables()
  await env.DB.exec('DELETE FROM dogear_beats')
})

/** The tables are those of the first version. */
async function backToFirstVersion(): Promise<void> {
  await emptied(env.DB)
  await new Schema({ versions: VERSIONS.slice(0, 1) }).ready(env.DB)
}

const dogear = createDogear({
  jobs: [appendSteps],
  runs: 'RUNS',
  queue: 'QUEUE',
  version: 'VERSION',
})

/** The Worker, with a queue whose messages are taken, or lost. */
function worker({ taken = true, more = {} }: { taken?: boolean; more?: object } = {}) {
  const clock = TestClock.ticking()
  const ack = () => undefined
  const send = async (body: unknown) => {
    if (!taken) return void clock.advance('1 minute')
    await dogear.queue({ messages: [{ body, ack }] } as unknown as MessageBatch, bindings)
  }
  const QUEUE = { send, sendBatch: send }
  const bindings = { ...env, QUEUE, ...more } as unknown as Cloudflare.Env
  const bound = dogear.bind(bindings)
  keepTimeBy(bound, clock)
  return bound
}

const found = async (bound: Cloudflare.Env) =>
  Object.fromEntries((await examine(bound)).map(({ name, ...check }) => [name, check]))

describe('GET /doctor', () => {
  it('finds nothing to do in a Worker that is wired well', async () => {
    const bound = worker()
    await dogear.scheduled({ cron: '* * * * *', scheduledTime: Date.now() }, bound)
    const checks = await examine(bound)
    expect(checks.map(({ name }) => name).toSorted()).toEqual([
      'cron',
      'limits',
      'objects',
      'queue',
      'tables',
      'version',
    ])
    expect(checks.filter(({ ok, todo }) => !ok || todo !== '')).toEqual([])
  })

  it('finds a queue that nobody takes from', async () => {
    expect((await found(worker({ taken: false })))['queue']).toMatchObject({
      ok: false,
      found: expect.stringContaining('not taken within 8 s'),
      todo: expect.stringContaining('queues.consumers'),
    })
  })

  it('finds nothing wrong with a queue whose consumer is busy with a slice', async () => {
    const body = { run: '0'.repeat(32), lane: 0, n: 1 }
    const messages = [{ body, ack: () => undefined }]
    await dogear.queue({ messages } as unknown as MessageBatch, worker())
    expect((await found(worker({ taken: false })))['queue']).toEqual({
      ok: true,
      found: 'messages of QUEUE are taken',
      todo: '',
    })
  })

  it('finds a cron that does not ring', async () => {
    const never = (await found(worker()))['cron']
    expect(never).toMatchObject({ found: 'has never rung', todo: expect.stringContaining('crons') })
  })

  it('advises the cron that is its own', async () => {
    const other = createDogear({
      jobs: [appendSteps],
      runs: 'RUNS',
      version: 'VERSION',
      cron: '*/1 * * * *',
    })
    const ask = new Request('http://localhost/dogear/doctor')
    const context = {} as ExecutionContext
    const answer = await other.fetch(ask, { ...env, QUEUE: undefined } as never, context)
    const { checks } = await answer.json<{ checks: { name: string; todo: string }[] }>()
    expect(checks.find(({ name }) => name === 'cron')?.todo).toContain('add "*/1 * * * *"')
  })

  it('finds a binding that is missing, and says what to type', async () => {
    const checks = await found(
      worker({ more: { DB: undefined, RUNS: undefined, VERSION: undefined } }),
    )
    expect(checks['tables']).toMatchObject({ ok: false, todo: 'npx dogear init' })
    expect(checks['objects']).toMatchObject({ ok: false, todo: 'npx dogear init' })
    expect(checks['version']?.todo).toContain('version_metadata')
  })

  it('finds tables that are behind', async () => {
    await backToFirstVersion()
    const checks = await found(worker())
    await applyDogear(env.DB)
    expect(checks['tables']).toMatchObject({ ok: false, todo: 'npx dogear migrate' })
    // These would only find the same.
    expect(checks).not.toHaveProperty('queue')
    expect(checks).not.toHaveProperty('cron')
  })

  it('lets a new database have its tables first', async () => {
    await backToFirstVersion()
    const checks = await examine(worker(), { ready: () => applyDogear(env.DB) })
    expect(checks.find(({ name }) => name === 'tables')).toMatchObject({ ok: true })
  })

  it.each([
    [['API_LIMIT', 'LOGIN_LIMIT'], /^add to ratelimits: .*"API_LIMIT".*, .*"LOGIN_LIMIT"/],
    [['LOGIN_LIMIT'], /^add to ratelimits: \{ "name": "LOGIN_LIMIT", "namespace_id": "7402"/],
  ])('notes that there are tokens, and not the rate limits %j', async (names, todo) => {
    const lacking = Object.fromEntries(names.map((name) => [name, undefined]))
    const API_TOKENS = '[{ "name": "ci" }]'
    const { limits } = await found(worker({ more: { API_TOKENS, ...lacking } }))
    expect(limits).toEqual({
      ok: true,
      found: `API_TOKENS without the rate limits ${names.join(' and ')}, so nobody who guesses is slowed down`,
      todo: expect.stringMatching(todo),
    })
    expect((await found(worker({ more: { API_TOKENS } })))['limits']?.todo).toBe('')
    expect((await found(worker({ more: lacking })))['limits']?.todo).toBe('')
  })

  it('names the environment, and a colour that the page does not have', async () => {
    const named = (more: object) => found(worker({ more })).then(({ environment }) => environment)
    expect(await named({})).toBeUndefined()
    expect(await named({ DOGEAR_ENVIRONMENT: 'staging' })).toMatchObject({
      ok: true,
      found: 'staging, amber',
    })
    const pink = { DOGEAR_ENVIRONMENT: 'staging', DOGEAR_ENVIRONMENT_COLOR: 'pink' }
    expect(await named(pink)).toEqual({
      ok: false,
      found: "DOGEAR_ENVIRONMENT_COLOR is 'pink', which is no colour of the page",
      todo: 'make it one of red, amber, green, blue, violet, grey, or leave it out',
    })
  })

  it('is asked by those who may look only', async () => {
    const API_TOKENS = JSON.stringify([{ name: 'ci', role: 'viewer', token: 'x'.repeat(40) }])
    const bound = worker({ more: { API_TOKENS, DEV_ACCESS: undefined } })
    const ask = (headers: Record<string, string>) =>
      dogear.fetch(new Request('https://acme.example/dogear/doctor', { headers }), bound, {
        waitUntil: () => undefined,
      } as never)
    expect((await ask({})).status).toBe(401)
    const answer = await ask({ authorization: `Bearer ${'x'.repeat(40)}` })
    expect(await answer.json()).toMatchObject({ ok: true })
  })
})

it('a canary is no message of the host’s, and is acknowledged', async () => {
  let acknowledged = 0
  const message = { body: CANARY, ack: () => (acknowledged += 1) }
  const left = await dogear.queue({ messages: [message] } as unknown as MessageBatch, worker())
  expect({ left, acknowledged }).toEqual({ left: [], acknowledged: 1 })
})
