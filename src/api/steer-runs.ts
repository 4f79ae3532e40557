import { z } from 'zod'
import {
  COMMANDS,
  defineIteration,
  runObjects,
  selectRuns,
  STATUSES,
  type Command,
  type Status,
} from '../engine/index.ts'
import { given } from './given.ts'

/**
 * Steers many runs: a resumable run like any other, so that it survives what they survive. A command may
 * reach a run twice after a crash; it is the same command then, and what is not possible in the run's
 * status is counted as refused. Walks oldest first, and only runs that existed when it was asked for.
 */
export const steerRuns = defineIteration({
  name: 'steer-runs',
  params: z.strictObject({
    command: z.enum(COMMANDS as [Command, ...Command[]]),
    status: z.enum(STATUSES as [Status, ...Status[]]).optional(),
    job: z.string().optional(),
    label: z.strictObject({ name: z.string(), value: z.string() }).optional(),
    since: z.iso.datetime().optional(),
    until: z.iso.datetime().optional(),
  }),
  attributes: z.object({
    /** Runs that are newer are none of its business. */
    began: z.string().default(''),
    obeyed: z.number().default(0),
    refused: z.number().default(0),
  }),
  unit: 'run',
  buildEnumerator({ params, attributes, cursor, env, enumerators }) {
    const { command: _command, until, ...filter } = params
    attributes.began ||= new Date().toISOString()
    const before = until === undefined || until > attributes.began ? attributes.began : until
    const { from, createdAt, id, conditions, values } = selectRuns({
      ...given(filter),
      until: before,
    })
    const walked = ['runs.job <> ?', ...conditions].join(' AND ')
    return enumerators.records<{ id: string; created: string }>(
      env.DB,
      {
        sql: `SELECT ${id} AS id, ${createdAt} AS created FROM ${from} WHERE ${walked}`,
        params: ['steer-runs', ...values],
        by: ['created', 'id'],
      },
      { cursor },
    )
  },
  async eachIteration({ id }, { params: { command }, attributes, env }) {
    const answer = await runObjects(env)(id).command(command, {})
    if (answer.ok) attributes.obeyed += 1
    else attributes.refused += 1
  },
  onComplete: ({ attributes: { obeyed, refused } }) => ({ obeyed, refused }),
})
