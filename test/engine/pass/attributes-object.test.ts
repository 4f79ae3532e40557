import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RunAttributes } from '../../../src/engine/pass/attributes.ts'

const schema = z.object({
  total: z.number().default(0),
  note: z.string().optional(),
  at: z.date().default(new Date(0)),
  list: z.array(z.number()).default([]),
  constructor: z.number().optional(),
})

const fresh = () => new RunAttributes<Record<string, unknown>>(schema, null)
const refused = expect.objectContaining({ code: 'invalid_attribute' })

describe('F15 attributes behave as an object, or refuse', () => {
  it('delete gives a value back to its default, or takes it away, and is committed', () => {
    const attributes = fresh()
    const { values } = attributes
    values['note'] = 'x'
    values['total'] = 7
    attributes.commit()
    expect(delete values['note']).toBe(true)
    expect(delete values['total']).toBe(true)
    expect(delete values['unknown']).toBe(true)
    expect(['note' in values, values['note'], values['total']]).toEqual([false, undefined, 0])
    expect(attributes.changed).toBe(true)
    expect(JSON.parse(attributes.encoded())).not.toHaveProperty('note')
    attributes.revert()
    expect(values['note']).toBe('x')
  })

  it('delete of what the schema wants is refused', () => {
    const attributes = new RunAttributes<{ id?: number }>(z.object({ id: z.number() }), '{"id":1}')
    expect(() => delete attributes.values.id).toThrow(refused)
    expect(attributes.values.id).toBe(1)
  })

  it('an optional one can be assigned undefined', () => {
    const { values } = fresh()
    values['note'] = 'x'
    values['note'] = undefined
    expect([values['note'], 'note' in values]).toEqual([undefined, false])
  })

  it.each<[string, (values: Record<string, unknown>) => unknown]>([
    ['defineProperty', (values) => Object.defineProperty(values, 'note', { value: 'x' })],
    ['an accessor', (values) => Object.defineProperty(values, 'note', { get: () => 'x' })],
    ['setPrototypeOf', (values) => Object.setPrototypeOf(values, { note: 'x' })],
    ['__proto__', (values) => (values['__proto__'] = { note: 'x' })],
    ['preventExtensions', (values) => Object.preventExtensions(values)],
    ['freeze', (values) => Object.freeze(values)],
    ['a symbol', (values) => ((values as Record<symbol, unknown>)[Symbol('note')] = 'x')],
    ['toString', (values) => (values['toString'] = 'x')],
    ['an heir', (values) => ((Object.create(values) as typeof values)['note'] = 'x')],
    ['half an emoji', (values) => (values['note'] = '🐢'.slice(1))],
    ['a setter of a Date', (values) => (values['at'] as Date).setFullYear(2000)],
  ])('%s is refused', (_, change) => {
    const attributes = fresh()
    expect(() => change(attributes.values)).toThrow(refused)
    expect(attributes.changed).toBe(false)
  })

  it('names that every object has are attributes when they are declared', () => {
    const { values } = fresh()
    values['constructor'] = 5
    expect([values['constructor'], Object.hasOwn(values, 'constructor')]).toEqual([5, true])
    expect([Object.hasOwn(values, 'toString'), 'toString' in values]).toEqual([false, true])
    expect(Object.keys({ ...values }).sort()).toEqual(['at', 'constructor', 'list', 'total'])
  })

  it('what is inside them cannot be changed in place', () => {
    const { values } = fresh()
    expect(() => (values['list'] as number[]).push(1)).toThrow(TypeError)
    expect(Object.isFrozen(values['list'])).toBe(true)
  })
})

describe('The schema of the attributes', () => {
  it('is asked once about a value that it leaves as it is', () => {
    const asked = counting(schema)
    const { values } = new RunAttributes<{ total: number; list: number[] }>(asked.schema, null)
    asked.take()
    values.total += 1
    expect(asked.take()).toBe(1)
    values.list = [1, 2]
    expect(asked.take()).toBe(1)
  })

  it('is asked once about what the last commit wrote', () => {
    const stored = fresh().encoded()
    const asked = counting(schema)
    expect(new RunAttributes(asked.schema, stored).encoded()).toBe(stored)
    expect(asked.take()).toBe(1)
  })

  it('is asked again about a value that it has made, or made without another', () => {
    const asked = counting(
      z.object({ name: z.string().trim().default('x'), note: z.any().optional() }),
    )
    const { values } = new RunAttributes<{ name?: string; note?: unknown }>(asked.schema, null)
    expect(asked.take()).toBe(2)
    values.name = ' Ada '
    expect([values.name, asked.take()]).toEqual(['Ada', 2])
    values.note = undefined
    expect(asked.take()).toBe(2)
    delete values.name
    expect([values.name, asked.take()]).toEqual(['x', 2])
  })
})

/** The same schema, which counts how often it is asked; `take` begins again. */
function counting(asked: StandardSchemaV1) {
  let calls = 0
  const standard = asked['~standard']
  const validate: typeof standard.validate = (value) => {
    calls += 1
    return standard.validate(value)
  }
  return {
    schema: { '~standard': { ...standard, validate } } satisfies StandardSchemaV1,
    take: () => {
      const taken = calls
      calls = 0
      return taken
    },
  }
}
