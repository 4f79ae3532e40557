import * as fc from 'fast-check'
import { beforeAll, describe, it } from 'vitest'
import { createTables } from '../support/drive.ts'
import { JOBS, schedule, survives } from '../support/schedules.ts'

beforeAll(createTables)

/** Runs at the same time, each under a schedule of its own: most of a run is waiting for D1. */
const AT_ONCE = 16
/** For each style; in all 2,048 schedules. A failure prints its seed and the smallest schedules. */
const ROUNDS = 32

describe('B01 B02 B16 any job under any schedule of deaths, faults and interruptions', () => {
  it.each(Object.entries(JOBS))(
    'written %s ends as if nothing had happened, every effect once',
    async (_style, make) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(schedule, { minLength: AT_ONCE, maxLength: AT_ONCE }),
          async (schedules) => {
            await Promise.all(schedules.map((given) => survives(make, given)))
          },
        ),
        { numRuns: ROUNDS },
      )
    },
    240_000,
  )
})
