import * as fc from 'fast-check'
import { z } from 'zod'

/** A JSON Schema, as far as the API's document uses it. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  const?: unknown
}

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
}

interface Described {
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

export interface Operation extends Described {
  method: string
  path: string
}

export interface ApiDocument {
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, Schema> }
}

export function operationsOf({ paths }: ApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      ...described,
      method: method.toUpperCase(),
      path,
    })),
  )
}

/** The parameters of an operation in one place of its requests. */
export function parametersIn({ parameters = [] }: Operation, place: Parameter['in']): Parameter[] {
  return parameters.filter((parameter) => parameter.in === place)
}

/** What checks values against schemas of the document. */
export function checkerOf({ components }: ApiDocument): (schema: Schema) => z.ZodType {
  const known = new Map<string, z.ZodType>()
  const moved = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll('#/components/schemas/', '#/$defs/'))
  const $defs = moved(components.schemas)
  return (schema) => {
    const key = JSON.stringify(schema)
    const found =
      known.get(key) ??
      z.fromJSONSchema({ ...(moved(schema) as object), $defs } as Parameters<
        typeof z.fromJSONSchema
      >[0])
    known.set(key, found)
    return found
  }
}

/** Values that a schema allows; small ones, so that nobody waits for 100,000 orders. */
export function valuesOf(schema: Schema, { components }: ApiDocument): fc.Arbitrary<unknown> {
  const of = (given: Schema): fc.Arbitrary<unknown> => {
    if (given.$ref) return of(components.schemas[given.$ref.split('/').at(-1) ?? ''] ?? {})
    if (given.const !== undefined) return fc.constant(given.const)
    if (given.enum) return fc.constantFrom(...given.enum)
    const either = given.anyOf ?? given.oneOf
    if (either) return fc.oneof(...either.map(of))
    switch (Array.isArray(given.type) ? given.type[0] : given.type) {
      case 'boolean':
        return fc.boolean()
      case 'integer':
      case 'number':
        return numbers(given)
      case 'string':
        return texts(given)
      case 'array':
        return fc.array(of(given.items ?? {}), { maxLength: 3 })
      case 'object':
        return objects(given)
      case undefined:
      default:
        return fc.jsonValue({ maxDepth: 2 })
    }
  }
  const objects = ({ properties = {}, required = [], additionalProperties }: Schema) => {
    const known = fc.record(
      Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, of(part)])),
      { requiredKeys: required },
    )
    if (typeof additionalProperties !== 'object') return known
    const more = fc.dictionary(fc.string({ maxLength: 8 }), of(additionalProperties), {
      maxKeys: 2,
    })
    return fc.tuple(known, more).map(([first, second]) => ({ ...second, ...first }))
  }
  return of(schema)
}

function numbers({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Schema): fc.Arbitrary<number> {
  const least = Math.max(minimum, 0)
  return fc.integer({ min: least, max: Math.min(maximum, least + 20) })
}

function texts({ format, pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
      .map((date) => date.toISOString())
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  return fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 40) })
}
