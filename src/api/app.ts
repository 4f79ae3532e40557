import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import type { Registry } from '../engine/job/registry.ts'
import type { Schedule } from '../schedules/schedule.ts'
import type { ApiAddition } from './addition.ts'
import { accessControl } from './access/access-control.ts'
import { type Permissions, PERMISSIONS } from './access/permissions.ts'
import { auditRoutes } from './routes/audit.ts'
import { auditTrail } from './access/audit-trail.ts'
import { Authenticator, type AccessOptions } from './access/authenticator.ts'
import { sessionRoutes } from './routes/session.ts'
import { alertRoutes } from './routes/alerts.ts'
import { bulkRoutes } from './routes/bulk.ts'
import { commandRoutes } from './routes/commands.ts'
import { type Examine, doctorRoutes } from './routes/doctor.ts'
import { errorActRoutes } from './routes/error-acts.ts'
import { errorRoutes } from './routes/errors.ts'
import { forkRoutes } from './routes/forks.ts'
import { healthRoutes } from './routes/health.ts'
import { jobRoutes } from './routes/jobs.ts'
import { killRoutes } from './routes/kill.ts'
import { metricRoutes } from './routes/metrics.ts'
import { overviewRoutes } from './routes/overview.ts'
import { notFound, onError, problem } from './problem.ts'
import { runDetailRoutes } from './routes/run-details.ts'
import { runEventRoutes } from './routes/run-events.ts'
import { runHistoryRoutes } from './routes/run-history.ts'
import { requireTables, type TablesReady } from './request/tables.ts'
import type { ApiEnv } from './router.ts'
import { runFigureRoutes } from './routes/run-figures.ts'
import { runRoutes } from './routes/runs.ts'
import { scheduleRoutes } from './routes/schedules.ts'
import { skipRoutes } from './routes/skips.ts'
import { requireUtf8Address, requireUtf8Body } from './request/utf8-body.ts'
import { webhookRoutes } from './routes/webhooks.ts'

/** What is answered from the database. */
const WITH_TABLES = ['/api/*', '/metrics']

const MAX_JSON_BYTES = 128 * 1024

const noChecks: Examine = () => Promise.resolve([])

/** Dependencies of the API beside the jobs. */
export interface ApiOptions extends AccessOptions {
  schedules?: readonly Schedule[]
  /** Rejects while the tables are not there; see `requireTables`. */
  ready?: TablesReady
  /** Looks at the Worker from within. @default finds nothing */
  examine?: Examine
}

/** The HTTP API over the given jobs, with what the Worker adds to it. Who may use it: see `access/`. */
export function api(
  registry: Registry,
  { schedules = [], ready, examine = noChecks, ...access }: ApiOptions = {},
  added?: ApiAddition,
): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  const authenticator = new Authenticator(access)
  app.onError(onError(added?.problems))
  app.notFound(notFound)
  if (ready) for (const path of WITH_TABLES) app.use(path, requireTables(ready))
  addChecks(app, authenticator, added?.permissions)
  app.use(auditTrail(registry, added?.audited))
  app.route('/health', healthRoutes())
  app.route('/doctor', doctorRoutes(examine))
  app.route('/api/session', sessionRoutes(authenticator))
  app.route('/api/audit', auditRoutes())
  app.route('/api/jobs', jobRoutes(registry, schedules))
  // Before the route of one run, whose path these fit too.
  app.route('/api/runs', runFigureRoutes(registry))
  app.route('/api/runs', runRoutes(registry))
  app.route('/api/runs', runDetailRoutes(registry))
  // Before the route of all commands, whose path these fit too.
  app.route('/api/runs', forkRoutes(registry))
  app.route('/api/runs', killRoutes())
  app.route('/api/runs', skipRoutes(registry))
  app.route('/api/runs', commandRoutes())
  app.route('/api/runs', runEventRoutes())
  app.route('/api/runs', runHistoryRoutes())
  app.route('/api/runs', bulkRoutes(registry))
  for (const [path, routes] of Object.entries(added?.routes ?? {})) app.route(path, routes)
  app.route('/api/overview', overviewRoutes())
  app.route('/api/schedules', scheduleRoutes(schedules))
  app.route('/api/alerts', alertRoutes())
  app.route('/api/errors', errorRoutes(registry))
  app.route('/api/errors', errorActRoutes())
  app.route('/api/webhooks', webhookRoutes())
  app.route('/metrics', metricRoutes())
  describeApi(app)
  return app
}

/** The checks that every request and answer passes, whatever its route. */
function addChecks(
  app: OpenAPIHono<ApiEnv>,
  authenticator: Authenticator,
  permissions: Permissions = {},
): void {
  // What people have typed comes back in answers: no browser may take one for a page. And no cache may
  // keep one, whatever a zone's rules say: it is for whoever asked.
  app.use(async (c, next) => {
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Cache-Control', 'no-store')
  })
  app.use(accessControl(authenticator, { ...permissions, ...PERMISSIONS }))
  const limit = bodyLimit({
    maxSize: MAX_JSON_BYTES,
    onError: (c) => problem(c, 'body_too_large', `The body is larger than ${MAX_JSON_BYTES} bytes`),
  })
  // An uploaded file is streamed and has its own checks; everything else is small JSON.
  app.use('/api/*', (c, next) => (c.req.method === 'PUT' ? next() : limit(c, next)))
  app.use('/api/*', requireUtf8Address(), requireUtf8Body())
}

/** Serves the description of all routes: `/openapi.json`. */
function describeApi(app: OpenAPIHono<ApiEnv>): void {
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
}
