import { z } from '@hono/zod-openapi'
import { isRecord } from '../engine/record.ts'
import { maskParams } from '../engine/sensitive.ts'
import type { JobsSchema } from './schemas/jobs.ts'

type ParamsSchema = z.infer<typeof JobsSchema>['jobs'][number]['params']

/** The JSON Schema of a job's params, when its validator can tell; it does not show what sensitive ones may be. */
export function paramsSchema(schema: unknown, sensitive: readonly string[]): ParamsSchema {
  if (!(schema instanceof z.ZodType)) return null
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return withoutValues(shape, sensitive) as ParamsSchema
}

function withoutValues(shape: unknown, paths: readonly string[]): unknown {
  if (!isRecord(shape) || paths.length === 0) return shape
  if (paths.includes('')) {
    const { default: _default, examples: _examples, const: _const, enum: _enum, ...rest } = shape
    return { ...rest, ...choices(rest, paths) }
  }
  const { properties } = shape
  return {
    ...shape,
    ...choices(shape, paths),
    ...('default' in shape && { default: maskParams(shape['default'], paths) }),
    ...('items' in shape && { items: withoutValues(shape['items'], paths) }),
    ...(isRecord(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, of]) => [
          name,
          withoutValues(of, within(name, paths)),
        ]),
      ),
    }),
  }
}

/** Of one that may be null, or of several kinds. */
function choices(shape: Record<string, unknown>, paths: readonly string[]) {
  return Object.fromEntries(
    ['anyOf', 'oneOf', 'allOf'].flatMap((name) => {
      const among = shape[name]
      return Array.isArray(among) ? [[name, among.map((one) => withoutValues(one, paths))]] : []
    }),
  )
}

/** The paths that go through a param, from there on: '' is the param itself. */
function within(name: string, paths: readonly string[]): string[] {
  return paths
    .filter((path) => path === name || path.startsWith(`${name}.`))
    .map((path) => path.slice(name.length + 1))
}
