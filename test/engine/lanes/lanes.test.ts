import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { runText } from '../../../src/cli/text/run-text.ts'
import { appended, bench, createTables, object } from '../../support/drive.ts'

beforeAll(createTables)

const APPEND = 'INSERT INTO appended (run_id, item) VALUES (?, ?)'

export const inLanes = defineIteration({
  name: 'in-lanes',
  lanes: 4,
  commit: { everyItems: 3 },
  budget: { items: 10 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(100, { cursor }),
  eachIteration: (item, { effects, run }) => effects.run(APPEND, run.id, item),
  onComplete: () => 'all done',
})

const range = (count: number) => Array.from({ length: count }, (_, index) => index)

interface LaneRow {
  lane: number
  first_cursor: string | null
  last_cursor: string | null
  done: number
  finished: number
}

async function lanesOf(run: string): Promise<LaneRow[]> {
  const { results } = await env.DB.prepare(
    'SELECT lane, first_cursor, last_cursor, done, finished FROM dogear_lanes WHERE run_id = ? ORDER BY lane',
  )
    .bind(run)
    .all<LaneRow>()
  return results
}

describe('A run in lanes', () => {
  it('handles each item once, each in its lane, and ends once', async () => {
    const run = await bench.runInline(inLanes)
    expect(run).toMatchObject({
      status: 'completed',
      progress: { done: 100, total: 100, skipped: 0 },
      result: 'all done',
    })
    expect(await appended(run.id)).toEqual(range(100))
    expect(await lanesOf(run.id)).toEqual([
      { lane: 0, first_cursor: null, last_cursor: '24', done: 25, finished: 1 },
      { lane: 1, first_cursor: '24', last_cursor: '49', done: 25, finished: 1 },
      { lane: 2, first_cursor: '49', last_cursor: '74', done: 25, finished: 1 },
      { lane: 3, first_cursor: '74', last_cursor: null, done: 25, finished: 1 },
    ])
    expect(run.lanes?.map(({ lane, status, progress }) => [lane, status, progress.done])).toEqual([
      [0, 'completed', 25],
      [1, 'completed', 25],
      [2, 'completed', 25],
      [3, 'completed', 25],
    ])
    expect(runText(run)).toMatch(
      /^Lanes: +0 +\[█{10}\] +25 +completed +cursor 24 .*\n +1 +\[█{10}\] +25 +completed +cursor 49 /m,
    )
    expect((await bench.verify(run)).checks.filter(({ ok }) => !ok)).toEqual([])
    const { events } = await object(run.id).history({ limit: 1_000 })
    expect(events.filter(({ event }) => event.type === 'run.ended')).toHaveLength(1)
  })
})
