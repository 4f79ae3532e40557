import { beforeAll, describe, it } from 'vitest'
import { createTables } from '../support/drive.ts'
import { HOSTILE_JOBS } from '../support/hostile-jobs.ts'
import { TIMES } from '../support/times.ts'
import { EVERYTHING, survivesHostility } from '../support/hostile-schedules.ts'

beforeAll(createTables)

// Two files, so that two workers share what takes long. Replay: HOSTILE_SEED=7 npx vitest run FILE.

describe('H60 any job, whatever network, platform and people do at once', () => {
  it.each(Object.entries(HOSTILE_JOBS).filter(([, { job }]) => job.body.style === 'iteration'))(
    'written %s does everything once and comes to its end',
    async (_way, job) => survivesHostility(job, 60, EVERYTHING),
    240_000 * TIMES,
  )
})
