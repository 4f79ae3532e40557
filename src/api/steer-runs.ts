import { bindingsOf } from '../engine/bindings.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Cursor } from '../engine/cursor.ts'
import { enumerator, type Page } from '../engine/enumerators/enumerator.ts'
import { defineIteration } from '../engine/index.ts'
import { runObjects } from '../engine/drive/run-objects.ts'
import { readRun } from '../engine/store/d1/stored-run.ts'
import { countRuns, findPlaces, placeOf, type Sought } from '../search/index.ts'
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

/** When the last run that was told was created, and its id. */
type SteeringCursor = [createdAt: string, id: string]

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

/** A command to many runs goes to none of these. */
export const STEER_RUNS = 'steer-runs'

/**
 * Steers many runs: a resumable run like any other, so that it survives what they survive. A command may
 * reach a run twice after a crash; it is the same command then, and what is not possible in the run's
 * status is counted as refused. Walks oldest first, and only runs that existed when it was asked for.
 */
export const steerRuns = defineIteration({
  name: STEER_RUNS,
  internal: true,
  params: SCHEMA,
  attributes: COUNTS,
  unit: 'run',
  async buildEnumerator({ params, run, cursor, env }) {
    const { command: _command, until, ...filter } = params
    const { db } = bindingsOf(env)
    const asked = await createdAtOf(db, run.id)
    const before = until === undefined || until > asked ? asked : until
    const sought = { ...given(filter), until: before, otherThan: STEER_RUNS }
    return enumerator(
      () => pagesOf(db, sought, cursor),
      async () => {
        const { total, more } = await countRuns(db, sought)
        return more ? null : total
      },
    )
  },
  async eachIteration(id, { params: { command }, attributes, env, run }) {
    const by = `${run.job} (run ${run.id})`
    const answer = await runObjects(env)(id).command(command, { by })
    if (answer.ok) attributes.obeyed += 1
    else attributes.refused += 1
  },
  onComplete: ({ attributes: { obeyed, refused } }) => ({ obeyed, refused }),
})

const PAGE = 100

/** As lists find them, so that what is steered is what was seen. */
async function* pagesOf(
  db: D1Database,
  sought: Sought,
  cursor: Cursor | null,
): AsyncGenerator<Page<string, SteeringCursor>> {
  const done = cursor as SteeringCursor | null
  let after = done === null ? undefined : { createdAt: done[0], id: done[1] }
  for (;;) {
    const wanted = { sort: 'oldest', limit: PAGE, ...(after && { after }) } as const
    const { keys, next } = await findPlaces(db, sought, wanted)
    const places = keys.map(placeOf)
    yield places.map(({ createdAt, id }) => [id, [createdAt, id]] as const)
    if (next === null) return
    after = placeOf(next)
  }
}

/** Runs that are newer than the command are none of its business. */
async function createdAtOf(db: D1Database, run: string): Promise<string> {
  return (await readRun(db, run))?.createdAt ?? ''
}
