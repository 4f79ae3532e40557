import { createRoute, z } from '@hono/zod-openapi'
import { listMailbox } from '../shop/mail/local-mailbox.ts'
import { router } from './router.ts'
import { json, problems } from './schemas.ts'

const count = z.int().nonnegative()

const MailboxQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.coerce.number().int().positive().optional(),
  to: z.string().max(320).optional().openapi({ description: 'Mails to this address only' }),
})

const MailboxSchema = z
  .object({
    mails: z.array(
      z.object({
        id: count,
        key: z.string(),
        to: z.string(),
        subject: z.string(),
        body: z.string(),
        calls: count.openapi({
          description: 'How often it was handed over; more than once after a crash',
        }),
        receivedAt: z.iso.datetime(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .openapi('Mailbox')

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
