import { z } from '@hono/zod-openapi'
// Not from the engine's index: the client takes its types from here, and the page has no Workers' types.
import type { RunError } from '../../engine/errors.ts'
import { mayBeMissing } from './may-be-missing.ts'

/** An error as a run keeps and shows it. */
export const ErrorSchema: z.ZodType<RunError> = z
  .object({
    name: z.string(),
    code: mayBeMissing(z.string()),
    message: z.string(),
    stack: mayBeMissing(z.string()),
    at: mayBeMissing(
      z.object({
        step: z.string(),
        cursor: z.string(),
        place: mayBeMissing(z.string()),
        items: mayBeMissing(z.int().nonnegative()),
      }),
    ).openapi({
      description:
        'The item that failed: the step that walks, and the cursor as JSON. `place` names it to a retry that is to pass over it; `items`: of a batch, how many it holds',
    }),
    statement: mayBeMissing(z.string()).openapi({ description: 'The SQL that D1 refused' }),
    cause: mayBeMissing(z.lazy(() => ErrorSchema)),
    group: mayBeMissing(
      z.object({ id: z.string(), template: z.string(), frame: mayBeMissing(z.string()) }),
    ).openapi({
      description: 'Of the error that a run has failed with: the group of those that are the same',
    }),
  })
  .openapi('RunError')
