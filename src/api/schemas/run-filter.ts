import { z } from '@hono/zod-openapi'
import { parseLabel } from '../../engine/labels.ts'
import { COMMANDS } from '../../engine/run.ts'
import { hasTooManyWords, MAX_WORDS } from '../../search/words.ts'
import { digits } from './digits.ts'
import { status, time } from './runs.ts'

/** Times are compared as texts, so they are all brought to one precision. */
export const instant = time.transform((text) => new Date(text).toISOString())

const q = z
  .string()
  .max(200)
  .refine((text) => !hasTooManyWords(text), {
    message: `more than ${MAX_WORDS} words; expected ${MAX_WORDS} at most`,
  })
  .transform((text) => text.trim())
  .optional()
  .openapi({
    type: 'string',
    description:
      "A search, in any case of letters. Each word must be a part of the run's job, of the value of one of its labels, or of the code, name or message of its error; or `name:value` or `name=value` of a label; or the beginning of its id, from 6 characters on. A word of 1 or 2 characters must begin its job",
    example: 'import acme',
  })

/** A choice of runs, as a query of the list and as the body of a bulk command. */
const runFilter = {
  status: status.optional(),
  job: z.string().max(64).optional(),
  label: z
    .string()
    .max(200)
    .transform((text, context) => {
      const label = parseLabel(text)
      if (!label) context.addIssue(`'${text}' is not a label; expected name:value`)
      return label ?? z.NEVER
    })
    .optional()
    .openapi({ type: 'string', example: 'campaign:spring' }),
  schedule: z.string().max(64).optional().openapi({ description: 'Started by this schedule' }),
  error: z.string().min(1).max(200).optional().openapi({
    description: 'The code of the error it failed with, or its name where it has no code',
    example: 'page_failed',
  }),
  group: z
    .string()
    .regex(/^[0-9a-f]{16}$/, 'expected the id of a group of errors, 16 hexadecimal digits')
    .optional()
    .openapi({
      description: 'The group of errors that it is failed in',
      example: '3f9c01d2a4b5c6d7',
    }),
  since: instant.optional().openapi({ description: 'Created at this time or later' }),
  until: instant.optional().openapi({ description: 'Created before this time' }),
  q,
}

export const ListQuerySchema = z.strictObject({
  ...runFilter,
  sort: z.enum(['newest', 'oldest']).default('newest'),
  limit: digits(1, 100).default(20),
  cursor: z.string().max(200).optional(),
  ids: z.string().max(4_000).optional().openapi({
    description:
      'Just these runs, by their whole ids with commas between, 100 at most: each once, and those that are not there left out. Not together with a cursor',
  }),
})

export const TotalsQuerySchema = z.strictObject({
  ...runFilter,
  details: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .openapi({
      type: 'boolean',
      description:
        'What a bulk command would go to, with their statuses and errors; it goes to no other bulk command',
    }),
})

export const HistogramQuerySchema = z.strictObject({
  ...runFilter,
  buckets: digits(2, 200).default(60).openapi({ description: 'At most so many' }),
})

export const BulkSchema = z
  .strictObject({
    command: z.enum(COMMANDS),
    filter: z
      .strictObject(runFilter)
      .refine((filter) => Object.values(filter).some((part) => part !== undefined && part !== ''), {
        message:
          'name at least one of status, job, label, schedule, error, group, since, until and q',
      }),
  })
  .openapi('Bulk')
