import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { cleanShop } from '../../src/shop/data/reset.ts'
import { call, state } from '../support/api.ts'
import { deliver, drain } from '../support/drive.ts'

beforeEach(() => cleanShop(env.DB, env.FILES))

const SHOP = { customers: 4, ordersPerCustomer: 3 }

describe('the seed of customers with as many orders each', () => {
  it('gives the first customer the first orders, numbered for each customer', async () => {
    const { status, json } = await call('POST', '/api/shop/seed', { ...SHOP, mixed: true })
    expect(status).toBe(200)
    expect(json).toMatchObject({ customers: 4, orders: { total: 12, guest: 0 } })
    const orders = await env.DB.prepare(
      'SELECT id, customer_id, customer_order FROM orders ORDER BY id',
    ).raw()
    expect(orders).toEqual(
      Array.from({ length: 12 }, (_, index) => [
        index + 1,
        Math.floor(index / 3) + 1,
        (index % 3) + 1,
      ]),
    )
  })

  it.each([
    ['a number of orders beside it', { ...SHOP, orders: 5 }],
    ['quick beside it', { ...SHOP, quick: true }],
    ['more orders than a shop may have', { customers: 1_000, ordersPerCustomer: 101 }],
  ])('is refused with %s, and nothing has changed', async (_, options) => {
    await call('POST', '/api/shop/seed', SHOP)
    const before = await state()
    const { status, json } = await call('POST', '/api/shop/seed', options)
    expect([status, json['code']]).toEqual([400, 'invalid_request'])
    expect(await state()).toEqual(before)
  })
})

describe.each([
  ['generate-reports', { cursor: 3, nestedSteps: { process_customer_orders: { cursor: 2 } } }],
  ['generate-reports-iteration', { cursor: [{ after: 2, at: 3 }, 1] }],
])('%s', (job, checkpoint) => {
  it('is interrupted at an order of a customer, and verified when it is done', async () => {
    await call('POST', '/api/shop/seed', SHOP)
    const body = { interrupt: { at: 'customer:3/order:2' }, hold: true }
    const started = await call('POST', `/api/jobs/${job}/runs`, body)
    expect(started.status).toBe(201)
    const id = started.json['id'] as string
    await deliver(id)
    const answer = await call('GET', `/api/runs/${id}/checkpoint`)
    expect(answer.json).toMatchObject({ status: 'interrupted', ...checkpoint })

    await call('POST', `/api/runs/${id}/resume`)
    expect(await drain(id)).toMatchObject({
      status: 'completed',
      result: { reports: 4, orders: 12 },
    })
    const verification = await call('GET', `/api/runs/${id}/verification`)
    expect(verification.json).toMatchObject({ ok: true })
  })

  it.each(['order:2', 'customer:', 'customer:3/', 'customer:3/order:', 'customer:3/batch:1'])(
    'is not started with an interruption at %s',
    async (at) => {
      const before = await state()
      const { status, json } = await call('POST', `/api/jobs/${job}/runs`, { interrupt: { at } })
      expect([status, json['code']]).toEqual([422, 'invalid_options'])
      expect(json['detail']).toContain("'customer:VALUE' or 'customer:VALUE/order:VALUE'")
      expect(await state()).toEqual(before)
    },
  )
})
