import { z } from '@hono/zod-openapi'

export const HealthSchema = z
  .object({
    ok: z.literal(true),
    service: z.string(),
    version: z.string().openapi({ description: "The deployment's; empty in a local Worker" }),
  })
  .openapi('Health')
