import { createRoute } from '@hono/zod-openapi'
import { listMailbox } from '../mail/local-mailbox.ts'
import { router } from 'dogear/api'
import { json, problems } from 'dogear/api/schemas'
import { MailboxQuerySchema, MailboxSchema } from './schemas.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: "The shop's own mailbox, newest first",
  request: { query: MailboxQuerySchema },
  responses: { 200: json(MailboxSchema, 'One page'), ...problems },
})

export function mailboxRoutes() {
  const app = router()

  app.openapi(list, async (c) => {
    const { limit, cursor, to } = c.req.valid('query')
    const { mails, next } = await listMailbox(c.env.DB, {
      limit,
      ...(cursor !== undefined && { before: cursor }),
      ...(to !== undefined && { to }),
    })
    return c.json({ mails, nextCursor: next === null ? null : String(next) }, 200)
  })

  return app
}
