import type { z } from 'zod'

/**
 * A field of an answer that may be missing and is never undefined. Documented by way of `optional`: what is
 * `exactOptional` the documentation takes for required.
 */
export function mayBeMissing<Schema extends z.ZodType>(schema: Schema): z.ZodExactOptional<Schema> {
  return schema.optional() as unknown as z.ZodExactOptional<Schema>
}
