import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { initialDriving, LEASE_MS } from '../../../src/engine/drive/driving.ts'
import { claim, onTime, report } from '../../../src/engine/drive/lease.ts'
import type { RunObject } from '../../../src/engine/drive/protocol.ts'
import { runObjects } from '../../../src/engine/drive/run-objects.ts'
import { defineIteration, type Job } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { DEFAULT_RETRY } from '../../../src/engine/policies/retry-policy.ts'
import { consume, workerDeps } from '../../../src/engine/slice/consumer.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import { createTables, driving, passTime, start, view } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'

beforeAll(createTables)

const never = new Promise<never>(() => undefined)

/** An isolate: once it is dead, nothing in it says or hears anything. */
class Isolate {
  #dead = false
  readonly died: Promise<void>
  readonly #die: () => void

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.died = promise
    this.#die = resolve
  }

  kill(): Promise<never> {
    this.#dead = true
    this.#die()
    return never
  }

  readonly db = new FaultyDatabase(env.DB, () => (this.#dead ? 'hangs' : undefined)).binding

  objects = (id: string): RunObject => {
    const real = runObjects(env)(id)
    const alive =
      <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
      async (...args: A): Promise<T> => {
        if (this.#dead) return never
        const answer = await call(...args)
        return this.#dead ? never : answer
      }
    const parts: Partial<RunObject> = {
      claim: alive((lane, n) => real.claim(lane, n)),
      report: alive((news, told) => real.report(news, told)),
      release: alive((last, fence, outcome, told) => real.release(last, fence, outcome, told)),
    }
    return parts as RunObject
  }
}

let isolate: Isolate

/** Takes more memory than an isolate has. */
const culprit = (attempts: number): Job =>
  defineIteration({
    name: `kills-its-isolate-${attempts}`,
    retry: { attempts },
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(2, { cursor }),
    eachIteration: () => isolate.kill(),
  })
/** Is always in the middle of its first item when the culprit strikes. */
const neighbour = (attempts: number): Job =>
  defineIteration({
    name: `neighbour-of-it-${attempts}`,
    retry: { attempts },
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(2, { cursor }),
    async eachIteration(item, { effects, run }) {
      await scheduler.wait(60)
      append(effects, run.id, item)
    },
  })
const LIMITS = [2, 3, 5]
const jobs = new Registry(LIMITS.flatMap((attempts) => [culprit(attempts), neighbour(attempts)]))

/** All that are under way are delivered together, in an isolate of their own. */
async function deliverTogether(runs: readonly string[]): Promise<void> {
  isolate = new Isolate()
  const due: string[] = []
  for (const run of runs) if (!(await view(run)).finishedAt) due.push(run)
  const messages = await Promise.all(
    due.map(async (run) => {
      const { n, alone } = await driving(run)
      return { body: { run, lane: 0, n, ...(alone && { alone: true }) }, ack: () => undefined }
    }),
  )
  const { objects, db } = isolate
  const deps = { ...workerDeps({ ...env, DB: db }, jobs), objects }
  await Promise.race([consume(messages, deps), isolate.died])
  await scheduler.wait(80)
  for (const run of due) await passTime(run, 1_000_000)
}

describe('H51 a run that kills its isolate', () => {
  it.each(LIMITS)(
    'is failed, and those that shared its deliveries get on: %i attempts',
    async (attempts) => {
      const bad = await start(culprit(attempts))
      const good = [await start(neighbour(attempts)), await start(neighbour(attempts))]
      for (let delivery = 0; delivery < 8; delivery++) await deliverTogether([bad, ...good])
      expect(await view(bad)).toMatchObject({
        status: 'failed',
        error: { code: 'attempts_exhausted' },
      })
      for (const run of good) expect(await view(run)).toMatchObject({ status: 'completed' })
    },
  )
})

describe('H52 runs that vanish together', () => {
  /** So often in a row; `progressed`: each slice had got further before. */
  const vanished = ({ times = 1, attempts = 5, progressed = false, random = 1 }) => {
    const run = {
      id: 'r',
      job: 'job',
      style: 'continuable' as const,
      params: '{}',
      options: { retry: { ...DEFAULT_RETRY, attempts } },
      parent: null,
    }
    const d = { ...initialDriving(run, 0), inD1: true }
    for (let time = 1; time <= times; time++) {
      claim(d, run, d.n, 1_000 * time)
      if (progressed) report(d, { ...d.seen, fence: d.fence, seq: 1, progress: time }, 1_000 * time)
      d.sendAt = null
      onTime(d, run, d.lease?.until ?? 0, () => random)
    }
    return { ...d, wait: (d.sendAt ?? Infinity) - d.updatedAt - LEASE_MS }
  }

  it('come back at once, together: most often a deploy or a crash has ended them', () => {
    expect(vanished({})).toMatchObject({ alone: false, wait: 0 })
    expect(vanished({ progressed: true })).toMatchObject({ alone: false, wait: 0 })
  })

  it.each([
    ['without progress', { times: 2 }],
    ['with progress', { times: 2, progressed: true }],
    ['where one more slice is the last one', { attempts: 2 }],
    ['where each slice is the last one', { attempts: 1, progressed: true }],
  ])('come back at different times, soon, and each alone: the second time %s', (_, how) => {
    const times = [0, 0.5, 1].map((random) => vanished({ ...how, random }).sendAt ?? 0)
    expect(new Set(times).size).toBe(3)
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(5_000)
    expect(vanished(how).alone).toBe(true)
  })
})
