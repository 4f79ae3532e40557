import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { z } from 'zod'
import type { SliceMessage } from '../../src/engine/drive/protocol.ts'
import { defineIteration, defineJob, type Job, setStatement } from '../../src/engine/index.ts'
import { verifyLedger } from '../../src/engine/runs/index.ts'
import type { SliceDeps } from '../../src/engine/slice/deps.ts'
import { runSlice } from '../../src/engine/slice/slice.ts'
import {
  type Fault,
  FaultyDatabase,
  Invocation,
  isCommit,
  isRaise,
  limitedDatabase,
  nth,
  testBench,
  type TestBench,
} from '../../src/testing/index.ts'
import { upTo } from './drive.ts'
import { THROWN } from './hostile-jobs.ts'
import { append } from './jobs.ts'
import { TIMES } from './times.ts'

/** What goes wrong in one slice of a schedule. */
type Disturbance =
  | { kind: 'none' }
  /** The process dies at a commit or raise: before it reaches D1, or before its answer is heard. */
  | { kind: 'die'; at: number; of: 'commit' | 'raise'; when: 'before' | 'after' }
  | { kind: 'network'; at: number; fault: NetworkFault }
  | { kind: 'double' }
  | { kind: 'interrupt' }
  | { kind: 'pause' }
  /** User code fails at an item, once, with an error or with something else. */
  | { kind: 'throw'; item: number; what: number }
  /** The invocation has only so many D1 statements. */
  | { kind: 'limit'; statements: number }
  /** The run's object loses all it has stored, and the sweep finds the run. */
  | { kind: 'lose' }

/** A job, its data, how it is sliced and committed, and what goes wrong in each slice. */
interface Schedule {
  items: number
  everyItems: number
  sliceItems: number
  disturbances: Disturbance[]
  /** What becomes of the calls that the run's object makes to D1 itself, in order. */
  objectCalls: (NetworkFault | undefined)[]
}

type NetworkFault = Extract<Fault, 'lost_answer' | 'never_lands' | 'late'>

const networkFault = fc.constantFrom<NetworkFault[]>('lost_answer', 'never_lands', 'late')
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
    fault: networkFault,
  }),
  fc.record({ kind: fc.constantFrom('none' as const, 'double', 'interrupt', 'pause', 'lose') }),
  fc.record({
    kind: fc.constant('throw' as const),
    item: fc.integer({ min: 1, max: 8 }),
    what: fc.nat({ max: THROWN.length - 1 }),
  }),
  fc.record({ kind: fc.constant('limit' as const), statements: fc.integer({ min: 1, max: 20 }) }),
)

const schedule: fc.Arbitrary<Schedule> = fc.record({
  items: fc.integer({ min: 0, max: 8 }),
  everyItems: fc.integer({ min: 1, max: 4 }),
  sliceItems: fc.integer({ min: 1, max: 9 }),
  disturbances: fc.array(disturbance, { maxLength: 4 }),
  objectCalls: fc.array(fc.option(networkFault, { nil: undefined, freq: 2 }), { maxLength: 6 }),
})

const params = z.strictObject({ items: z.number(), sliceItems: z.number() })
const attributes = z.object({ sum: z.number().default(0) })
const keep = setStatement<{ run: string; item: number }>(
  `INSERT INTO appended (run_id, item) SELECT value ->> 'run', value ->> 'item' FROM json_each(?1)`,
)

/** Items at which a run's code is to fail the next time, and with which of `THROWN`. */
const failing = new Map<string, Map<number, number>>()
function mayFail(run: string, item: number): void {
  const at = failing.get(run)
  const what = at?.get(item)
  if (what === undefined) return
  at?.delete(item)
  // eslint-disable-next-line no-throw-literal, typescript/only-throw-error -- user code may
  throw THROWN[what]?.()
}

const settings = (sliceItems: number) => ({ params, attributes, budget: { items: sliceItems } })

type MakeJob = (sliceItems: number) => Job<z.infer<typeof params>>

// Each appends its items without a condition and adds them up in an attribute; the sum is the result.

export const JOBS_IN_STEPS: Record<string, MakeJob> = {
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
}

/** Without attributes: the sum is of what was committed. */
export const JOBS_AT_ONCE: Record<string, MakeJob> = {
  'with three items at once': (sliceItems) =>
    defineIteration({
      name: 'property-at-once',
      params,
      budget: { items: sliceItems },
      concurrency: 3,
      skip: { attempts: 2 },
      buildEnumerator: ({ cursor, params: { items }, enumerators }) =>
        enumerators.times(items, { cursor }),
      async eachIteration(index, { effects, run }) {
        // Later items are done sooner.
        for (let turns = 3 - (index % 3); turns > 0; turns--) await scheduler.wait(0)
        effects.add(keep, { run: run.id, item: index + 1 })
        mayFail(run.id, index + 1)
      },
      async onComplete({ run }) {
        const sum = 'SELECT coalesce(sum(item), 0) AS sum FROM appended WHERE run_id = ?'
        return env.DB.prepare(sum).bind(run.id).first<number>('sum')
      },
    }),
}

export const JOBS_THAT_WALK: Record<string, MakeJob> = {
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
  'in branches': (sliceItems) =>
    defineIteration({
      name: 'property-branches',
      ...settings(sliceItems),
      // A second try in the same slice, while what ran beside the failure goes on.
      skip: { attempts: 2 },
      buildEnumerator: ({ cursor, params: { items }, enumerators }) =>
        enumerators.times(items, { cursor }),
      async eachIteration(index, { effects, attributes: state, run }) {
        const slowly = async (): Promise<void> => {
          await scheduler.wait(0)
          effects.add(keep, { run: run.id, item: index + 1 })
          state.sum += index + 1
        }
        const fails = async (): Promise<void> => mayFail(run.id, index + 1)
        await Promise.all([slowly(), fails()])
      },
      onComplete: ({ attributes: state }) => state.sum,
    }),
}

/** Runs at the same time, each under a schedule of its own: part of a run is waiting for D1. */
const AT_ONCE = 16
/** For each way to write a job; in a plain `npm test` 1,152 schedules in all. */
const ROUNDS = 12 * TIMES

/** Random schedules, all of them survived. A failure prints its seed and the smallest schedules. */
export async function survivesAnySchedule(make: MakeJob): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(schedule, { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (schedules) => {
        await Promise.all(schedules.map((given) => survives(make, given)))
      },
    ),
    { numRuns: ROUNDS },
  )
}

const MAX_SLICES = 60

/** A dead invocation waits for D1 for ever. (The longest a timer can take.) */
const FOR_EVER_MS = 2 ** 31 - 1

/** Runs one schedule to its end and demands what an undisturbed run gives: every effect once. */
async function survives(make: MakeJob, given: Schedule): Promise<void> {
  const { items, everyItems, sliceItems, disturbances } = given
  const objectCalls = [...given.objectCalls]
  const objectsDb: FaultyDatabase = new FaultyDatabase(env.DB, async () => {
    await objectsDb.land()
    return objectCalls.shift()
  })
  const bench = testBench({ objectsDb: objectsDb.binding })
  const { id } = await bench.start(
    make(sliceItems),
    { items, sliceItems },
    { commit: { everyItems } },
  )
  const left = [...disturbances]
  const late: FaultyDatabase[] = []
  const slice = async (message: SliceMessage, deps: SliceDeps): Promise<void> =>
    disturbed(left.shift() ?? { kind: 'none' }, message, deps, { late, bench })
  let run = await bench.drive(id, { slice })
  while (run.status === 'paused') {
    await bench.objects(id).command('resume', {})
    run = await bench.drive(id, { slice })
  }
  for (const db of [...late, objectsDb]) await db.land()
  failing.delete(id)
  expect(run).toMatchObject({ status: 'completed', result: (items * (items + 1)) / 2 })
  expect(run.slices).toBeLessThan(MAX_SLICES)
  const [behind, checks] = await Promise.all([leftBehind(id), verifyLedger(env.DB, id)])
  expect(behind).toEqual({ items: upTo(items), closed: 1 })
  for (const check of checks) expect(check).toMatchObject({ ok: true })
}

/** Works one message, and does to it what the schedule says. */
async function disturbed(
  one: Disturbance,
  message: SliceMessage,
  deps: SliceDeps,
  { late, bench }: { late: FaultyDatabase[]; bench: TestBench },
): Promise<void> {
  switch (one.kind) {
    case 'none':
      break
    case 'die': {
      const hit = nth(one.at, one.of === 'commit' ? isCommit : isRaise)
      const invocation = new Invocation(deps, ({ d1 }) =>
        d1 && hit(d1) ? `dies_${one.when}` : undefined,
      )
      const { env: mortal, objects } = invocation
      // It lives when its slice has fewer commits than that.
      const lived = runSlice(message, { ...deps, env: mortal, objects, d1PatienceMs: FOR_EVER_MS })
      return Promise.race([invocation.died, lived])
    }
    case 'network': {
      const hit = nth(one.at, isCommit)
      const db = new FaultyDatabase(deps.env.DB, (call) => (hit(call) ? one.fault : undefined))
      late.push(db)
      return runSlice(message, { ...deps, env: { ...deps.env, DB: db.binding } })
    }
    case 'double':
      await Promise.all([runSlice(message, deps), runSlice(message, deps)])
      return
    case 'interrupt':
    case 'pause':
      await deps.objects(message.run).command(one.kind, {})
      break
    case 'throw': {
      const at = failing.get(message.run) ?? new Map<number, number>()
      failing.set(message.run, at.set(one.item, one.what))
      break
    }
    case 'limit': {
      const DB = limitedDatabase(deps.env.DB, one.statements)
      return runSlice(message, { ...deps, env: { ...deps.env, DB } })
    }
    case 'lose':
      // Before D1 has the run, its object is all that there is of it.
      if (!(await leftBehind(message.run))) break
      await bench.loseStorage(message.run)
      // The sweep comes again, until D1 has told the object of its run.
      do await bench.objects(message.run).poke(message.run)
      while ((await bench.objects(message.run).describe()) === null)
      return
  }
  return runSlice(message, deps)
}

/** What the effects have left behind, and whether the run is closed; in one query, a test makes thousands. */
async function leftBehind(run: string): Promise<{ items: number[]; closed: number } | null> {
  const row = await env.DB.prepare(
    `SELECT (SELECT json_group_array(item ORDER BY item) FROM appended WHERE run_id = ?1) AS items,
       closed_at IS NOT NULL AS closed
     FROM dogear_runs WHERE id = ?1`,
  )
    .bind(run)
    .first<{ items: string; closed: number }>()
  return row && { ...row, items: JSON.parse(row.items) as number[] }
}
