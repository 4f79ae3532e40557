import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RunAttributes } from '../../src/engine/pass/attributes.ts'
import { defineIteration, defineJob } from '../../src/engine/index.ts'
import { createTables } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const schema = z.object({
  count: z.coerce.number().default(0),
  active: z.stringbool().or(z.boolean()).nullable().default(null),
  last: z.date().nullable().default(null),
  seen: z.array(z.number()).default([]),
})
type Values = z.infer<typeof schema>
const attributes = (stored: string | null = null) => new RunAttributes<Values>(schema, stored)

describe('attributes, as ActiveJob::Attributes has them', () => {
  it('R50 begin with their defaults', () => {
    expect({ ...attributes().values }).toEqual({ count: 0, active: null, last: null, seen: [] })
  })

  it('R52 are cast by their types when they are assigned', () => {
    const { values } = attributes()
    Object.assign(values, { count: '42', active: '0' })
    expect([values.count, values.active]).toEqual([42, false])
  })

  it('R53 come back equal, Dates included', () => {
    const first = attributes()
    first.values.last = new Date('2026-02-03T04:05:06Z')
    first.values.count = 3
    expect({ ...attributes(first.encoded()).values }).toEqual({ ...first.values })
  })

  it('R55 ignore what older or newer code had declared', () => {
    expect({ ...attributes('{"count":5,"retired":1}').values }).toEqual({
      count: 5,
      active: null,
      last: null,
      seen: [],
    })
  })

  it('R56 have defaults in a run that began before they were declared', () => {
    expect(attributes('{}').values.count).toBe(0)
  })

  it('B04 refuse what their schema refuses, and what is not declared, where it is assigned', () => {
    const { values } = attributes()
    expect(() => Object.assign(values, { seen: 'none' })).toThrow('Attributes are not valid: seen')
    expect(() => Object.assign(values, { other: 1 })).toThrow("'other' is not declared")
  })

  it('B04 refuse what would not come back, with its path', () => {
    const loose = new RunAttributes<{ any: unknown }>(
      z.object({ any: z.any().default(null) }),
      null,
    )
    expect(() => {
      loose.values.any = new Map()
    }).toThrow('attributes.any is a Map')
  })

  it('B04 may be changed by their schema, but not again each time: a later slice validates them again', () => {
    const trimmed = new RunAttributes<{ name: string }>(
      z.object({ name: z.string().trim().default('') }),
      null,
    )
    trimmed.values.name = ' Ada '
    expect(trimmed.values.name).toBe('Ada')

    const marks = z.object({ name: z.string().transform((name) => `${name}!`) })
    expect(() => new RunAttributes(marks, '{"name":"Ada"}')).toThrow(
      'makes {"name":"Ada!!"} of its own {"name":"Ada!"}; expected it to leave',
    )
    const counts = z.object({
      name: z
        .string()
        .default('')
        .transform((name) => name.length),
    })
    expect(() => new RunAttributes(counts, null)).toThrow('refuses what it has made itself')
  })

  it('are frozen, so that nothing changes behind the checkpoint’s back', () => {
    const { values } = attributes()
    expect(() => values.seen.push(1)).toThrow(TypeError)
  })
})

describe('a run with attributes', () => {
  const counter = (limit: object) =>
    defineJob({
      name: 'counter',
      params: z.strictObject({ to: z.number() }),
      attributes: z.object({ sum: z.number().default(0), marks: z.array(z.string()).default([]) }),
      ...limit,
      async perform({ step, params, attributes: state }) {
        await step('count', { start: 1 }, async (step) => {
          while (step.cursor <= params.to) {
            state.sum += step.cursor
            await step.advance()
          }
        })
        await step('mark', () => {
          state.marks = [...state.marks, 'counted']
        })
        return step('report', () => ({ sum: state.sum, marks: state.marks }))
      },
    })

  it('R58 R59 keeps a counter in step with its cursor over all interruptions', async () => {
    const run = await runOf(counter({ budget: { items: 4 } }), { params: { to: 10 } })
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      slices: 3,
      result: { sum: 55, marks: ['counted'] },
    })
  })

  it('keeps what was assigned for done items when one fails, and nothing of the failed one', async () => {
    let failing = true
    const run = await runOf(
      defineIteration({
        name: 'failing-counter',
        attributes: z.object({ sum: z.number().default(0) }),
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(5, { cursor }),
        eachIteration(number, { attributes: state, effects, run: { id } }) {
          state.sum += number
          if (number === 3 && failing) throw new Error('three')
          append(effects, id, state.sum)
        },
        onComplete: ({ attributes: state }) => ({ sum: state.sum }),
      }),
    )
    await run.slice()
    const stored = await env.DB.prepare('SELECT attributes FROM dogear_lanes WHERE run_id = ?')
      .bind(run.id)
      .first('attributes')
    expect(stored).toBe('{"sum":3}')
    failing = false
    expect(await run.drain()).toMatchObject({ status: 'completed', result: { sum: 10 } })
    expect(await run.appended()).toEqual([0, 1, 3, 6, 10])
  })

  it('keeps what onShutdown assigns, also when an interruption ends the slice', async () => {
    const run = await runOf(
      defineIteration({
        name: 'shutting-down',
        attributes: z.object({ shutdowns: z.number().default(0) }),
        budget: { items: 2 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(6, { cursor }),
        eachIteration: () => undefined,
        onShutdown({ attributes: state }) {
          state.shutdowns += 1
        },
        onComplete: ({ attributes: state }) => state.shutdowns,
      }),
    )
    const { slices, result } = await run.drain()
    expect(slices).toBeGreaterThan(2)
    expect(result).toBe(slices)
  })

  it('fails with a clear error when what is stored does not fit the schema of today', async () => {
    const run = await runOf(counter({ budget: { items: 1 } }), { params: { to: 3 } })
    await run.slice()
    run.deploy(
      defineJob({
        name: 'counter',
        attributes: z.object({ sum: z.string() }),
        perform: ({ step }) => step('count', () => undefined),
      }),
    )
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_attribute' },
    })
  })
})
