import { z } from 'zod'
import {
  defineIteration,
  defineJob,
  setStatement,
  type Effects,
  type RecordQuery,
} from '../../src/engine/index.ts'

/**
 * Jobs whose effects are plain appends without any condition: whatever the engine did twice would
 * stand in the log twice.
 */
export const appendStatement = setStatement<{ run: string; item: number }>(
  `INSERT INTO appended (run_id, item) SELECT value ->> 'run', value ->> 'item' FROM json_each(?1)`,
)

export function append(effects: Effects, run: string, item: number): void {
  effects.add(appendStatement, { run, item })
}

const range = z.strictObject({ items: z.number().int().nonnegative().default(10) })

export const appendSteps = defineJob({
  name: 'append-steps',
  params: range,
  unit: 'item',
  async perform({ step, params, effects, run, expectTotal }) {
    const last = await step('count', () => params.items)
    expectTotal(last)
    await step('append', { start: 1 }, async (step) => {
      while (step.cursor <= last) {
        append(effects, run.id, step.cursor)
        await step.advance()
      }
    })
    return step('finish', () => ({ appended: last }))
  },
})

export const appendIteration = defineIteration({
  name: 'append-iteration',
  params: range,
  unit: 'item',
  buildEnumerator: ({ params, cursor, enumerators }) =>
    enumerators.array(
      Array.from({ length: params.items }, (_, index) => index + 1),
      { cursor },
    ),
  eachIteration: (item, { effects, run }) => append(effects, run.id, item),
  onComplete({ effects, run }) {
    append(effects, run.id, 0)
  },
})

interface NumberRow {
  id: number
}

const numbers: RecordQuery<NumberRow> = { sql: 'SELECT id FROM numbers' }

/** Walks rows of D1 without any filter on what was done before. */
export const appendRecords = defineIteration({
  name: 'append-records',
  unit: 'number',
  buildEnumerator: ({ cursor, env, enumerators }) =>
    enumerators.records(env.DB, numbers, { cursor }),
  eachIteration: (row, { effects, run }) => append(effects, run.id, row.id),
})

/** Completes and starts two runs: one at once, one after a wait. */
export const appendThenFollow = defineJob({
  name: 'append-then-follow',
  async perform({ step, effects, run }) {
    await step('append', () => append(effects, run.id, 1))
  },
  continuations({ enqueue }) {
    enqueue(appendSteps, { items: 2 })
    enqueue(appendSteps, { items: 3 }, { wait: '5 minutes' })
  },
})

export const appendJobs = [appendSteps, appendIteration, appendRecords, appendThenFollow]
