import { Hono } from 'hono'
import { jobs } from './jobs'
import { remindOverdue } from './jobs/remind-overdue'
import { isStaff } from './staff'

/** The company's own API. */
export const app = new Hono<{ Bindings: Env }>()

app.use('/api/*', async (c, next) => {
  if (!isStaff(c.req.raw, c.env)) return c.json({ error: 'Who are you?' }, 401)
  return next()
})

app.get('/api/invoices', async (c) => {
  const { results } = await c.env.BILLING_DB.prepare(
    'SELECT id, number, net_cents, vat_cents, status, due_on FROM invoices ORDER BY id LIMIT 50',
  ).all()
  return c.json(results)
})

app.post('/api/invoices', async (c) => {
  const { customerId, netCents } = await c.req.json<{ customerId: number; netCents: number }>()
  const number = `R-${await c.env.NUMBERS.getByName('all').next()}`
  const invoice = await c.env.BILLING_DB.prepare(
    `INSERT INTO invoices (number, customer_id, net_cents, due_on)
     VALUES (?, ?, ?, date('now', '+30 days')) RETURNING id`,
  )
    .bind(number, customerId, netCents)
    .first<number>('id')
  await c.env.MAIL_QUEUE.send({ invoice })
  return c.json({ number }, 201)
})

/** A run per day, however often this is asked for. */
app.post('/api/reminders', async (c) => {
  const before = new Date().toISOString().slice(0, 10)
  const run = await jobs.start(c.env, remindOverdue, {
    params: { before },
    idempotencyKey: `remind-${before}`,
  })
  return c.json({ run: run.id, status: run.status }, 202)
})
