/** What the compiler refuses about schedules; see `jobs.ts`. */
import { z } from 'zod'
import { defineJob } from '../../src/engine/index.ts'
import { defineSchedule } from '../../src/schedules/index.ts'

const params = z.object({ day: z.string(), pages: z.number().default(1) })
const job = defineJob({ name: 'daily', params, perform: async () => undefined })
const daily = { name: 'daily', cron: '0 3 * * *', job }

// What the job's schema fills in may be left out.
defineSchedule({ ...daily, params: { day: 'monday' } })
defineSchedule({ ...daily, params: (tick) => ({ day: tick.toISOString(), pages: 2 }) })

// @ts-expect-error -- params of another type than the job's
defineSchedule({ ...daily, params: { day: 7 } })

// @ts-expect-error -- params that the job does not have
defineSchedule({ ...daily, params: { days: 'monday' } })

// @ts-expect-error -- an overlap there is none of
defineSchedule({ ...daily, overlap: 'both' })

// @ts-expect-error -- no job
defineSchedule({ name: 'idle', cron: '0 3 * * *' })
