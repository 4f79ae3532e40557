import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute } from '@hono/zod-openapi'
import { router } from '../router.ts'
import { HealthSchema } from '../schemas/health.ts'
import { json } from '../schemas/runs.ts'

const health = createRoute({
  method: 'get',
  path: '/',
  summary: 'Whether the Worker is there, and its version',
  security: [],
  responses: { 200: json(HealthSchema, 'It is') },
})

export function healthRoutes() {
  const app = router()
  app.openapi(health, (c) =>
    c.json(
      { ok: true as const, service: 'dogear', version: bindingsOf(c.env).version?.id ?? '' },
      200,
    ),
  )
  return app
}
