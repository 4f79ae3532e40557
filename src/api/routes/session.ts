import { createRoute } from '@hono/zod-openapi'
import { environmentOf } from '../environment.ts'
import { router } from '../router.ts'
import { json, problems } from '../schemas/runs.ts'
import { record } from '../access/audit-trail.ts'
import { refused, type Authenticator } from '../access/authenticator.ts'
import { noteDenied } from '../access/denied.ts'
import { requireOwnPage } from '../access/origin.ts'
import { limitAttempts } from '../access/rate-limits.ts'
import { CallerSchema, LogInSchema } from '../schemas/access.ts'
import { findToken } from '../access/tokens.ts'

const whoAmI = createRoute({
  method: 'get',
  path: '/',
  summary: 'Who asks, and what they may do',
  responses: { 200: json(CallerSchema, 'The caller'), ...problems },
})

const logIn = createRoute({
  method: 'post',
  path: '/',
  summary: 'Begin a session of a browser: a token for a cookie',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: LogInSchema } },
    },
  },
  responses: { 200: json(CallerSchema, 'The cookie is set, for 12 hours'), ...problems },
})

const logOut = createRoute({
  method: 'delete',
  path: '/',
  summary: 'End the session of a browser',
  responses: { 204: { description: 'The cookie is gone' }, ...problems },
})

export function sessionRoutes(authenticator: Authenticator) {
  const { sessions } = authenticator
  const app = router()

  app.openapi(whoAmI, (c) => c.json({ ...c.get('caller'), ...environmentIn(c.env) }, 200))

  app.openapi(logIn, async (c) => {
    requireOwnPage(c.req.raw, 'allowed')
    await limitAttempts(c, 'login')
    const { tokens } = await authenticator.settings(c)
    const token = await findToken(tokens, c.req.valid('json').token)
    if (!token) {
      await noteDenied(c, { how: 'session', status: 401 })
      throw refused(c, 'unauthenticated', 'The token is not one of this Worker')
    }
    const caller = { name: token.name, role: token.role, how: 'session' as const }
    const entry = { caller, action: 'POST /api/session', run: null, detail: {}, status: 200 }
    await record(c, entry)
    const endsAt = await sessions.open(c, token)
    return c.json(
      { ...caller, endsAt: new Date(endsAt).toISOString(), ...environmentIn(c.env) },
      200,
    )
  })

  app.openapi(logOut, (c) => {
    requireOwnPage(c.req.raw, 'allowed')
    sessions.close(c)
    return c.body(null, 204)
  })

  return app
}

function environmentIn(env: object) {
  const environment = environmentOf(env)
  return environment && { environment }
}
