import { bindingsOf } from '../../engine/bindings.ts'
import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deliverWebhooks } from '../../webhooks/deliver.ts'
import { readEndpoints } from '../../webhooks/endpoints.ts'
import { listDeliveries, queueTest, retryDelivery } from '../../webhooks/deliveries.ts'
import { given } from '../request/given.ts'
import { ProblemError } from '../problem.ts'
import { router, type ApiEnv } from '../router.ts'
import { json, NumberedParam, problems } from '../schemas/runs.ts'
import {
  DeliverySchema,
  WebhooksQuerySchema,
  WebhooksSchema,
  WebhookTestSchema,
} from '../schemas/webhooks.ts'

const list = createRoute({
  method: 'get',
  path: '/',
  summary: 'Who is notified of runs, and of what, newest first',
  request: { query: WebhooksQuerySchema },
  responses: {
    200: json(WebhooksSchema, 'All endpoints, and one page of deliveries'),
    ...problems,
  },
})

const retry = createRoute({
  method: 'post',
  path: '/deliveries/{id}/retry',
  summary: 'Send a delivery again, whatever became of it',
  request: { params: NumberedParam },
  responses: { 200: json(DeliverySchema, 'It is due now'), ...problems },
})

const test = createRoute({
  method: 'post',
  path: '/test',
  summary: 'Send an endpoint an event `webhook.test`',
  request: {
    body: { content: { 'application/json': { schema: WebhookTestSchema } }, required: true },
  },
  responses: { 200: json(DeliverySchema, 'It is due now'), ...problems },
})

export function webhookRoutes() {
  const app = router()

  app.openapi(list, async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const { endpoints, problem } = readEndpoints(c.env)
    const { deliveries, next } = await listDeliveries(bindingsOf(c.env).db, {
      limit,
      ...given(filter),
      ...(cursor !== undefined && { before: cursor }),
    })
    const shown = endpoints.map(({ name, url, events, jobs }) => ({
      name,
      origin: new URL(url).origin,
      events: events ? [...events] : null,
      jobs: jobs ? [...jobs] : null,
    }))
    const nextCursor = next === null ? null : String(next)
    const page = { endpoints: shown, ...(problem !== undefined && { problem }), deliveries }
    return c.json({ ...page, nextCursor }, 200)
  })

  app.openapi(retry, async (c) => {
    const { id } = c.req.valid('param')
    const delivery = await retryDelivery(bindingsOf(c.env).db, id, Date.now())
    if (!delivery) throw new ProblemError('unknown_delivery', `There is no delivery ${id}`)
    sendSoon(c)
    return c.json(delivery, 200)
  })

  app.openapi(test, async (c) => {
    const { endpoint } = c.req.valid('json')
    const { endpoints, problem } = readEndpoints(c.env)
    if (problem !== undefined) throw new ProblemError('webhooks_misconfigured', problem)
    if (!endpoints.some(({ name }) => name === endpoint)) {
      const known = endpoints.map(({ name }) => name).join(', ') || 'none is configured'
      throw new ProblemError(
        'unknown_endpoint',
        `There is no endpoint '${endpoint}' in WEBHOOKS; expected one of: ${known}`,
      )
    }
    const delivery = await queueTest(bindingsOf(c.env).db, endpoint, Date.now())
    sendSoon(c)
    return c.json(delivery, 200)
  })

  return app
}

/** The answer does not wait for it. */
function sendSoon(c: Context<ApiEnv>): void {
  c.executionCtx.waitUntil(deliverWebhooks({ env: c.env }))
}
