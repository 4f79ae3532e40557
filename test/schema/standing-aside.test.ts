import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RunHost } from '../../durable-objects/run-host.ts'
import { defineIteration } from '../../src/engine/index.ts'
import { consume } from '../../src/engine/slice/consumer.ts'
import { Schema } from '../../src/schema/schema.ts'
import { VERSIONS } from '../../src/schema/versions.ts'
import { NETWORK_ERROR, testBench } from '../../src/testing/index.ts'
import { appended, createTables, truth, upTo } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { deployed } from '../support/object-code.ts'
import { batched } from '../support/schema-of.ts'

/** A release to come, whose tables are not for code of today. */
const NEXT = VERSIONS.length + 1
const newer = (...statements: string[]) => [
  ...VERSIONS,
  { version: NEXT, breaking: true, statements },
]

const job = defineIteration({
  name: 'append-beside-a-newer-release',
  budget: { items: 2 },
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(6), { cursor }),
  async eachIteration(item, { effects, run }) {
    await happens()
    append(effects, run.id, item)
  },
})

/** When an isolate looks at the database again is by this time. */
let now: number
/** What is done while an item is worked on. */
let happens: () => Promise<void>

const bench = testBench({ env: { ...env, RUNS: env.RUNS_OF_ANY_CODE }, jobs: [job] })

/** An isolate with the code that knows these versions. */
function codeOf(versions: typeof VERSIONS) {
  const schema = new Schema({ versions, now: () => now })
  return { ready: (failed?: unknown) => schema.ready(env.DB, failed) }
}

/** Objects that start from now on have that code. */
function deployObjects({ ready }: ReturnType<typeof codeOf>): void {
  deployed.objects = class extends RunHost {
    constructor(...args: ConstructorParameters<typeof RunHost>) {
      super(...args)
      // For good: a bench has its objects look once.
      Object.defineProperty(this, 'ready', { get: () => ready, set() {} })
    }
  }
}

const migrate = (...statements: string[]) => codeOf(newer(...statements)).ready()

beforeAll(createTables)
beforeEach(() => {
  now = 0
  happens = async () => {}
  deployObjects(codeOf(VERSIONS))
})
afterEach(async () => {
  await env.DB.prepare(`DELETE FROM dogear_schema WHERE version = ${NEXT}`).run()
  deployed.objects = RunHost
})

describe('Code of before beside a breaking version of the tables', () => {
  it('stands aside without a claim, and its run completes once newer code is there', async () => {
    const before = codeOf(VERSIONS)
    const { id } = await bench.start(job)
    expect(await bench.deliver(id, { deps: before })).toMatchObject({ progress: { done: 2 } })
    await migrate()
    now = 30_000
    const untouched = await truth(id)
    for (let times = 0; times < 3; times++) {
      // eslint-disable-next-line no-await-in-loop -- one after the other is the point
      const shown = await bench.drive(id, { deps: before, until: () => true })
      expect(shown).toMatchObject({ status: 'interrupted', slices: 1, attempts: 0 })
    }
    expect(await truth(id)).toEqual(untouched)

    // Its object still has the code of before: it asks nothing of D1, and sends the messages.
    const after = codeOf(newer())
    const shown = await bench.drive(id, { deps: after, until: () => true })
    expect(shown).toMatchObject({ progress: { done: 4 } })
    deployObjects(after)
    await bench.evict(id)
    expect(await bench.drive(id, { deps: after })).toMatchObject({
      status: 'completed',
      attempts: 0,
      slices: 4,
    })
    expect(await appended(id)).toEqual(upTo(6))
    expect(await bench.verify(id)).toMatchObject({ ok: true })
  })

  it('acknowledges the message, and leaves those of others to the host', async () => {
    const { id } = await bench.start(job)
    await migrate()
    const acknowledged: unknown[] = []
    const message = (body: unknown) => ({ body, ack: () => void acknowledged.push(body) })
    const ours = { run: id, lane: 0, n: 0 }
    const deps = { ...bench.deps(), ...codeOf(VERSIONS) }
    const foreign = await consume([message(ours), message('theirs')], deps)
    expect(acknowledged).toEqual([ours])
    expect(foreign.map(({ body }) => body)).toEqual(['theirs'])
    expect(await bench.view(id)).toMatchObject({ status: 'queued', slices: 0 })
  })

  it('stops in the middle of a slice when its statements fail, and the run loses no attempt', async () => {
    const before = codeOf(VERSIONS)
    const { id } = await bench.start(job)
    await bench.deliver(id, { deps: before })
    happens = () => migrate('ALTER TABLE dogear_ledger RENAME COLUMN code_version TO release')
    const shown = await bench.drive(id, { deps: before, until: () => true })
    expect(shown).toMatchObject({ status: 'interrupted', reason: 'deploy', attempts: 0 })
    expect(shown.progress.done).toBe(2)
    await batched(env.DB, 'ALTER TABLE dogear_ledger RENAME COLUMN release TO code_version')
    happens = async () => {}
    const after = codeOf(newer())
    expect(await bench.drive(id, { deps: after })).toMatchObject({ status: 'completed' })
    expect(await appended(id)).toEqual(upTo(6))
  })

  it('starts no run', async () => {
    await migrate()
    await expect(bench.start(job)).rejects.toThrow(
      `code that does not know version ${NEXT} must not work on them`,
    )
  })
})

it('Code that does not hear whether it fits goes on: the slice itself notices that D1 is out of reach', async () => {
  const unheard = { ready: () => Promise.reject(new Error(NETWORK_ERROR)) }
  const { id } = await bench.start(job)
  expect(await bench.drive(id, { deps: unheard })).toMatchObject({ status: 'completed' })
})
