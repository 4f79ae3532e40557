import { z } from 'zod'
import { COMMANDS, STATUSES } from '../../engine/run.ts'
import { instant } from './run-filter.ts'

/** A command, and the runs that it is for. */
export const SteeringSchema = z
  .strictObject({
    command: z.enum(COMMANDS),
    status: z.enum(STATUSES).optional(),
    job: z.string().optional(),
    label: z.strictObject({ name: z.string(), value: z.string() }).optional(),
    schedule: z.string().optional(),
    error: z.string().optional(),
    group: z.string().optional(),
    since: instant.optional(),
    until: instant.optional(),
    q: z.string().optional(),
  })
  // Nobody means all runs there are by leaving everything out.
  .refine(({ command: _command, ...filter }) => Object.values(filter).some(Boolean), {
    message: 'name at least one of status, job, label, schedule, error, group, since, until and q',
  })

export type Steering = z.infer<typeof SteeringSchema>
