import { env, exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'

const ask = (path: string, init: RequestInit = {}) =>
  exports.default.fetch(`https://acme.example${path}`, {
    ...init,
    headers: { authorization: 'Bearer acme-test-token', 'content-type': 'application/json' },
  })

it('still has its own API, which starts a run', async () => {
  await env.BILLING_DB.prepare(
    `INSERT INTO customers (id, company, email) VALUES (1, 'Acme', 'acme@example.com')`,
  ).run()
  const body = JSON.stringify({ customerId: 1, netCents: 100 })
  expect((await ask('/api/invoices', { method: 'POST', body })).status).toBe(201)
  const started = await ask('/api/reminders', { method: 'POST' })
  expect(started.status).toBe(202)
  const { run } = await started.json<{ run: string }>()
  const seen = await ask(`/dogear/api/runs/${run}`)
  expect(await seen.json()).toMatchObject({ id: run, job: 'remind-overdue' })
})

it('shows its runs to nobody else', async () => {
  const answer = await exports.default.fetch('https://acme.example/dogear/api/runs')
  expect(answer.status).toBe(401)
})
