import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { receive } from '../../docs/samples/receive-webhooks.ts'
import { dogear } from './support/dogear.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'
import { eventually } from './support/wait.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

let server: Server
let worker: FreshWorker
/** How the receiver answers; undefined is as it should. */
let fault: number | undefined
const seen = new Set<string>()
const told: { type: string; status: string | undefined }[] = []
let requests = 0

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1
    const answered = fault === undefined ? answer(request) : Promise.resolve(fault)
    // oxlint-disable-next-line typescript/no-floating-promises -- what fails fails the request
    answered.then(
      (status) => response.writeHead(status).end(),
      () => response.destroy(),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const url = `http://127.0.0.1:${port}/in`
  worker = await startFreshWorker({
    vars: { WEBHOOKS: JSON.stringify([{ name: 'local', url, secret: SECRET }]) },
  })
})

afterAll(async () => {
  await worker?.remove()
  server?.closeAllConnections()
  server?.close()
})

/** The sample of the docs, on a real server. */
async function answer(request: IncomingMessage): Promise<number> {
  const handle = ({ type, data }: { type: string; data: { run?: { status: string } } }) =>
    void told.push({ type, status: data.run?.status })
  const asked = new Request('http://receiver.example/', {
    method: 'POST',
    headers: request.headers as Record<string, string>,
    body: await text(request),
  })
  return (await receive(asked, { secret: SECRET, seen, handle })).status
}

it('tells a real receiver at once, and one that was down as soon as it is asked again', async () => {
  await worker.client.seed({ quick: true })
  const { id } = await worker.client.start('process-orders', {})
  await eventually('the end to be told', 30_000, () => Promise.resolve(told.length > 0))
  expect(told).toEqual([{ type: 'run.completed', status: 'completed' }])

  fault = 500
  const held = await worker.client.start('process-orders', { wait: '1 hour' })
  await worker.client.command(held.id, 'cancel')
  await eventually('the refused attempt', 30_000, async () => {
    const { deliveries } = await worker.client.webhooks({ run: held.id })
    return deliveries[0]?.lastError === 'HTTP 500'
  })
  await worker.kill9()
  await worker.restart()
  fault = undefined
  const [pending] = (await worker.client.webhooks({ run: held.id })).deliveries
  expect(pending).toMatchObject({ status: 'pending', attempts: 1, event: 'run.cancelled' })
  await worker.client.retryDelivery(pending?.id ?? 0)
  await eventually('the second attempt', 30_000, () => Promise.resolve(told.length > 1))
  expect(told.at(-1)).toEqual({ type: 'run.cancelled', status: 'cancelled' })
  expect(requests).toBe(3)

  const { stdout, code } = await dogear(worker.url, 'webhooks', '--run', id)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^local +http:\/\/127\.0\.0\.1:\d+ +all +all$/m)
  expect(stdout).toMatch(/run\.completed .* delivered/)
  const alerts = await dogear(worker.url, 'alerts', '--json')
  expect(JSON.parse(alerts.stdout)).toEqual({ alerts: [], nextCursor: null })
})
