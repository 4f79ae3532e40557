/**
 * What the compiler infers, and what it refuses. Nothing here runs: `test/types/types.test.ts` has it
 * compiled, where each `@ts-expect-error` is an error if nothing is wrong below it.
 */
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, setStatement, type Cursor } from '../../src/engine/index.ts'

const params = z.object({ from: z.number(), until: z.date().optional() })
const attributes = z.object({ total: z.number().default(0), seen: z.array(z.string()).default([]) })
const addUp = setStatement<{ id: number; cents: number }>(
  'INSERT INTO t SELECT 1 FROM json_each(?1)',
)

export const steps = defineJob({
  name: 'steps',
  params,
  attributes,
  async perform({ step, params: given, attributes: state, effects, run, env }) {
    expectTypeOf(given).toEqualTypeOf<{ from: number; until?: Date | undefined }>()
    expectTypeOf(state).toEqualTypeOf<{ total: number; seen: string[] }>()
    expectTypeOf(env.DB).toEqualTypeOf<D1Database>()
    state.total += 1
    // @ts-expect-error -- an attribute keeps its type
    state.total = 'many'
    // @ts-expect-error -- nothing is declared under this name
    state.other = 1
    // @ts-expect-error -- params are what the schema says
    void given.missing

    const loaded = await step('load', () => ({ last: 7, at: new Date() }))
    expectTypeOf(loaded).toEqualTypeOf<{ last: number; at: Date }>()

    await step('walk', { start: 0 }, async (outer) => {
      expectTypeOf(outer.cursor).toEqualTypeOf<number>()
      const inner = await outer.step('inner', { start: 'a', isolated: false }, async (within) => {
        expectTypeOf(within.cursor).toEqualTypeOf<string>()
        await within.set('b')
        return 5n
      })
      expectTypeOf(inner).toEqualTypeOf<bigint>()
      effects.add(addUp, { id: outer.cursor, cents: 1 })
      // @ts-expect-error -- a row has the columns its statement says
      effects.add(addUp, { id: outer.cursor })
      // @ts-expect-error -- a Map is no cursor
      await outer.set(new Map())
      await outer.advance({ from: run.attempt })
    })

    async function named(): Promise<string> {
      return 'done'
    }
    expectTypeOf(await step(named)).toEqualTypeOf<string>()
    // @ts-expect-error -- options of a step are known
    await step('x', { isolate: true }, () => undefined)
  },
  continuations({ enqueue }) {
    enqueue(iteration, { region: 'north' })
    // @ts-expect-error -- a child's params are checked
    enqueue(iteration, { region: 5 })
    enqueue.afterAll(steps, { from: 1 })
  },
})

export const iteration = defineIteration({
  name: 'iteration',
  params: z.object({ region: z.string() }),
  attributes: z.object({ count: z.number().default(0) }),
  buildEnumerator({ cursor, params: given, enumerators }) {
    expectTypeOf(cursor).toEqualTypeOf<Cursor | null>()
    expectTypeOf(given).toEqualTypeOf<{ region: string }>()
    return enumerators.array([{ id: 1, name: 'one' }], { cursor })
  },
  eachIteration(item, { cursor, attributes: state, abort }) {
    expectTypeOf(item).toEqualTypeOf<{ id: number; name: string }>()
    expectTypeOf(cursor).toEqualTypeOf<number>()
    expectTypeOf(state).toEqualTypeOf<{ count: number }>()
    expectTypeOf(abort).returns.toBeNever()
    // @ts-expect-error -- an item is what the enumerator yields
    void item.missing
  },
  async aroundIterate({ cursor }, next) {
    expectTypeOf(cursor).toEqualTypeOf<number>()
    await next()
  },
})

export const custom = defineIteration({
  name: 'custom',
  async *buildEnumerator() {
    yield [String(1), { page: Number('1') }] as const
  },
  eachIteration(item, { cursor, params: none }) {
    expectTypeOf(item).toEqualTypeOf<string>()
    expectTypeOf(cursor.page).toEqualTypeOf<number>()
    expectTypeOf(none).toEqualTypeOf<Record<string, never>>()
  },
})

// @ts-expect-error -- an iteration without eachIteration
void (() => defineIteration({ name: 'half', buildEnumerator: () => null }))

// @ts-expect-error -- a job without perform
void (() => defineJob({ name: 'empty' }))

void (() =>
  defineIteration({
    name: 'not-pairs',
    // @ts-expect-error -- an enumerator yields pairs of item and cursor
    async *buildEnumerator() {
      yield 'item'
    },
    eachIteration: () => undefined,
  }))

void (() =>
  // @ts-expect-error -- params that are no schema
  defineJob({ name: 'no-schema', params: { from: 'number' }, perform: async () => undefined }))
