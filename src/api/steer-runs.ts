import { bindingsOf } from '../engine/bindings.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { defineIteration } from '../engine/index.ts'
import { runObjects } from '../engine/drive/run-objects.ts'
import { selectRuns } from '../engine/store/d1/run-filter.ts'
import { readRun } from '../engine/store/d1/stored-run.ts'
import { given } from './request/given.ts'
import type { Steering } from './schemas/steering.ts'

/** Loaded when a run of it is started: the schemas of the API are most of what a Worker would do at its start. */
const SCHEMA: StandardSchemaV1<unknown, Steering> = {
  '~standard': {
    version: 1,
    vendor: 'dogear',
    async validate(params) {
      const { SteeringSchema } = await import('./schemas/steering.ts')
      return SteeringSchema['~standard'].validate(params)
    },
  },
}

interface Counts {
  obeyed: number
  refused: number
}

const COUNTS: StandardSchemaV1<unknown, Counts> = {
  '~standard': {
    version: 1,
    vendor: 'dogear',
    validate(counts) {
      const { obeyed = 0, refused = 0 } = counts as Partial<Counts>
      return { value: { obeyed, refused } }
    },
  },
}

/**
 * Steers many runs: a resumable run like any other, so that it survives what they survive. A command may
 * reach a run twice after a crash; it is the same command then, and what is not possible in the run's
 * status is counted as refused. Walks oldest first, and only runs that existed when it was asked for.
 */
export const steerRuns = defineIteration({
  name: 'steer-runs',
  internal: true,
  params: SCHEMA,
  attributes: COUNTS,
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
