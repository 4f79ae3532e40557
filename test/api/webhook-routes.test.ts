import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { tendOutbox } from '../../src/webhooks/index.ts'
import { listDeliveries, queueTest } from '../../src/webhooks/deliveries.ts'
import { BASE, deployed, TOKENS, API_TOKENS } from '../support/access.ts'
import { Receiver, answer } from '../support/receiver.ts'

const SECRET = `whsec_${btoa('a secret of twenty-four bytes or more')}`
const team = { name: 'team', url: 'https://hooks.example/in?key=hidden', secret: SECRET }
const WEBHOOKS = JSON.stringify([team, { ...team, name: 'night', events: ['run.failed'] }])

let receiver: Receiver

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM dogear_webhook_deliveries').run()
  receiver = new Receiver()
  vi.stubGlobal('fetch', receiver.fetch)
  return () => vi.unstubAllGlobals()
})

/** Asks as an admin unless told otherwise, and waits for what goes on after the answer. */
async function ask(
  method: string,
  path: string,
  { body, as = 'admin', webhooks = WEBHOOKS }: Partial<Asked> = {},
) {
  const { app, bindings } = deployed({ API_TOKENS, WEBHOOKS: webhooks })
  const context = createExecutionContext()
  const response = await app.request(
    BASE + path,
    {
      method,
      headers: { authorization: `Bearer ${TOKENS[as]}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    bindings,
    context,
  )
  await waitOnExecutionContext(context)
  const text = await response.text()
  return { status: response.status, text, json: JSON.parse(text) as Record<string, unknown> }
}

interface Asked {
  body: unknown
  as: keyof typeof TOKENS
  webhooks: string
}

const deliveries = async () => (await listDeliveries(env.DB, { limit: 100 })).deliveries

describe('GET /api/webhooks', () => {
  it('shows endpoints without their paths and secrets, and deliveries page by page', async () => {
    for (let count = 0; count < 3; count++) await queueTest(env.DB, 'team', Date.now())
    const { json, text } = await ask('GET', '/api/webhooks?limit=2', { as: 'operator' })
    expect(json).toMatchObject({
      endpoints: [
        { name: 'team', origin: 'https://hooks.example', events: null, jobs: null },
        { name: 'night', origin: 'https://hooks.example', events: ['run.failed'], jobs: null },
      ],
      deliveries: [
        { endpoint: 'team', event: 'webhook.test', run: null, status: 'pending', attempts: 0 },
        {},
      ],
    })
    expect(text).not.toMatch(/hidden|whsec_/)
    const rest = await ask('GET', `/api/webhooks?limit=2&cursor=${String(json['nextCursor'])}`)
    expect(rest.json).toMatchObject({ deliveries: [{}], nextCursor: null })
    expect((await ask('GET', '/api/webhooks?run=0')).json).toMatchObject({ deliveries: [] })
  })

  it('says what is wrong with the setting, and not what it holds', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const webhooks = JSON.stringify([{ ...team, url: 'http://hidden.example' }])
    const { json, text } = await ask('GET', '/api/webhooks', { webhooks })
    expect(json).toMatchObject({
      endpoints: [],
      problem: expect.stringContaining('WEBHOOKS is malformed, so nothing is sent: [0.url]'),
    })
    expect(text).not.toContain('hidden')
    expect(
      await ask('POST', '/api/webhooks/test', { webhooks, body: { endpoint: 'team' } }),
    ).toMatchObject({
      status: 409,
      json: { code: 'webhooks_misconfigured' },
    })
  })
})

describe('a test of an endpoint', () => {
  it('is sent at once', async () => {
    const { status, json } = await ask('POST', '/api/webhooks/test', { body: { endpoint: 'team' } })
    expect({ status, json }).toMatchObject({ status: 200, json: { event: 'webhook.test' } })
    expect(receiver.received.map(({ message }) => message)).toEqual([
      { type: 'webhook.test', timestamp: json['createdAt'], data: {} },
    ])
    expect(await deliveries()).toMatchObject([{ status: 'delivered' }])
  })
})

describe('a delivery that was given up', () => {
  it('is sent again when somebody asks for it, under its old id', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    receiver.replies = [answer(410)]
    await ask('POST', '/api/webhooks/test', { body: { endpoint: 'team' } })
    const [given] = await deliveries()
    expect(given).toMatchObject({ status: 'given_up' })
    const retried = await ask('POST', `/api/webhooks/deliveries/${given?.id}/retry`)
    expect(retried).toMatchObject({ status: 200, json: { id: given?.id, status: 'pending' } })
    expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 1 }])
    expect(new Set(receiver.ids).size).toBe(1)
  })

  it('is one for an endpoint that was taken away', async () => {
    await queueTest(env.DB, 'team', Date.now())
    await tendOutbox({ env })
    expect(await deliveries()).toMatchObject([
      { status: 'given_up', lastError: 'there are no endpoints any more' },
    ])
  })
})

describe('bad input', () => {
  it.each([
    ['GET', '/api/webhooks?limit=501', undefined, 'invalid_query'],
    ['GET', '/api/webhooks?cursor=x', undefined, 'invalid_query'],
    ['GET', '/api/webhooks?status=pending', undefined, 'invalid_query'],
    ['POST', '/api/webhooks/test', { endpoint: 'nobody' }, 'unknown_endpoint'],
    ['POST', '/api/webhooks/test', { endpoint: 7 }, 'invalid_request'],
    [
      'POST',
      '/api/webhooks/test',
      { endpoint: 'team', url: 'https://x.example' },
      'invalid_request',
    ],
    ['POST', '/api/webhooks/deliveries/999999/retry', undefined, 'unknown_delivery'],
    ['POST', '/api/webhooks/deliveries/0/retry', undefined, 'invalid_request'],
    ['POST', '/api/webhooks/deliveries/1e99/retry', undefined, 'invalid_request'],
  ])('to %s %s with %j is refused, and nothing is sent', async (method, path, body, code) => {
    expect((await ask(method, path, { body })).json).toMatchObject({ code })
    expect(receiver.received).toEqual([])
    expect(await deliveries()).toEqual([])
  })

  it.each([
    ['GET', '/api/webhooks', 'viewer'],
    ['POST', '/api/webhooks/test', 'operator'],
    ['POST', '/api/webhooks/deliveries/1/retry', 'operator'],
  ] as const)('from whoever may not: %s %s as %s', async (method, path, as) => {
    expect(await ask(method, path, { as })).toMatchObject({ status: 403 })
  })
})
