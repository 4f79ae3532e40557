import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { Past } from '../../durable-objects/past.ts'
import type { RunHost } from '../../durable-objects/run-host.ts'
import type { EventsQuery } from '../../src/engine/drive/protocol.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import { bench, createTables, object, start, stub } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const BEGAN = Date.UTC(2026, 0, 1)
const at = (second: number) => new Date(BEGAN + second * 1_000).toISOString()

/** Lets a run's past be written by hand; what is stored is as if its object had. */
async function withPast<T>(work: (past: Past, sql: SqlStorage) => T): Promise<T> {
  const run = await start(appendSteps, { params: { items: 1 } })
  return runInDurableObject(stub(run), (_instance: RunHost, { storage }) => {
    storage.sql.exec('DELETE FROM events')
    return work(new Past(storage.sql), storage.sql)
  })
}

function event(second: number, fence: number, more: object): EngineEvent {
  return { at: at(second), run: 'r', job: 'j', fence, ...more } as EngineEvent
}

const error = (message: string) => ({ name: 'Error', message })
const errored = (second: number, fence: number, message: string) =>
  event(second, fence, {
    type: 'run.errored',
    description: 'x',
    error: error(message),
    willRetry: true,
  })
const vanished = (second: number, fence: number) => event(second, fence, { type: 'slice.vanished' })
const claimed = (second: number, fence: number, done = 0) =>
  event(second, fence, { type: 'slice.claimed', n: fence, attempt: 1, done, commits: done })
const released = (second: number, fence: number, reason = 'budget') =>
  event(second, fence, { type: 'slice.released', outcome: 'interrupted', reason })

/** A slice that came back for its budget. */
const routine = (fence: number) => [
  claimed(fence, fence, fence - 1),
  event(fence, fence, { type: 'slice.started', attempt: 1 }),
  released(fence + 0.5, fence),
]

/** All pages of a list, newest first. */
function pagesOf(past: Past, query: Omit<EventsQuery, 'before'>): number[] {
  const ids: number[] = []
  let before: number | undefined
  for (;;) {
    const page = past.events.page({ ...query, ...(before !== undefined && { before }) })
    ids.push(...page.events.map(({ id }) => id))
    if (page.next === null) return ids
    before = page.next
  }
}

describe('The events of a long run', () => {
  it('are kept whole while they are new; what matters of the older ones, always', async () => {
    await withPast((past) => {
      past.append([event(0, 0, { type: 'run.created', parent: null })])
      past.append([event(1, 0, { type: 'run.commanded', command: 'pause', by: 'ann' })])
      past.append([errored(2, 1, 'the one that mattered')])
      for (let fence = 10; fence < 1_010; fence++) past.append(routine(fence))
      const { total, leftOut } = past.events.page({ limit: 1 })
      const ids = pagesOf(past, { limit: 100 })
      expect(total).toBe(3_003)
      expect(ids.slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, (_, i) => 3_003 - i))
      expect(ids.slice(-3)).toEqual([3, 2, 1])
      expect(ids.length).toBeLessThan(1_110)
      expect(leftOut).toEqual([
        { alike: null, count: 3_003 - ids.length, from: at(10), to: expect.any(String) },
      ])
    })
  })

  it('may be listed by kind, with how many there ever were of it', async () => {
    await withPast((past) => {
      past.append([errored(1, 1, 'boom')])
      for (let fence = 10; fence < 1_010; fence++) past.append(routine(fence))
      past.append([vanished(2_000, 2_000)])
      const { events, total, next } = past.events.page({ limit: 10, only: 'errors' })
      expect(events.map(({ event: { type } }) => type)).toEqual(['slice.vanished', 'run.errored'])
      expect({ total, next }).toEqual({ total: 2, next: null })
      expect(past.events.page({ limit: 10, after: 3_001 }).events).toHaveLength(1)
    })
  })

  it('stay bounded where all slices vanish, and the one other error stays', async () => {
    await withPast((past, sql) => {
      past.append([errored(0, 1, 'order 17 has no price')])
      for (let fence = 2; fence <= 10_001; fence++)
        past.append([claimed(fence, fence), vanished(fence + 0.5, fence)])
      const { rows, bytes } = sql
        .exec<{ rows: number; bytes: number }>(
          'SELECT count(*) AS rows, sum(length(event)) AS bytes FROM events',
        )
        .one()
      expect(rows).toBeLessThanOrEqual(3_100)
      expect(bytes).toBeLessThan(1_000_000)
      const { total, leftOut } = past.events.page({ limit: 1, only: 'errors' })
      const ids = pagesOf(past, { limit: 500, only: 'errors' })
      expect(total).toBe(10_001)
      expect(ids.at(-1)).toBe(1)
      const [gone] = leftOut
      expect(gone).toMatchObject({ alike: 'slice.vanished', count: 10_001 - ids.length })
      // The first of them tell when it began.
      expect(gone?.from).toBe(at(22.5))
    })
  })

  it('stay bounded where every error is another one', async () => {
    const words = (n: number) =>
      `${n}`.replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')
    await withPast((past, sql) => {
      for (let n = 1; n <= 5_000; n++) past.append([errored(n, n, words(n))])
      const { rows } = sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM events').one()
      expect(rows).toBeLessThanOrEqual(3_100)
      const { total, leftOut } = past.events.page({ limit: 1 })
      expect(total).toBe(5_000)
      expect(leftOut.length).toBeLessThanOrEqual(101)
    })
  })

  it('are bounded in bytes, however few they are', async () => {
    await withPast((past, sql) => {
      const long = 'x'.repeat(7_000)
      for (let n = 1; n <= 600; n++)
        past.append([event(n, n, { type: 'iteration.throttled', cursor: long, why: long })])
      const { bytes } = sql
        .exec<{ bytes: number }>('SELECT sum(length(event)) AS bytes FROM events')
        .one()
      expect(bytes).toBeLessThan(2_000_000)
      expect(past.events.page({ limit: 1 }).total).toBe(600)
    })
  })
})

describe('The slices of a long run', () => {
  it('are kept whole while they are new; of the older ones those that ended otherwise', async () => {
    await withPast((past) => {
      past.append([claimed(1, 1), vanished(1.5, 1)])
      past.append([claimed(2, 2), released(2.5, 2, 'deploy')])
      for (let fence = 3; fence <= 2_000; fence++) past.append(routine(fence))
      const page = past.slices.page({ limit: 10_000 })
      expect(page.slice(0, 2)).toMatchObject([
        { fence: 1, outcome: 'vanished' },
        { fence: 2, reason: 'deploy' },
      ])
      expect(page.at(-1)?.fence).toBe(2_000)
      expect(page.length).toBeLessThan(560)
      expect(past.slices.page()).toHaveLength(200)
      const before = past.slices.page({ before: 1_801, limit: 3 }).map(({ fence }) => fence)
      expect(before).toEqual([1_798, 1_799, 1_800])
    })
  })

  it('are bounded where all of them vanish', async () => {
    await withPast((past) => {
      for (let fence = 1; fence <= 3_000; fence++)
        past.append([claimed(fence, fence), vanished(fence + 0.5, fence)])
      const page = past.slices.page({ limit: 10_000 })
      expect(page.length).toBeLessThan(1_100)
      expect(page.slice(0, 20).map(({ fence }) => fence)).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 1),
      )
    })
  })
})

describe('The course of a run', () => {
  it('is kept whole in at most 512 stretches, which widen as it grows', async () => {
    await withPast((past, sql) => {
      let done = 0
      for (let fence = 1; fence <= 3_000; fence++) {
        past.append([claimed(fence, fence, done)])
        done += 7
        past.progress(BEGAN + fence * 1_000 + 400, fence, report(fence, done))
        past.append([
          fence % 10 === 0 ? vanished(fence + 0.4, fence) : released(fence + 0.4, fence),
        ])
      }
      const { widthMs, stretches } = past.stretches.since()
      expect(widthMs).toBe(8_000)
      expect(stretches.length).toBeLessThanOrEqual(512)
      const sum = (name: 'items' | 'slices' | 'workedMs' | 'vanished') =>
        stretches.reduce((total, one) => total + one[name], 0)
      expect(sum('items')).toBe(21_000)
      expect(sum('slices')).toBe(3_000)
      expect(sum('workedMs')).toBe(3_000 * 400)
      expect(sum('vanished')).toBe(300)
      expect(stretches[0]?.from).toBe(at(0))
      expect(stretches.map(({ from }) => from)).toEqual(
        stretches.map(({ from }) => from).toSorted(),
      )
      expect(past.stretches.since(BEGAN + 2_990_000).stretches.length).toBeLessThan(4)
      const { rows } = sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM stretches').one()
      expect(rows).toBeLessThanOrEqual(512)
    })
  })

  it('loses no detail to a night of waiting', async () => {
    await withPast((past) => {
      past.append([claimed(1, 1)])
      past.progress(BEGAN + 1_500, 1, report(1, 3))
      past.append([released(1.5, 1, 'pause')])
      past.append([claimed(40_000, 2, 3)])
      past.progress(BEGAN + 40_001_000, 2, report(2, 5))
      const { widthMs, stretches } = past.stretches.since()
      expect(widthMs).toBe(250)
      expect(stretches.map(({ from, items, workedMs }) => [from, items, workedMs])).toEqual([
        [at(1), 0, 0],
        [at(1.5), 3, 500],
        [at(40_000), 0, 0],
        [at(40_001), 2, 1_000],
      ])
    })
  })
})

describe('A run of before this was kept', () => {
  it('goes on, with what there is of its past', async () => {
    const run = await start(appendSteps, { params: { items: 3 }, commit: { everyItems: 1 } })
    await runInDurableObject(stub(run), (_instance: RunHost, { storage }) => {
      storage.sql.exec('ALTER TABLE run DROP COLUMN stretch; ALTER TABLE events DROP COLUMN alike')
      storage.sql.exec(
        'DROP TABLE stretches; DROP TABLE left_out; DROP TABLE lines; DELETE FROM events',
      )
      for (let id = 501; id <= 1_500; id++)
        storage.sql.exec(
          'INSERT INTO events VALUES (?, ?)',
          id,
          JSON.stringify(id === 501 ? errored(id, 1, 'old') : claimed(id, 1)),
        )
      storage.sql.exec(
        `INSERT INTO slices VALUES (0, 0, ?1, ?1 + 2000, 'interrupted', 'deploy', 0, 0, 9, 3, NULL)`,
        BEGAN,
      )
      storage.kv.put('schema', 2)
    })
    await bench.evict(run)
    const { total, leftOut } = await object(run).history({ limit: 1 })
    expect(total).toBe(1_500)
    expect(leftOut).toMatchObject([{ alike: null, count: 500, to: at(501) }])
    expect(await object(run).stretches()).toMatchObject({
      stretches: [{ items: 9, commits: 3, slices: 1, workedMs: 2_000, interrupted: 1 }],
    })
    await bench.drive(run)
    expect(await object(run).history({ limit: 1, only: 'errors' })).toMatchObject({ total: 1 })
  })
})

function report(fence: number, done: number) {
  return { fence, done, commits: done } as never
}
