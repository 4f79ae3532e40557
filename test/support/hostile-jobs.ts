import { z } from 'zod'
import { defineIteration, defineJob, type Job } from '../../src/engine/index.ts'
import type { Random } from '../../src/testing/random.ts'
import { upTo } from './drive.ts'
import { append } from './jobs.ts'

// Jobs whose effects are plain appends, with user code that fails now and then: at an item, beside work
// that goes on, and with things that are no errors.

/** How the user code of a run fails, while it does. */
export const unruly = new Map<string, Random>()

/** What is thrown: errors, and what nothing can be asked about. */
export const THROWN: readonly (() => unknown)[] = [
  () => new Error('the item fails now and then'),
  () => null,
  () => 'a text',
  () => Object.create(null),
  () => {
    const trap = (): never => {
      throw new TypeError('nothing may be asked of this')
    }
    return new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap })
  },
]

function mayFail(run: string, rate: number): void {
  const random = unruly.get(run)
  // eslint-disable-next-line no-throw-literal, typescript/only-throw-error -- user code may
  if (random?.chance(rate)) throw random.pick(THROWN)()
}

/** Work that goes on for a while, whatever becomes of what runs beside it. */
async function slowly(run: string, then: () => void): Promise<void> {
  const turns = unruly.get(run)?.below(4) ?? 0
  for (let turn = 0; turn < turns; turn++) await scheduler.wait(0)
  then()
}

const params = z.strictObject({ items: z.number() })
const attributes = z.object({ sum: z.number().default(0) })
const retry = { attempts: 4, wait: 1 }

const child = defineIteration({
  name: 'hostile-child',
  params,
  buildEnumerator: ({ params: { items }, cursor, enumerators }) =>
    enumerators.array(upTo(items), { cursor }),
  eachIteration: (item, { effects, run }) => append(effects, run.id, item),
})

/** What follow-up runs leave behind: the first at once, the second when the first has ended. */
export const CHILDREN = [upTo(3), upTo(2)]

const steps = defineJob({
  name: 'hostile-steps',
  params,
  retry,
  skip: {},
  async perform({ step, params: { items }, effects, run, enumerators }) {
    await step('count', { start: 1 }, async (step) => {
      while (step.cursor <= items) {
        mayFail(run.id, 0.03)
        append(effects, run.id, step.cursor)
        await step.advance()
      }
    })
    await step('walk', (step) =>
      step.iterate(
        ({ cursor }) => enumerators.array(upTo(items), { cursor }),
        (item) => append(effects, run.id, 1_000 + item),
      ),
    )
  },
  onComplete: ({ effects, run }) => append(effects, run.id, 5_000),
  onCancel() {},
  continuations({ enqueue }) {
    enqueue(child, { items: 3 })
    enqueue.afterAll(child, { items: 2 })
  },
})

const nested = defineJob({
  name: 'hostile-nested',
  params,
  attributes,
  retry,
  async perform({ step, params: { items }, effects, run, attributes: state }) {
    const last = await step('count', () => items)
    await step('outer', { start: 1 }, async (outer) => {
      while (outer.cursor <= last) {
        const at = outer.cursor
        const doubled = await outer.step('first', () => {
          append(effects, run.id, at)
          state.sum += at
          return at * 2
        })
        await outer.step('inner', { start: 0 }, async (inner) => {
          while (inner.cursor < 2) {
            mayFail(run.id, 0.05)
            append(effects, run.id, 1_000 + doubled * 10 + inner.cursor)
            await inner.advance()
          }
        })
        await outer.advance()
      }
    })
    await step('alone', { isolated: true }, () => append(effects, run.id, 6_000))
    return step('finish', () => state.sum)
  },
  onCancel() {},
  continuations({ enqueue }) {
    enqueue(child, { items: 3 })
    enqueue.afterAll(child, { items: 2 })
  },
})

const skipping = { params, attributes, retry, skip: { attempts: 2 }, commit: { everyItems: 3 } }

const iterated = defineIteration({
  name: 'hostile-iterated',
  ...skipping,
  buildEnumerator: ({ params: { items }, cursor, enumerators }) =>
    enumerators.array(upTo(items), { cursor }),
  async eachIteration(item, { effects, run, attributes: state }) {
    append(effects, run.id, item)
    state.sum += item
    await Promise.resolve()
    mayFail(run.id, 0.25)
    effects.run('INSERT INTO appended (run_id, item) VALUES (?, ?)', run.id, 1_000 + item)
  },
  onStart: ({ effects, run }) => append(effects, run.id, 7_000),
  onComplete({ effects, run, attributes: state }) {
    append(effects, run.id, 5_000)
    return state.sum
  },
  continuations({ enqueue }) {
    enqueue(child, { items: 3 })
    enqueue.afterAll(child, { items: 2 })
  },
})

/** Each item is two branches at once; one that fails does not stop the other. */
const branching = defineIteration({
  name: 'hostile-branching',
  ...skipping,
  buildEnumerator: ({ params: { items }, cursor, enumerators }) =>
    enumerators.array(upTo(items), { cursor }),
  async eachIteration(item, { effects, run, attributes: state }) {
    await Promise.all([
      slowly(run.id, () => {
        append(effects, run.id, item)
        state.sum += item
      }),
      slowly(run.id, () => mayFail(run.id, 0.3)),
    ])
  },
  onComplete: ({ attributes: state }) => state.sum,
})

/** A job, and what its run of so many items leaves behind when some of them were skipped. */
export interface HostileJob {
  job: Job<z.infer<typeof params>>
  effects: (kept: number[]) => number[]
  result: (kept: number[]) => unknown
  follows: boolean
}

const sum = (kept: number[]): number => kept.reduce((total, item) => total + item, 0)

export const HOSTILE_JOBS = {
  'in steps': {
    job: steps,
    effects: (kept) => [...kept, ...kept.map((item) => 1_000 + item), 5_000],
    result: () => undefined,
    follows: true,
  },
  'in steps within steps': {
    job: nested,
    effects: (kept) => [
      ...kept,
      ...kept.flatMap((item) => [1_000 + item * 20, 1_001 + item * 20]),
      6_000,
    ],
    result: sum,
    follows: true,
  },
  'as an iteration': {
    job: iterated,
    effects: (kept) => [...kept, ...kept.map((item) => 1_000 + item), 5_000, 7_000],
    result: sum,
    follows: true,
  },
  'in branches': { job: branching, effects: (kept) => kept, result: sum, follows: false },
} satisfies Record<string, HostileJob>

export const hostileJobs: readonly Job[] = [steps, nested, iterated, branching, child]
