import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'jsonc-parser'
import { describe, expect, it } from 'vitest'
import { eventually } from '../e2e/support/wait.ts'
import { BILLING_BEFORE, CONFIG_AFTER } from './billing.ts'
import { ExampleFolder } from './example-folder.ts'
import { executeIn, rowsIn } from '../support/local-d1.ts'

/** The host's own tables, whole. */
const HOSTS = ['customers', 'runs', 'invoices'].map((table) => `SELECT * FROM ${table}`)

const DATA = `INSERT INTO customers (id, company, email) VALUES (1, 'Acme', 'a@example.com');
  INSERT INTO runs (month, written_at) VALUES ('2026-11', '2026-11-30');
  INSERT INTO invoices (id, number, customer_id, net_cents, due_on) VALUES (1, 'R-1', 1, 1000, '2026-12-01');`

/** What a stranger does until the first job runs, one thing after the other. */
class Steps {
  #taken: string[] = []

  async take<Result>(what: string, step: () => Promise<Result> | Result): Promise<Result> {
    this.#taken.push(what)
    expect(this.#taken.length, this.#taken.join(', then ')).toBeLessThanOrEqual(4)
    return step()
  }
}

describe.each(['npm', 'pnpm'] as const)('Four steps with %s, and a job runs', (manager) => {
  it('in an empty folder', async () => {
    const steps = new Steps()
    const folder = ExampleFolder.bare({})
    await steps.take(`${manager} adds dogear`, () => folder.install(manager))
    folder.link('wrangler')
    const { code, output } = await steps.take('init', () => folder.dogear('init'))
    expect(code, output).toBe(0)
    await steps.take('wrangler dev', () => folder.dev())
    const run = await steps.take('run', () => folder.dogear('run', 'hello'))
    expect(run.code, run.output).toBe(0)
    await folder.killedAndBack(100)
    expect((await folder.dogear('verify', 'last')).code).toBe(0)
    expect(await (await fetch(`${folder.url}/dogear`)).text()).toContain('<title>Dogear</title>')
  })

  it('in a Worker that was there before, which keeps what is its own', async () => {
    const steps = new Steps()
    const folder = ExampleFolder.bare(BILLING_BEFORE)
    await folder.wrangler('d1', 'migrations', 'apply', 'BILLING_DB', '--local')
    executeIn(folder.path, DATA)
    const before = tables(folder)
    expect(before.map((rows) => rows.length)).toEqual([1, 1, 1])

    await steps.take(`${manager} adds dogear`, () => folder.install(manager))
    folder.link(...['wrangler', 'typescript', 'hono', 'zod'].filter((name) => !folder.has(name)))
    // What the host has from its own last `wrangler types`: the folder holds no generated file.
    expect((await folder.wrangler('types')).code).toBe(0)
    const { code, output } = await steps.take('init', () => folder.dogear('init'))
    expect(code, output).toBe(0)
    expect(parse(folder.read('wrangler.jsonc'))).toEqual(parse(CONFIG_AFTER))
    await steps.take('the lines that init names', () => {
      typeLines(join(folder.path, 'src/index.ts'), output)
    })
    expect((await folder.tool('typescript/bin/tsc', '--noEmit')).output).toBe('')
    await steps.take('wrangler dev', () => folder.dev())

    expect((await folder.dogear('run', 'hello')).code).toBe(0)
    await folder.killedAndBack(100)
    expect((await folder.dogear('verify', 'last')).code).toBe(0)
    const page = await fetch(folder.url)
    expect(await page.text()).toBe(BILLING_BEFORE['public/index.html'])
    expect(tables(folder)).toEqual(before)
    await mailed(folder)
  })
})

const tables = (folder: ExampleFolder) => rowsIn(folder.path, ...HOSTS)

/** Changes the entry file as `dogear init` says. */
function typeLines(path: string, output: string): void {
  const said = /\n {2}(import .*)\n {2}(export const .*)\n {2}(export default .*) \/\/ was/.exec(
    output,
  )
  const [, imported = '', exported = '', wrapped = ''] = said ?? []
  const text = readFileSync(path, 'utf8')
    .replace('export default {', `${exported}\n${wrapped}`)
    .replace(/\} satisfies (.*)\n$/, '} satisfies $1)\n')
  writeFileSync(path, `${imported}\n${text}`)
}

/** The host's own queue still sends its own mail. */
async function mailed(folder: ExampleFolder): Promise<void> {
  const made = await fetch(`${folder.url}/api/invoices`, {
    method: 'POST',
    headers: { authorization: 'Bearer acme-dev-token' },
    body: JSON.stringify({ customerId: 1, netCents: 100 }),
  })
  expect(made.status).toBe(201)
  await eventually('its mail is sent', 20_000, async () => {
    const [sent] = rowsIn(folder.path, 'SELECT kind FROM mail_log')
    return sent?.length === 1
  })
}
