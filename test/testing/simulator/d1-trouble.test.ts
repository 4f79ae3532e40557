import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  D1_MESSAGES,
  type D1Trouble,
  simulate,
  testBench,
  TestClock,
} from '../../../src/testing/index.ts'
import { isD1OutOfReach } from '../../../src/engine/store/d1/verdict.ts'
import { appended, createTables, upTo } from '../../support/drive.ts'
import { appendSteps } from '../../support/jobs.ts'

beforeAll(createTables)

const read = (db: D1Database) => db.prepare('SELECT 1 AS one').first('one')
const write = (db: D1Database, run: string) =>
  db.prepare('INSERT INTO appended VALUES (?, 1)').bind(run).run()

describe('a D1 that is overloaded', () => {
  it('refuses so many calls, in the words of the platform', async () => {
    const { DB } = simulate(env, { trouble: { kind: 'overloaded', after: 1, calls: 2 } }).env
    expect(await read(DB)).toBe(1)
    for (let call = 0; call < 2; call++)
      await expect(read(DB)).rejects.toThrow(
        'D1_ERROR: D1 DB is overloaded. Requests queued for too long.',
      )
    expect(await read(DB)).toBe(1)
  })

  it('refuses calls for so long', async () => {
    const clock = new TestClock()
    const trouble = { kind: 'overloaded', forMs: 5_000 } as const
    const { DB } = simulate(env, { trouble }, clock).env
    await expect(read(DB)).rejects.toThrow(D1_MESSAGES.overloaded)
    await clock.advance(4_999)
    await expect(read(DB)).rejects.toThrow(D1_MESSAGES.overloaded)
    await clock.advance(1)
    expect(await read(DB)).toBe(1)
  })
})

describe('a D1 that stalls', () => {
  it('holds its calls for a minute, then drops all of them at the same moment', async () => {
    const clock = new TestClock()
    const { DB } = simulate(env, { trouble: { kind: 'stalled' } }, clock).env
    const startedAt = clock.now()
    const first = write(DB, 'stalled').catch(String)
    const second = read(DB).catch(String)
    expect(await first).toContain(
      'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
    )
    expect(clock.now() - startedAt).toBe(60_000)
    expect(await second).toContain(D1_MESSAGES.stalled)
    expect(clock.now() - startedAt).toBe(60_000)
    expect(await appended('stalled')).toEqual([])
    expect(await read(DB)).toBe(1)
  })
})

describe('a D1 that is full', () => {
  it('refuses what writes, and answers what reads', async () => {
    const { DB } = simulate(env, { trouble: { kind: 'full', calls: 2 } }).env
    expect(await read(DB)).toBe(1)
    await expect(write(DB, 'full')).rejects.toThrow('D1_ERROR: Exceeded maximum DB size')
    await expect(
      DB.batch([DB.prepare("DELETE FROM appended WHERE run_id = 'none'")]),
    ).rejects.toThrow(D1_MESSAGES.full)
    await write(DB, 'full')
    expect(await appended('full')).toEqual([1])
  })
})

describe('troubles', () => {
  it('come one after the other', async () => {
    const trouble: D1Trouble[] = [
      { kind: 'overloaded', calls: 1 },
      { kind: 'full', after: 2, calls: 1 },
    ]
    const { DB } = simulate(env, { trouble }).env
    const outcomes: string[] = []
    for (let call = 0; call < 4; call++)
      outcomes.push(
        await write(DB, 'several').then(
          () => 'written',
          (error: unknown) => String(error),
        ),
      )
    expect(outcomes).toEqual([
      `Error: ${D1_MESSAGES.overloaded}`,
      'written',
      `Error: ${D1_MESSAGES.full}`,
      'written',
    ])
  })

  it.each(Object.entries(D1_MESSAGES))('%s is one that the engine knows', (_kind, message) => {
    expect(isD1OutOfReach(new Error(message))).toBe(true)
  })

  it.each(['overloaded', 'stalled', 'full'] as const)(
    'a run comes through a D1 that is %s for a minute, and nobody is to blame',
    async (kind) => {
      const bench = testBench({ simulate: { d1: 30, trouble: { kind, after: 4, forMs: 60_000 } } })
      const startedAt = bench.clock.now()
      const run = await bench.runInline(appendSteps, { items: 6 }, { commit: { everyItems: 1 } })
      expect(run).toMatchObject({ status: 'completed', progress: { done: 6 } })
      expect(await appended(run.id)).toEqual(upTo(6))
      expect(bench.clock.now() - startedAt).toBeGreaterThan(60_000)
    },
  )
})
