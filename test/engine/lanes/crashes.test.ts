import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { exploreCrashes } from '../../../src/testing/index.ts'
import { createTables } from '../../support/drive.ts'
import { TIMES } from '../../support/times.ts'

beforeAll(createTables)

const inLanes = defineIteration({
  name: 'lanes-that-crash',
  lanes: 2,
  budget: { items: 2 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(6, { cursor }),
  eachIteration: (item, { effects }) =>
    effects.run("INSERT INTO appended (run_id, item) VALUES ('explored', ?)", item),
})

describe('Two lanes, one after the other slice by slice', () => {
  it(
    'handle each item once, whatever dies and whenever',
    { timeout: 240_000 * TIMES },
    async () => {
      const { state, schedules, points } = await exploreCrashes(inLanes, {
        given: async () => {
          await env.DB.prepare("DELETE FROM appended WHERE run_id = 'explored'").run()
        },
        then: async (run) => ({
          status: run.status,
          progress: run.progress,
          lanes: run.lanes?.map(({ lane, status, progress }) => [lane, status, progress.done]),
          items: (
            await env.DB.prepare(
              "SELECT item FROM appended WHERE run_id = 'explored' ORDER BY item",
            ).all<{ item: number }>()
          ).results.map(({ item }) => item),
        }),
        commit: { everyItems: 2 },
        maxSchedules: 120 * TIMES,
      })
      expect(state).toEqual({
        status: 'completed',
        progress: { done: 6, total: 6, skipped: 0 },
        lanes: [
          [0, 'completed', 3],
          [1, 'completed', 3],
        ],
        items: [0, 1, 2, 3, 4, 5],
      })
      expect(points.length).toBeGreaterThan(10)
      expect(schedules).toBeGreaterThan(50)
    },
  )
})
