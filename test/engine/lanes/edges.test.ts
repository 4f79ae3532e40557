import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, DogearError, restartOn } from '../../../src/engine/index.ts'
import { testBench } from '../../../src/testing/index.ts'
import { appended, bench, createTables, object } from '../../support/drive.ts'

beforeAll(createTables)

const APPEND = 'INSERT INTO appended (run_id, item) VALUES (?, ?)'
const range = (count: number) => Array.from({ length: count }, (_, index) => index)

function counting(count: number, lanes: number) {
  return defineIteration({
    name: `counting-${count}-in-${lanes}`,
    lanes,
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(count, { cursor }),
    eachIteration: (item, { effects, run }) => effects.run(APPEND, run.id, item),
  })
}

async function failing(runId: string): Promise<string[]> {
  const { checks } = await bench.verify(runId)
  return checks.filter(({ ok }) => !ok).map(({ name }) => name)
}

describe('Lanes', () => {
  it.each([
    ['no items', 0, 8, undefined],
    ['one item', 1, 8, undefined],
    ['fewer items than lanes', 5, 8, 5],
    ['the most lanes there are', 200, 64, 64],
    ['one lane', 10, 1, undefined],
  ])('of a walk with %s', async (_what, items, lanes, cut) => {
    const run = await bench.runInline(counting(items, lanes))
    expect(run).toMatchObject({ status: 'completed', progress: { done: items, total: items } })
    expect(run.lanes?.length).toBe(cut)
    expect(await appended(run.id)).toEqual(range(items))
    expect(await failing(run.id)).toEqual([])
  })

  it('need no queue: each has an object of its own', async () => {
    const alone = testBench({ withoutQueue: true })
    const run = await alone.runInline(counting(40, 4))
    expect(run).toMatchObject({ status: 'completed', progress: { done: 40 } })
    expect(await appended(run.id)).toEqual(range(40))
  })

  it('are as many as the start asks for, and are cut once', async () => {
    const run = await bench.runInline(counting(40, 4), undefined, { lanes: 2 })
    expect(run.lanes).toHaveLength(2)
    expect((await bench.runInline(counting(40, 4), undefined, { lanes: 1 })).lanes).toBeUndefined()
  })

  it('cannot be taken over by code that does not know them', async () => {
    const run = await bench.start(counting(40, 4))
    await bench.drive(run, { until: () => true })
    const older = env.DB.prepare(
      'UPDATE dogear_lanes SET fence = 99, seq = seq + 1, token = ? WHERE run_id = ? AND lane = 0',
    ).bind(crypto.randomUUID(), run.id)
    await expect(older.run()).rejects.toThrow('this run is worked in lanes')
    expect((await bench.drive(run)).status).toBe('completed')
  })

  it('are asked of a walk that cannot be cut, and the run fails and says so', async () => {
    const whole = defineIteration({
      name: 'not-to-be-cut',
      lanes: 2,
      retry: { attempts: 1 },
      buildEnumerator: async function* () {
        yield [1, 1] as const
      },
      eachIteration: () => undefined,
    })
    const run = await bench.runInline(whole)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'invalid_enumerator' } })
    expect(run.error?.message).toContain('cannot be cut')
  })
})

describe('Lanes are refused', () => {
  const walk = {
    name: 'refused',
    buildEnumerator: () => null,
    eachIteration: () => undefined,
  }
  it.each([
    [
      'that are no number of them',
      { lanes: 65 },
      'lanes is 65; expected a whole number from 1 to 64',
    ],
    ['beside a limit', { lanes: 2, limit: 9 }, 'lanes is 2, beside limit'],
    [
      'beside a rule that starts over',
      { lanes: 2, errors: [restartOn(Error)] },
      'beside restartOn',
    ],
  ])('%s, where the job is defined', (_what, settings, problem) => {
    expect(() => defineIteration({ ...walk, ...settings })).toThrow(problem)
  })

  it.each([
    [counting(9, 2), { interrupt: { afterItems: 3 } }, 'beside an interruption at a place'],
    [counting(9, 1), { lanes: 0 }, 'lanes is 0'],
    [defineJob({ name: 'steps', perform: async () => undefined }), { lanes: 2 }, 'a job in steps'],
  ])('at the start of a run, and nothing changes', async (job, settings, problem) => {
    const refused = bench.start(job, undefined, settings)
    await expect(refused).rejects.toThrow(DogearError)
    await expect(refused).rejects.toThrow(problem)
  })
})

describe('verify of a run in lanes', () => {
  it.each([
    [
      'a gap between two lanes',
      "UPDATE dogear_lanes SET first_cursor = '11' WHERE run_id = ? AND lane = 1",
    ],
    [
      'two lanes that overlap',
      "UPDATE dogear_lanes SET last_cursor = '30' WHERE run_id = ? AND lane = 0",
    ],
    [
      'a lane that went on into the next one',
      "UPDATE dogear_ledger SET to_cursor = '12' WHERE run_id = ? AND lane = 0 AND to_cursor = '9'",
    ],
    ['a lane that is gone', 'DELETE FROM dogear_lanes WHERE run_id = ? AND lane = 3'],
    [
      'a lane that has not finished',
      'UPDATE dogear_lanes SET finished = 0 WHERE run_id = ? AND lane = 2',
    ],
    [
      'a lane that began elsewhere',
      "UPDATE dogear_ledger SET from_cursor = '12' WHERE run_id = ? AND lane = 1 AND seq = (SELECT min(seq) FROM dogear_ledger WHERE run_id = ?1 AND lane = 1 AND step IS NOT NULL)",
    ],
  ])('finds %s', async (_what, change) => {
    const run = await bench.runInline(counting(40, 4))
    expect(await failing(run.id)).toEqual([])
    const { meta } = await env.DB.prepare(change).bind(run.id).run()
    expect(meta.changes).toBe(1)
    expect(await failing(run.id)).not.toEqual([])
  })
})

describe('The log of a lane', () => {
  it('is that of its own object, and names the lane', async () => {
    const run = await bench.runInline(counting(40, 4))
    const { events } = await object(`${run.id}.2`).history({ limit: 100 })
    expect(events.map(({ event }) => event.type)).toContain('lane.finished')
    expect(events.every(({ event }) => event.lane === 2)).toBe(true)
  })
})
