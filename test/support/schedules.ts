import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { z } from 'zod'
import {
  defineIteration,
  defineJob,
  Registry,
  runObjects,
  setStatement,
  verifyLedger,
  type Job,
} from '../../src/engine/index.ts'
import { FaultyDatabase, type Fault } from '../../src/testing/faulty-database.ts'
import { append } from './jobs.ts'
import { appended, deliver, driving, passTime, start, truth, view } from './drive.ts'
import { deliverAndDie, isCommit, isRaise, nth } from './mortal.ts'

/** What goes wrong in one slice of a schedule. */
export type Disturbance =
  | { kind: 'none' }
  /** The process dies at a commit or raise: before it reaches D1, or before its answer is heard. */
  | { kind: 'die'; at: number; of: 'commit' | 'raise'; when: 'before' | 'after' }
  | { kind: 'network'; at: number; fault: Extract<Fault, 'lost_answer' | 'never_lands' | 'late'> }
  | { kind: 'double' }
  | { kind: 'interrupt' }
  | { kind: 'pause' }
  /** User code fails at an item, once. */
  | { kind: 'throw'; item: number }

/** A job, its data, how it is sliced and committed, and what goes wrong in each slice. */
export interface Schedule {
  items: number
  everyItems: number
  sliceItems: number
  disturbances: Disturbance[]
}

const position = fc.integer({ min: 1, max: 4 })
const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  fc.record({
    kind: fc.constant('die' as const),
    at: position,
    of: fc.constantFrom('commit' as const, 'commit' as const, 'raise' as const),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
  fc.record({
    kind: fc.constant('network' as const),
    at: position,
    fault: fc.constantFrom('lost_answer' as const, 'never_lands' as const, 'late' as const),
  }),
  fc.record({ kind: fc.constantFrom('none' as const, 'double', 'interrupt', 'pause') }),
  fc.record({ kind: fc.constant('throw' as const), item: fc.integer({ min: 1, max: 8 }) }),
)

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  items: fc.integer({ min: 0, max: 8 }),
  everyItems: fc.integer({ min: 1, max: 4 }),
  sliceItems: fc.integer({ min: 1, max: 9 }),
  disturbances: fc.array(disturbance, { maxLength: 4 }),
})

const params = z.strictObject({ items: z.number(), sliceItems: z.number() })
const attributes = z.object({ sum: z.number().default(0) })
const keep = setStatement<{ run: string; item: number }>(
  `INSERT INTO appended (run_id, item) SELECT value ->> 'run', value ->> 'item' FROM json_each(?1)`,
)

/** Items at which a run's code is to fail the next time. */
const failing = new Map<string, Set<number>>()
function mayFail(run: string, item: number): void {
  if (failing.get(run)?.delete(item)) throw new Error(`item ${item} fails once`)
}

const settings = (sliceItems: number) => ({ params, attributes, budget: { items: sliceItems } })

/** Each appends its items without a condition and adds them up in an attribute; the sum is the result. */
export const JOBS: Record<string, (sliceItems: number) => Job<z.infer<typeof params>>> = {
  'in steps': (sliceItems) =>
    defineJob({
      name: 'property-steps',
      ...settings(sliceItems),
      async perform({ step, params: { items }, effects, attributes: state, run }) {
        const last = await step('count', () => items)
        await step('walk', { start: 1 }, async (step) => {
          while (step.cursor <= last) {
            mayFail(run.id, step.cursor)
            append(effects, run.id, step.cursor)
            state.sum += step.cursor
            await step.advance()
          }
        })
        return step('finish', () => state.sum)
      },
    }),
  'in steps within steps': (sliceItems) =>
    defineJob({
      name: 'property-nested',
      ...settings(sliceItems),
      async perform({ step, params: { items }, effects, attributes: state, run }) {
        await step('outer', { start: 0 }, async (outer) => {
          while (outer.cursor * 2 < items) {
            const first = await outer.step('first', () => outer.cursor * 2 + 1)
            await outer.step('inner', { start: first }, async (inner) => {
              while (inner.cursor <= Math.min(items, first + 1)) {
                mayFail(run.id, inner.cursor)
                append(effects, run.id, inner.cursor)
                state.sum += inner.cursor
                await inner.advance()
              }
            })
            await outer.advance()
          }
        })
        return state.sum
      },
    }),
  'as an iteration': (sliceItems) =>
    defineIteration({
      name: 'property-iteration',
      ...settings(sliceItems),
      buildEnumerator: ({ cursor, params: { items }, enumerators }) =>
        enumerators.times(items, { cursor }),
      eachIteration(index, { effects, attributes: state, run }) {
        mayFail(run.id, index + 1)
        effects.add(keep, { run: run.id, item: index + 1 })
        state.sum += index + 1
      },
      onComplete: ({ attributes: state }) => state.sum,
    }),
  'as a walk inside a step': (sliceItems) =>
    defineJob({
      name: 'property-walk',
      ...settings(sliceItems),
      async perform({ step, params: { items }, effects, attributes: state, run, enumerators }) {
        await step('walk', (step) =>
          step.iterate(
            ({ cursor }) =>
              enumerators.array(
                Array.from({ length: items }, (_, i) => i + 1),
                { cursor },
              ),
            async (item) => {
              await Promise.resolve()
              mayFail(run.id, item)
              effects.run('INSERT INTO appended (run_id, item) VALUES (?, ?)', run.id, item)
              state.sum += item
            },
          ),
        )
        return step('sum', () => state.sum)
      },
    }),
}

const MAX_SLICES = 60

/** Runs one schedule to its end and demands what an undisturbed run gives: every effect once. */
export async function survives(make: (typeof JOBS)[string], given: Schedule): Promise<void> {
  const { items, everyItems, sliceItems, disturbances } = given
  const job = make(sliceItems)
  const jobs = new Registry([job])
  const run = await start(job, { params: { items, sliceItems }, commit: { everyItems } })
  const late: FaultyDatabase[] = []
  for (const one of disturbances) {
    if (!(await wake(run))) break
    await disturbed(run, one, jobs, late)
  }
  for (let slices = 0; await wake(run); slices++) {
    if (slices > MAX_SLICES) throw new Error(`${MAX_SLICES} slices and no end`)
    await deliver(run, { jobs })
  }
  for (const db of late) await db.land()
  failing.delete(run)
  const all = Array.from({ length: items }, (_, index) => index + 1)
  expect(await view(run)).toMatchObject({
    status: 'completed',
    result: (items * (items + 1)) / 2,
  })
  expect(await appended(run)).toEqual(all)
  expect((await truth(run)).closed_at).not.toBeNull()
  for (const check of await verifyLedger(env.DB, run)) expect(check).toMatchObject({ ok: true })
}

/** Lets go what keeps a run from its next slice: a lease nobody holds, or a pause. False when it has ended. */
async function wake(run: string): Promise<boolean> {
  const { status, finishedAt } = await view(run)
  if (status === 'running') await passTime(run, (await driving(run)).patienceMs + 1)
  if (status === 'paused') await runObjects(env)(run).command('resume', {})
  return finishedAt === undefined
}

async function disturbed(
  run: string,
  one: Disturbance,
  jobs: Registry,
  late: FaultyDatabase[],
): Promise<void> {
  switch (one.kind) {
    case 'none':
      return deliver(run, { jobs })
    case 'die': {
      const death = { d1: nth(one.at, one.of === 'commit' ? isCommit : isRaise), when: one.when }
      return deliverAndDie(run, death, { jobs }).catch((error: Error) => {
        // Its slice had fewer commits than that.
        if (error.message !== 'the invocation lived to its end') throw error
      })
    }
    case 'network': {
      const hit = nth(one.at, isCommit)
      const db = new FaultyDatabase(env.DB, (call) => (hit(call) ? one.fault : undefined))
      late.push(db)
      return deliver(run, { jobs, DB: db.binding })
    }
    case 'double': {
      const { n } = await driving(run)
      await Promise.all([deliver(run, { jobs, n }), deliver(run, { jobs, n })])
      return
    }
    case 'interrupt':
    case 'pause':
      await runObjects(env)(run).command(one.kind, {})
      if (one.kind === 'interrupt') await deliver(run, { jobs })
      return
    case 'throw': {
      const at = failing.get(run) ?? new Set()
      failing.set(run, at.add(one.item))
      return deliver(run, { jobs })
    }
  }
}
