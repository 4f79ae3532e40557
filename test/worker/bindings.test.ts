import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { queueOf } from '../../durable-objects/queues.ts'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { DEFAULT_QUEUE } from '../../src/engine/drive/driving.ts'
import type { RunOptions } from '../../src/engine/drive/run-record.ts'
import { bindingsOf, withDatabase } from '../../src/engine/bindings.ts'
import { codeVersion } from '../../src/engine/code-version.ts'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { defineJob, type Job } from '../../src/engine/index.ts'
import { createDogear } from '../../src/worker/index.ts'
import { createTables, driving, start, stub, view } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

/** What this Worker has, by the names of another one. */
interface Billing {
  BILLING_DB: D1Database
  JOBS: Cloudflare.Env['RUNS']
  SLICES: Queue
  DB: string
}
const NAMES = { db: 'BILLING_DB', runs: 'JOBS', queue: 'SLICES' } as const

function billing(more: Partial<Billing> = {}): Cloudflare.Env {
  const { DB: BILLING_DB, RUNS: JOBS, QUEUE: SLICES } = env
  return { BILLING_DB, JOBS, SLICES, DB: 'the host’s own', ...more } as unknown as Cloudflare.Env
}

/** Of a Worker whose bindings the compiler does not know. */
const dogearOf = (jobs: readonly Job[], names: object = NAMES) =>
  createDogear({ jobs, path: '/', ...names })

/** A Worker with none of them, or with these. */
function poor(bindings: object = {}): Cloudflare.Env {
  return bindings as Cloudflare.Env
}

const context = {
  waitUntil: () => undefined,
  passThroughOnException: () => undefined,
} as unknown as ExecutionContext

describe('a Worker that calls its bindings otherwise', () => {
  it('is served, and its jobs find its own bindings as they are, metered', async () => {
    const seen: unknown[] = []
    const named = billing()
    const statementsOf = async (looks: number): Promise<number> => {
      const job = defineJob({
        name: 'billing',
        async perform({ step, env: own }) {
          await step('look', async () => {
            const { BILLING_DB, DB } = own as unknown as Billing
            for (let look = 0; look < looks; look++) {
              seen.push(await BILLING_DB.prepare('SELECT 1 AS one').first('one'), DB)
            }
          })
        },
      })
      const dogear = dogearOf([job])
      const { id: run } = await dogear.start(named, job)
      const body = { run, lane: 0, n: (await driving(run)).n }
      const messages = [{ body, ack: () => undefined }]
      await dogear.queue({ messages } as unknown as MessageBatch, named)
      const { status, codeVersion: version, cost } = await view(run)
      expect({ status, version }).toEqual({ status: 'completed', version: '#unversioned' })
      return cost.d1Statements
    }
    expect((await statementsOf(2)) - (await statementsOf(0))).toBe(2)
    expect(seen).toEqual([1, 'the host’s own', 1, 'the host’s own'])
  })

  it('answers by the API, and looks after its runs by the clock', async () => {
    const dogear = dogearOf([appendSteps])
    const answer = await dogear.fetch(new Request('http://localhost/health'), billing(), context)
    expect(await answer.json()).toEqual({ ok: true, service: 'dogear', version: '' })
    const minute = { scheduledTime: Date.now(), cron: '* * * * *' }
    expect(await dogear.scheduled(minute, billing())).toBe(true)
    expect(bindingsOf(dogear.bind(billing())).db).toBe(env.DB)
  })

  it('has an object of runs that finds them, too', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await runInDurableObject(stub(run), async (_instance, state) => {
      const own = new (dogearOf([appendSteps]).JobRun)(state, billing())
      expect(await own.describe()).toMatchObject({ id: run })
      await own.poke(run)
    })
  })

  it('is not changed by the names: each createDogear sees its own', () => {
    const both = { ...billing(), OTHER_DB: env.DB } as unknown as Cloudflare.Env
    const other = dogearOf([], { ...NAMES, db: 'OTHER_DB' })
    expect(bindingsOf(other.bind(both)).db).toBe(env.DB)
    expect(bindingsOf(dogearOf([]).bind(both)).db).toBe(env.DB)
    expect(() => bindingsOf(dogearOf([], { db: 'NO_DB' }).bind(both)).db).toThrow('env.NO_DB')
    expect(dogearOf([]).bind(both)).not.toBe(other.bind(both))
  })
})

describe('a binding that is missing', () => {
  it.each([
    ['db', () => ({}), 'looked for a D1 database at env.DB and found none; the Worker has none'],
    ['db', () => ({ BILLING_DB: env.DB, DB: env.QUEUE }), 'the Worker has BILLING_DB of that kind'],
    [
      'runs',
      () => ({ JOBS: env.RUNS }),
      'a Durable Object namespace at env.RUNS and found none; the Worker has JOBS',
    ],
    [
      'queue',
      () => ({ QUEUE: env.DB, A: env.QUEUE, B: env.QUEUE }),
      'a queue producer at env.QUEUE and found none; the Worker has A, B',
    ],
  ] as const)('is one sentence: %s', (name, bindings, text) => {
    expect(() => bindingsOf(poor(bindings()))[name]).toThrow(
      expect.objectContaining({ code: 'missing_binding', message: expect.stringContaining(text) }),
    )
  })

  it('says so of a queue that was named, and only of that one', () => {
    const bound = dogearOf([]).bind(billing({ SLICES: undefined as never }))
    expect(bindingsOf(bound).db).toBe(env.DB)
    expect(() => bindingsOf(bound).queue).toThrow(
      "a queue producer at env.SLICES and found none; the Worker has none of that kind. Run 'npx dogear init'",
    )
    const unnamed = dogearOf([], { db: 'BILLING_DB', runs: 'JOBS' }).bind(billing())
    expect(bindingsOf(unnamed).queue).toBeUndefined()
  })

  it('keeps a run from being taken on that nobody could work', async () => {
    const run = '0'.repeat(31) + '7'
    const refused = await runInDurableObject(stub(run), async (instance: RunHost) => {
      const { workSlice } = instance.inbox
      instance.inbox.workSlice = undefined
      Object.assign(instance, { env: { ...env, QUEUE: undefined } })
      const options = { retry: { attempts: 1, waitMs: 1, maxWaitMs: 1 } }
      const of = { job: 'append-steps', style: 'continuable', params: '{}', parent: null } as const
      const create = instance.create({ ...of, id: run, options })
      const error: unknown = await create.catch((thrown: unknown) => thrown)
      Object.assign(instance, { env })
      instance.inbox.workSlice = workSlice
      return String(error)
    })
    expect(refused).toContain('looked for a queue producer at env.QUEUE')
    expect(await runObjects(env)(run).describe()).toBeNull()
  })
})

describe('the queue of a run', () => {
  const sender = () => ({ send: () => Promise.resolve(), sendBatch: () => Promise.resolve() })
  const [other, own] = [sender(), sender()]
  const host = { ...env, QUEUE: other, DOGEAR_QUEUE: own } as unknown as Cloudflare.Env
  const bound = createDogear({ jobs: [], runs: 'RUNS' }).bind(host)

  it('is Dogear’s own where the job names none, and never the host’s of a like name', () => {
    expect(queueOf(bound, DEFAULT_QUEUE, {} as RunOptions).queue).toBe(own)
  })

  it('is the host’s where the job names it, also by that name', () => {
    const queue = 'QUEUE'
    expect(queueOf(bound, queue, { queue } as RunOptions).queue).toBe(other)
  })

  it('is Dogear’s own again where a deploy has taken the named one away', () => {
    const queue = 'SLOW'
    expect(queueOf(bound, queue, { queue } as RunOptions)).toEqual({
      queue: own,
      own: false,
      gone: 'SLOW',
    })
  })
})

describe('the code version', () => {
  it('is that of the binding, and sorts after none', () => {
    const VERSION = { id: 'b', timestamp: '2026-11-29T00:00:00Z', tag: '' }
    expect(codeVersion(poor({ VERSION }))).toBe('2026-11-29T00:00:00Z#b')
    expect(codeVersion(poor()) < codeVersion(poor({ VERSION }))).toBe(true)
    expect(codeVersion(poor())).toBe(codeVersion(poor()))
  })
})

it('another database takes the place of Dogear’s under every name it has', () => {
  const db = { prepare: vi.fn(), batch: vi.fn() } as unknown as D1Database
  const other = withDatabase({ ...env, SAME: env.DB }, db)
  expect([other.DB, other.SAME, bindingsOf(other).db]).toEqual([db, db, db])
  expect(other.RUNS).toBe(env.RUNS)
  expect(bindingsOf(other).runs).toBe(env.RUNS)
})
