import { z } from '@hono/zod-openapi'

const CheckSchema = z
  .object({
    name: z.string().openapi({ description: 'Of what: tables, objects, queue, cron, version' }),
    ok: z.boolean(),
    found: z.string(),
    todo: z.string().openapi({ description: 'What to type or write; empty when nothing is to do' }),
  })
  .openapi('Check')

export const DoctorSchema = z
  .object({ ok: z.boolean(), checks: z.array(CheckSchema) })
  .openapi('Doctor')
