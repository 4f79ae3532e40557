import { z } from 'zod'
import { defineIteration, defineJob, setStatement } from '../src/engine/index.ts'

/** Jobs that do next to nothing themselves, so that what remains is the engine. */
const params = z.object({ items: z.number(), inner: z.number().default(1) })
/** As few commits as the engine allows, and slices as long as the platform does. */
const budget = { wallMs: 20_000 }

/** How long the loop itself takes is measured in the slice, and given as the run's result. */
const timed = async (work: () => Promise<void>): Promise<number> => {
  const startedAt = Date.now()
  await work()
  return Date.now() - startedAt
}

const advance = defineJob({
  name: 'bench-advance',
  params,
  budget,
  perform: ({ step, params: { items } }) =>
    step('count', { start: 0 }, (step) =>
      timed(async () => {
        while (step.cursor < items) await step.advance()
      }),
    ),
})

/** The same loop with a promise of its own per item, and no engine. */
const bareAwait = defineJob({
  name: 'bench-await',
  params,
  budget,
  perform: ({ step, params: { items } }) =>
    step('count', () =>
      timed(async () => {
        const position = { cursor: 0 }
        const next = async (): Promise<void> => {
          position.cursor += 1
        }
        while (position.cursor < items) await next()
      }),
    ),
})

/** `items` in all, `inner` to each outer one. */
const nested = defineJob({
  name: 'bench-nested',
  params,
  budget,
  perform: ({ step, params: { items, inner } }) =>
    step('outer', { start: 0 }, (outer) =>
      timed(async () => {
        while (outer.cursor < items / inner) {
          await outer.step('inner', { start: 0 }, async (within) => {
            while (within.cursor < inner) await within.advance()
          })
          await outer.advance()
        }
      }),
    ),
})

const counters = { sql: 'SELECT id FROM bench_counters WHERE touched = 0' }
const touch = setStatement<number>(
  'UPDATE bench_counters SET touched = 1 WHERE id IN (SELECT value FROM json_each(?1)) AND touched = 0',
)

const byRecords = defineIteration({
  name: 'bench-records',
  budget,
  commit: { everyItems: 500 },
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.records<{ id: number }>(env.DB, counters, { cursor, pageSize: 2_000 }),
  eachIteration: ({ id }, { effects }) => effects.add(touch, id),
})

const byRanges = defineIteration({
  name: 'bench-ranges',
  budget,
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.batchRanges(env.DB, counters, { cursor, batchSize: 500 }),
  eachIteration: ({ where, params: bound }, { effects }) =>
    effects.run(`UPDATE bench_counters SET touched = 1 WHERE ${where}`, ...bound),
})

export const overheadJobs = [advance, bareAwait, nested, byRecords, byRanges]

const ROWS_PER_STATEMENT = 50_000

export async function seedCounters(db: D1Database, count: number): Promise<void> {
  await db.batch([
    db.prepare('DROP TABLE IF EXISTS bench_counters'),
    db.prepare('CREATE TABLE bench_counters (id INTEGER PRIMARY KEY, touched INTEGER NOT NULL)'),
  ])
  for (let first = 1; first <= count; first += ROWS_PER_STATEMENT) {
    await db
      .prepare(
        `WITH RECURSIVE ids (id) AS (SELECT ?1 UNION ALL SELECT id + 1 FROM ids WHERE id < ?2)
         INSERT INTO bench_counters SELECT id, 0 FROM ids`,
      )
      .bind(first, Math.min(count, first + ROWS_PER_STATEMENT - 1))
      .run()
  }
}
