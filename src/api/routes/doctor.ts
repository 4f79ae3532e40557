import { createRoute } from '@hono/zod-openapi'
import type { Check } from '../check.ts'
import { router } from '../router.ts'
import { DoctorSchema } from '../schemas/doctor.ts'
import { json } from '../schemas/runs.ts'

/** Looks at the Worker from within. */
export type Examine = (env: Cloudflare.Env) => Promise<Check[]>

const doctor = createRoute({
  method: 'get',
  path: '/',
  summary: 'Whether what this Worker is wired to does what it is for',
  description:
    'Looks at tables, objects, version and cron, and sends a message through the queue: takes up to eight seconds.',
  responses: {
    200: json(DoctorSchema, 'What was found'),
  },
})

export function doctorRoutes(examine: Examine) {
  const app = router()
  app.openapi(doctor, async (c) => {
    const checks = await examine(c.env)
    return c.json({ ok: checks.every(({ ok }) => ok), checks }, 200)
  })
  return app
}
