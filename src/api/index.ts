import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import type { Registry } from '../engine/index.ts'
import { accessControl } from './access/access-control.ts'
import { auditRoutes } from './access/audit-routes.ts'
import { auditTrail } from './access/audit-trail.ts'
import { Authenticator, type AccessOptions } from './access/authenticator.ts'
import { sessionRoutes } from './access/session-routes.ts'
import { alertRoutes } from './alerts.ts'
import { bulkRoutes } from './bulk.ts'
import { forkRoutes } from './forks.ts'
import { healthRoutes } from './health.ts'
import { jobRoutes } from './jobs.ts'
import { killRoutes } from './kill.ts'
import { mailboxRoutes } from './mailbox.ts'
import { metricRoutes } from './metrics.ts'
import { overviewRoutes } from './overview.ts'
import { notFound, onError, problem } from './problem.ts'
import { runEventRoutes } from './run-events.ts'
import type { ApiEnv } from './router.ts'
import { runRoutes } from './runs.ts'
import { scheduleRoutes } from './schedules.ts'
import { shopRoutes } from './shop.ts'
import { webhookRoutes } from './webhooks.ts'

const MAX_JSON_BYTES = 128 * 1024

/** The HTTP API over the given jobs. Who may use it: see `access/`. */
export function api(registry: Registry, access: AccessOptions = {}): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  const authenticator = new Authenticator(access)
  app.onError(onError)
  app.notFound(notFound)
  // What people have typed comes back in answers: no browser may take one for a page.
  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
  })
  app.use(accessControl(authenticator))
  const limit = bodyLimit({
    maxSize: MAX_JSON_BYTES,
    onError: (c) => problem(c, 'body_too_large', `The body is larger than ${MAX_JSON_BYTES} bytes`),
  })
  // An uploaded file is streamed and has its own checks; everything else is small JSON.
  app.use('/api/*', (c, next) => (c.req.method === 'PUT' ? next() : limit(c, next)))
  app.use(auditTrail())
  app.route('/health', healthRoutes())
  app.route('/api/session', sessionRoutes(authenticator))
  app.route('/api/audit', auditRoutes())
  app.route('/api/jobs', jobRoutes(registry))
  // Before the route of all commands, whose path these fit too.
  app.route('/api/runs', forkRoutes(registry))
  app.route('/api/runs', killRoutes())
  app.route('/api/runs', runRoutes(registry))
  app.route('/api/runs', runEventRoutes())
  app.route('/api/runs', bulkRoutes(registry))
  app.route('/api/shop', shopRoutes(registry))
  app.route('/api/shop/mailbox', mailboxRoutes())
  app.route('/api/overview', overviewRoutes())
  app.route('/api/schedules', scheduleRoutes(registry))
  app.route('/api/alerts', alertRoutes())
  app.route('/api/webhooks', webhookRoutes())
  app.route('/metrics', metricRoutes())
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
  })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    security: [{ token: [] }],
    info: {
      title: 'Dogear',
      version: '0.1.0',
      description: 'Start, watch and steer resumable jobs',
    },
  })
  return app
}
