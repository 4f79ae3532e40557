import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration } from '../../src/engine/index.ts'
import { call } from '../support/api.ts'
import { bench, createTables } from '../support/drive.ts'

beforeAll(createTables)

const counting = (name: string, lanes: number) =>
  defineIteration({
    name,
    lanes,
    commit: { everyItems: 5 },
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(30, { cursor }),
    eachIteration: (item, { run }) => {
      if (item % 10 === 0) run.log(`item ${item}`)
    },
  })

describe('GET /api/runs/:id of a run in lanes', () => {
  let run: string
  beforeAll(async () => {
    run = (await bench.runInline(counting('lanes-by-api', 3))).id
  })

  const get = async (path: string) => (await call('GET', `/api/runs/${run}${path}`)).json

  it('has each lane beside their sum', async () => {
    expect(await get('')).toMatchObject({
      status: 'completed',
      progress: { done: 30, total: 30 },
      lanes: [0, 1, 2].map((lane) => ({ lane, status: 'completed', progress: { done: 10 } })),
    })
  })

  it.each([
    ['/slices?lane=1', { slices: [{ items: 10, outcome: 'ended' }], total: 1, nextCursor: null }],
    [
      '/ledger?lane=1&limit=2',
      { commits: [{ items: 0 }, { fromCursor: 14, toCursor: 19, items: 5 }] },
    ],
    ['/logs?lane=2', { lines: [{ message: 'item 20' }] }],
    ['/logs', { lines: [{ message: 'item 0' }] }],
  ])('%s has what that lane has of its own', async (path, expected) => {
    expect(await get(path)).toMatchObject(expected)
  })

  it('tells the events of a lane, each with its number', async () => {
    const { events } = (await get('/history?lane=2')) as { events: { event: object }[] }
    expect(events.length).toBeGreaterThan(3)
    for (const { event } of events) expect(event).toMatchObject({ lane: 2, run })
  })

  it.each(['slices', 'ledger', 'logs', 'history'])(
    'refuses a lane that it has not: %s',
    async (what) => {
      expect(await call('GET', `/api/runs/${run}/${what}?lane=3`)).toMatchObject({
        status: 400,
        json: {
          code: 'invalid_query',
          detail: `Run ${run} is worked in 3 lanes; expected a lane from 0 to 2`,
        },
      })
      const { id } = await bench.runInline(counting('one-lane-by-api', 1))
      expect(await call('GET', `/api/runs/${id}/${what}?lane=1`)).toMatchObject({
        status: 400,
        json: { detail: `Run ${id} is worked in one lane; expected lane 0` },
      })
    },
  )
})
