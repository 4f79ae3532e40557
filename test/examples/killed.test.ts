import { expect, it } from 'vitest'
import { eventually } from '../e2e/support/wait.ts'
import { ExampleFolder } from './example-folder.ts'
import { rowsIn } from '../support/local-d1.ts'

it('a Worker of one file, without a queue, is killed in mid-run and comes back', async () => {
  const folder = await ExampleFolder.of('examples/minimal')
  await folder.dev()
  const started = await fetch(folder.url)
  expect(started.status).toBe(202)
  await folder.killedAndBack(100)
  expect((await folder.dogear('verify', 'last')).code).toBe(0)
  const sql = 'SELECT count(*) AS rows, sum(square) AS sum FROM squares'
  const { output } = await folder.wrangler(
    'd1',
    'execute',
    'DB',
    '--local',
    '--json',
    '--command',
    sql,
  )
  expect(output).toContain('"rows": 1000')
  expect(output).toContain('"sum": 332833500')
})

it('a Worker whose queue has no consumer and no cron, as in a Preview, is interrupted, killed, and comes back', async () => {
  const folder = await ExampleFolder.of('templates/starter')
  folder.edit('wrangler.jsonc', /"consumers": \[[^\]]*\],/, '')
  folder.edit('wrangler.jsonc', /"triggers": .*\n/, '')
  await folder.dev()
  const { code, output } = await folder.dogear('run', 'hello', '--interrupt-after-items', '300')
  expect(code, output).toBe(0)
  const run = await folder.killedAndBack(500)
  expect(run.interruptions).toBeGreaterThan(0)
  expect(run.resumptions).toBeGreaterThan(1)
  const verified = await folder.dogear('verify', 'last')
  expect(verified.code, verified.output).toBe(0)
})

it('a Worker that was there before keeps its API, its queue, its page and its tables', async () => {
  const folder = await ExampleFolder.of('examples/hono-d1')
  // As its page says: npm run migrate, npm run seed.
  const { scripts } = JSON.parse(folder.read('package.json')) as { scripts: Record<string, string> }
  for (const script of ['migrate', 'seed']) {
    expect(folder.read('README.md')).toContain(`npm run ${script} `)
    const [wrangler, ...args] = (scripts[script] ?? '').split(' ')
    expect(wrangler).toBe('wrangler')
    const { code, output } = await folder.wrangler(...args)
    expect(code, output).toBe(0)
  }
  await folder.dev()

  expect(await (await fetch(folder.url)).text()).toContain('<h1>Acme Billing</h1>')
  expect((await fetch(`${folder.url}/dogear/api/runs`)).status).toBe(401)
  const headers = { authorization: 'Bearer acme-dev-token' }
  const made = await fetch(`${folder.url}/api/invoices`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ customerId: 1, netCents: 100 }),
  })
  expect(made.status).toBe(201)

  const token = ['--token', 'acme-dev-token']
  const { code, output } = await folder.dogear('run', 'backfill-vat', '--wait', ...token)
  expect(code, output).toBe(0)
  expect((await folder.dogear('verify', 'last', ...token)).code).toBe(0)

  const count = (what: string) =>
    rowsIn(folder.path, `SELECT count(*) AS found FROM ${what}`)[0]?.[0]?.['found']
  await eventually(
    'its mail is sent',
    20_000,
    async () => count(`mail_log WHERE kind = 'invoice'`) === 1,
  )
  expect(count('runs')).toBe(1)
  expect(count('invoices WHERE vat_writes = 1')).toBe(5_001)
})
