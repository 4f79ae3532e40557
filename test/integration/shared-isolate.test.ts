import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { initialDriving } from '../../src/engine/drive/driving.ts'
import { claim, onTime } from '../../src/engine/drive/lease.ts'
import type { RunObject } from '../../src/engine/drive/protocol.ts'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { defineIteration, type Job, Registry } from '../../src/engine/index.ts'
import { DEFAULT_RETRY } from '../../src/engine/policies/retry-policy.ts'
import { consume, workerDeps } from '../../src/engine/slice/consumer.ts'
import { createTables, driving, passTime, start, view } from '../support/drive.ts'
import { append } from '../support/jobs.ts'

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
      report: alive((report, told) => real.report(report, told)),
      release: alive((last, fence, outcome, told) => real.release(last, fence, outcome, told)),
    }
    return parts as RunObject
  }
}

let isolate: Isolate

/** Takes more memory than an isolate has. */
const culprit: Job = defineIteration({
  name: 'kills-its-isolate',
  retry: { attempts: 3 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(2, { cursor }),
  eachIteration: () => isolate.kill(),
})
/** Is always in the middle of its first item when the culprit strikes. */
const neighbour: Job = defineIteration({
  name: 'neighbour-of-it',
  retry: { attempts: 3 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(2, { cursor }),
  async eachIteration(item, { effects, run }) {
    await scheduler.wait(60)
    append(effects, run.id, item)
  },
})
const jobs = new Registry([culprit, neighbour])

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
  const deps = { ...workerDeps(env, jobs), objects: isolate.objects }
  await Promise.race([consume(messages, deps), isolate.died])
  await scheduler.wait(80)
  for (const run of due) await passTime(run, 1_000_000)
}

describe('H51 a run that kills its isolate', () => {
  it('is failed, and those that shared its deliveries are not: they get on', async () => {
    const bad = await start(culprit)
    const good = [await start(neighbour), await start(neighbour)]
    for (let delivery = 0; delivery < 8; delivery++) await deliverTogether([bad, ...good])
    expect(await view(bad)).toMatchObject({
      status: 'failed',
      error: { code: 'attempts_exhausted' },
    })
    for (const run of good) expect(await view(run)).toMatchObject({ status: 'completed' })
  })
})

describe('H52 runs that vanish together', () => {
  const vanished = (random: number) => {
    const run = {
      id: 'r',
      job: 'job',
      style: 'continuable' as const,
      params: '{}',
      options: { retry: DEFAULT_RETRY },
      parent: null,
    }
    const d = { ...initialDriving(run, 0), inD1: true }
    claim(d, run, d.n, 1_000)
    onTime(d, d.leaseUntil ?? 0, () => random)
    return d
  }

  it('come back at different times, soon', () => {
    const times = [0, 0.5, 1].map((random) => vanished(random).sendAt ?? 0)
    expect(new Set(times).size).toBe(3)
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(2_500)
  })

  it('each ask to be worked alone', () => {
    expect(vanished(0).alone).toBe(true)
  })
})
