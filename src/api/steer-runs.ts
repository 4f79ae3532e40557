import { bindingsOf } from '../engine/bindings.ts'
import { z } from 'zod'
import { COMMANDS, STATUSES } from '../engine/run.ts'
import { defineIteration } from '../engine/index.ts'
import { runObjects } from '../engine/drive/run-objects.ts'
import { selectRuns } from '../engine/store/d1/run-filter.ts'
import { readRun } from '../engine/store/d1/stored-run.ts'
import { given } from './request/given.ts'
import { instant } from './schemas/runs.ts'

/**
 * Steers many runs: a resumable run like any other, so that it survives what they survive. A command may
 * reach a run twice after a crash; it is the same command then, and what is not possible in the run's
 * status is counted as refused. Walks oldest first, and only runs that existed when it was asked for.
 */
export const steerRuns = defineIteration({
  name: 'steer-runs',
  internal: true,
  params: z
    .strictObject({
      command: z.enum(COMMANDS),
      status: z.enum(STATUSES).optional(),
      job: z.string().optional(),
      label: z.strictObject({ name: z.string(), value: z.string() }).optional(),
      error: z.string().optional(),
      since: instant.optional(),
      until: instant.optional(),
    })
    // Nobody means all runs there are by leaving everything out.
    .refine(({ command: _command, ...filter }) => Object.values(filter).some(Boolean), {
      message: 'name at least one of status, job, label, error, since and until',
    }),
  attributes: z.object({
    obeyed: z.number().default(0),
    refused: z.number().default(0),
  }),
  unit: 'run',
  async buildEnumerator({ params, run, cursor, env, enumerators }) {
    const { command: _command, until, ...filter } = params
    const asked = await createdAtOf(bindingsOf(env).db, run.id)
    const before = until === undefined || until > asked ? asked : until
    const { from, createdAt, id, conditions, values } = selectRuns({
      ...given(filter),
      until: before,
      otherThan: 'steer-runs',
    })
    return enumerators.records<{ id: string; created: string }>(
      bindingsOf(env).db,
      {
        sql: `SELECT ${id} AS id, ${createdAt} AS created FROM ${from} WHERE ${conditions.join(' AND ')}`,
        params: values,
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

/** Runs that are newer than the command are none of its business. */
async function createdAtOf(db: D1Database, run: string): Promise<string> {
  return (await readRun(db, run))?.createdAt ?? ''
}
