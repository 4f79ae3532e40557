import { beforeAll, describe, it } from 'vitest'
import { createTables } from '../support/drive.ts'
import { JOBS_AT_ONCE, JOBS_IN_STEPS, survivesAnySchedule } from '../support/schedules.ts'
import { TIMES } from '../support/times.ts'

beforeAll(createTables)

// Two files, so that two workers share what takes longest.

describe('B01 B02 B16 any job under any schedule of deaths, faults and interruptions', () => {
  it.each(Object.entries({ ...JOBS_IN_STEPS, ...JOBS_AT_ONCE }))(
    'written %s ends as if nothing had happened, every effect once',
    async (_way, make) => survivesAnySchedule(make),
    600_000 * TIMES,
  )
})
