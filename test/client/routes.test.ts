import { expect, it } from 'vitest'
import type { ShopClient } from '../../src/shop/client.ts'
import { clientOf } from '../support/client.ts'

/** Of the client, what asks the API; with what each is called here. */
type Methods = Omit<ShopClient, 'url'>

/** Calls each method once; the compiler sees to it that none is forgotten. */
const CALLS: { [Name in keyof Methods]: (client: ShopClient) => unknown } = {
  health: (client) => client.health(),
  doctor: (client) => client.doctor(),
  openapi: (client) => client.openapi(),
  metrics: (client) => client.metrics(),
  overview: (client) => client.overview(),
  schedules: (client) => client.schedules(),
  runSchedule: (client) => client.runSchedule('nightly'),
  pauseSchedule: (client) => client.pauseSchedule('nightly'),
  resumeSchedule: (client) => client.resumeSchedule('nightly'),
  jobs: (client) => client.jobs(),
  job: (client) => client.job('a-job'),
  start: (client) => client.start('a-job'),
  runs: (client) => client.runs(),
  runTotals: (client) => client.runTotals({ details: true }),
  runHistogram: (client) => client.runHistogram(),
  eachRun: (client) => client.eachRun().next(),
  run: (client) => client.run('r1'),
  checkpoint: (client) => client.checkpoint('r1'),
  slices: (client) => client.slices('r1'),
  stretches: (client) => client.stretches('r1'),
  history: (client) => client.history('r1'),
  eachEvent: (client) => client.eachEvent('r1').next(),
  logs: (client) => client.logs('r1'),
  eachLine: (client) => client.eachLine('r1').next(),
  verification: (client) => client.verification('r1'),
  skips: (client) => client.skips('r1'),
  skipGroups: (client) => client.skipGroups('r1'),
  skipFile: (client) => client.skipFile('r1'),
  eachSkip: (client) => client.eachSkip('r1').next(),
  events: (client) => client.events('r1').next(),
  command: (client) => client.command('r1', 'pause'),
  kill: (client) => client.kill('r1'),
  redrive: (client) => client.redrive('r1'),
  ledger: (client) => client.ledger('r1'),
  eachCommit: (client) => client.eachCommit('r1').next(),
  fork: (client) => client.fork('r1', { seq: 1 }),
  restart: (client) => client.restart('r1', { step: 'a-step' }),
  bulk: (client) => client.bulk('pause', { job: 'a-job' }),
  alerts: (client) => client.alerts(),
  eachAlert: (client) => client.eachAlert().next(),
  dismiss: (client) => client.dismiss(1),
  errors: (client) => client.errors(),
  eachError: (client) => client.eachError().next(),
  error: (client) => client.error('3f9c01d2'),
  retryError: (client) => client.retryError('3f9c01d2'),
  retryErrorDryRun: (client) => client.retryErrorDryRun('3f9c01d2'),
  dismissError: (client) => client.dismissError('3f9c01d2'),
  muteError: (client) => client.muteError('3f9c01d2', '8 hours'),
  unmuteError: (client) => client.unmuteError('3f9c01d2'),
  webhooks: (client) => client.webhooks(),
  retryDelivery: (client) => client.retryDelivery(1),
  testWebhook: (client) => client.testWebhook('team'),
  audit: (client) => client.audit(),
  session: (client) => client.session(),
  logIn: (client) => client.logIn('a token'),
  logOut: (client) => client.logOut(),
  snapshot: (client) => client.snapshot(),
  seed: (client) => client.seed(),
  reset: (client) => client.reset(),
  clean: (client) => client.clean(),
  upload: (client) => client.upload('a.csv', 'a,b'),
  mailbox: (client) => client.mailbox(),
}

/** The document says nothing of itself. */
const UNDESCRIBED = ['get /openapi.json']

it('the client has a method for each operation of the API, and none besides', async () => {
  const { paths } = (await clientOf().openapi()) as { paths: Record<string, object> }
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  // The path that names more by itself comes first: `/redrive` is no `/{command}`.
  const operations = [...described, ...UNDESCRIBED].toSorted(
    (a, b) => a.split('{').length - b.split('{').length,
  )
  const found = new Set<string>()
  for (const [name, call] of Object.entries(CALLS)) {
    const asked: string[] = []
    const recording = clientOf((url, { method }) => {
      asked.push(`${method?.toLowerCase()} ${new URL(url).pathname}`)
      // A refusal, which no method takes for an answer or asks again about.
      return Promise.resolve(new Response('{}', { status: 400 }))
    })
    await Promise.resolve(call(recording)).catch(() => {})
    expect(asked, name).toHaveLength(1)
    const operation = operations.find((one) => patternOf(one).test(asked[0] ?? ''))
    expect(operation, `${name} asks ${asked[0]}`).toBeDefined()
    found.add(operation ?? '')
  }
  expect([...found].toSorted()).toEqual(operations.toSorted())
})

it('the client is asked for each of its own properties above', () => {
  const properties = Object.keys(clientOf())
  expect(properties.toSorted()).toEqual(Object.keys(CALLS).toSorted())
})

function patternOf(operation: string): RegExp {
  return new RegExp(`^${operation.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
}
