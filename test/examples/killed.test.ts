import { expect, it } from 'vitest'
import { eventually } from '../e2e/support/wait.ts'
import { ExampleFolder } from './example-folder.ts'

interface Run {
  id: string
  status: string
  progress: { done: number }
}

/** The newest run, as the command shows it. */
async function newest(folder: ExampleFolder): Promise<Run> {
  const { output } = await folder.dogear('runs', '--limit', '1', '--json')
  const { runs } = JSON.parse(output) as { runs: [Run] }
  return runs[0]
}

it('a Worker of one file, without a queue, is killed in mid-run and comes back', async () => {
  const folder = await ExampleFolder.of('examples/minimal')
  await folder.dev()
  const started = await fetch(folder.url)
  expect(started.status).toBe(202)
  await eventually(
    'it has committed',
    30_000,
    async () => (await newest(folder)).progress.done > 100,
  )
  folder.kill()
  await folder.dev()
  await eventually('it is done', 60_000, async () => (await newest(folder)).status === 'completed')
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

it('a Worker that was there before keeps its API, its queue, its page and its tables', async () => {
  const folder = await ExampleFolder.of('examples/hono-d1')
  await folder.wrangler('d1', 'migrations', 'apply', 'BILLING_DB', '--local')
  const data = `INSERT INTO customers (id, company, email) VALUES (1, 'Acme', 'a@example.com');
    INSERT INTO runs (month, written_at) VALUES ('2026-11', '2026-11-30');
    INSERT INTO invoices (id, number, customer_id, net_cents, due_on)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    SELECT i, 'R-' || i, 1, 1000, '2026-01-01' FROM n;`
  await folder.wrangler('d1', 'execute', 'BILLING_DB', '--local', '--command', data)
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

  const ask = async (sql: string): Promise<string> => {
    const args = ['d1', 'execute', 'BILLING_DB', '--local', '--json', '--command', sql]
    return (await folder.wrangler(...args)).output
  }
  await eventually('its mail is sent', 20_000, async () =>
    (await ask(`SELECT count(*) AS mails FROM mail_log WHERE kind = 'invoice'`)).includes(
      '"mails": 1',
    ),
  )
  expect(await ask('SELECT count(*) AS runs FROM runs')).toContain('"runs": 1')
  expect(await ask('SELECT count(*) AS done FROM invoices WHERE vat_writes = 1')).toContain(
    '"done": 5001',
  )
})
