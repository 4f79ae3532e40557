import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PLAIN, type ProjectFolder, wiredFolder } from './project-folder.ts'

const CONFIG = 'wrangler.jsonc'
const ENTRY = 'src/index.ts'
const JOBS = 'src/jobs.ts'

/** A Worker that is wired, and says who may use it. */
async function goodFolder(): Promise<ProjectFolder> {
  const folder = await wiredFolder()
  folder.edit(JOBS, `db: 'BILLING_DB'`, `db: 'BILLING_DB', authorize: () => null`)
  return folder
}

/** The lines of what is wrong, or could be better. */
const complaints = (stdout: string) =>
  stdout.split('\n').filter((line) => /^(wrong|note)/.test(line))

/** A way to get it wrong: what is planted, and what is said of it. */
interface Case {
  what: string
  plant: (folder: ProjectFolder) => void
  says: string[]
}

const CASES: Case[] = [
  {
    what: 'a queue without a consumer',
    plant: (folder) => folder.edit(CONFIG, /, \{\s*"queue": "acme-billing-dogear",[^}]*\}/, ''),
    says: [
      'consumer',
      'nobody takes the messages of acme-billing-dogear',
      'add { "queue": "acme-billing-dogear", "max_batch_size": 10, "max_batch_timeout": 0, "max_retries": 3 } to queues.consumers',
    ],
  },
  {
    what: "a consumer of another queue than the producer's",
    plant: (folder) =>
      folder.edit(CONFIG, /("queue": "acme-billing)-dogear(",\s+"max_batch_size")/, '$1-dogaer$2'),
    says: [
      'consumer',
      'DOGEAR_QUEUE sends to acme-billing-dogear, and the consumer takes from acme-billing-dogaer',
      'give both the same queue',
    ],
  },
  {
    what: 'no Durable Object binding',
    plant: (folder) =>
      folder.edit(CONFIG, ', { "name": "DOGEAR_RUNS", "class_name": "JobRun" }', ''),
    says: [
      'objects',
      'no binding DOGEAR_RUNS; there is NUMBERS',
      'add { "name": "DOGEAR_RUNS", "class_name": "JobRun" } to durable_objects.bindings',
    ],
  },
  {
    what: 'no migration of the class',
    plant: (folder) =>
      folder.edit(CONFIG, ',\n    { "tag": "v2", "new_sqlite_classes": ["JobRun"] }', ''),
    says: [
      'class',
      'no migration makes the class JobRun',
      'add a tag with "new_sqlite_classes": ["JobRun"] to migrations',
    ],
  },
  {
    what: 'a class without SQLite',
    plant: (folder) =>
      folder.edit(CONFIG, '"new_sqlite_classes": ["JobRun"]', '"new_classes": ["JobRun"]'),
    says: ['class', 'migration v2 makes JobRun by new_classes', 'write new_sqlite_classes there'],
  },
  {
    what: 'no tick each minute',
    plant: (folder) => folder.edit(CONFIG, ', "* * * * *"', ''),
    says: ['cron', `triggers.crons has '0 3 * * *'`, `add '* * * * *' to triggers.crons`],
  },
  {
    what: 'an entry that does not export the class',
    plant: (folder) => folder.edit(ENTRY, 'export const { JobRun } = jobs\n', ''),
    says: [
      'export',
      'src/index.ts does not export the class JobRun',
      'add to src/index.ts: export const { JobRun } = jobs',
    ],
  },
  {
    what: 'an entry that keeps its queue from Dogear',
    plant: (folder) =>
      folder.edit(ENTRY, /jobs\.wrap\(([^]*)\)$/m, '$1\nexport const tick = jobs.scheduled'),
    says: [
      'queue handler',
      'src/index.ts does not hand queue() to Dogear',
      'call jobs.queue(batch, env) in your queue()',
    ],
  },
  {
    what: 'an entry that keeps its ticks from Dogear',
    plant: (folder) =>
      folder.edit(ENTRY, /jobs\.wrap\(([^]*)\)$/m, '$1\nexport const take = jobs.queue'),
    says: [
      'scheduled handler',
      'src/index.ts does not hand scheduled() to Dogear',
      'call jobs.scheduled(controller, env) in your scheduled()',
    ],
  },
  {
    what: 'an entry that does not know the jobs',
    plant: (folder) => folder.write(ENTRY, PLAIN[ENTRY]),
    says: [
      'code',
      'src/index.ts does not import src/jobs.ts, which calls createDogear',
      'npx dogear init prints the lines',
    ],
  },
  {
    what: 'another database than there is',
    plant: (folder) => folder.edit(JOBS, `db: 'BILLING_DB', `, ''),
    says: [
      'database',
      'createDogear looks for the D1 database DB; there is BILLING_DB',
      `createDogear({ db: 'BILLING_DB' })`,
    ],
  },
  {
    what: 'no database at all',
    plant: (folder) => folder.edit(CONFIG, /"d1_databases": \[[^]*?\],/, ''),
    says: ['database', 'the D1 database BILLING_DB; there is none', 'npx dogear init'],
  },
  {
    what: 'two bindings of one database',
    plant: (folder) =>
      folder.edit(
        CONFIG,
        '"d1_databases": [',
        '"d1_databases": [\n    { "binding": "DB", "database_name": "x", "database_id": "6a0c2f0e" },',
      ),
    says: ['one database', 'BILLING_DB and DB are one database', 'remove one of the two'],
  },
  {
    what: 'two databases that seem to be one',
    plant: (folder) =>
      folder.edit(
        CONFIG,
        '"d1_databases": [',
        '"d1_databases": [\n    { "binding": "DB", "database_name": "acme-billing" },',
      ),
    says: ['one database', 'so they are two databases', 'remove one of the two'],
  },
  {
    what: 'a compatibility_date that is too old',
    plant: (folder) => folder.edit(CONFIG, '2026-05-01', '2023-05-01'),
    says: ['compatibility date', '2023-05-01', '2024-04-03'],
  },
  {
    what: 'a named environment that lacks a binding',
    plant: (folder) =>
      folder.edit(
        CONFIG,
        '"triggers"',
        '"env": { "live": { "d1_databases": [{ "binding": "BILLING_DB" }] } },\n  "triggers"',
      ),
    says: ['env.live: objects', 'durable_objects has no binding DOGEAR_RUNS', 'add'],
  },
  {
    what: 'a consumer that waits before each slice',
    plant: (folder) => folder.edit(CONFIG, /\s+"max_batch_timeout": 0,/, ''),
    says: ['consumer timing', 'waits up to 5 s for more messages', '"max_batch_timeout": 0'],
  },
  {
    what: 'a queue that the code names and the configuration lacks',
    plant: (folder) => folder.edit(JOBS, 'jobs: [hello]', `jobs: [hello], queue: 'SLICES'`),
    says: [
      'queue',
      'createDogear looks for the queue SLICES; there is MAIL_QUEUE, DOGEAR_QUEUE',
      'or leave queue out',
    ],
  },
]

describe('dogear doctor', () => {
  it('says one line of a good Worker', async () => {
    const { code, stdout } = await (await goodFolder()).dogear('doctor')
    expect(stdout).toMatch(/^All well: \d+ checks of wrangler.jsonc, src\/index.ts\.\n$/)
    expect(code).toBe(0)
  })

  it.each(CASES)('finds $what', async ({ plant, says }) => {
    const folder = await goodFolder()
    plant(folder)
    const { code, stdout } = await folder.dogear('doctor')
    const found = complaints(stdout)
    const line = found.find((one) => says.every((part) => one.includes(part)))
    expect(line, stdout).toMatch(/^wrong /)
    expect(code).toBe(1)
  })

  it('gives advice on access, and does not fail for it', async () => {
    const { code, stdout } = await (await wiredFolder()).dogear('doctor')
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(/^note {3}access .* wrangler secret put API_TOKENS$/),
    ])
    expect(code).toBe(0)
  })

  it('gives advice on rate limits where tokens are asked for', async () => {
    const folder = await goodFolder()
    folder.edit(CONFIG, '"triggers"', '"secrets": { "required": ["API_TOKENS"] },\n  "triggers"')
    const { code, stdout } = await folder.dogear('doctor')
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(
        /^note {3}limits .*API_LIMIT and LOGIN_LIMIT.* To do: add to ratelimits: /,
      ),
    ])
    expect(code).toBe(0)
    // What it says to add is what it looks for.
    const [, entries] = /add to ratelimits: (.*); /.exec(stdout) ?? []
    folder.edit(CONFIG, '"triggers"', `"ratelimits": [${entries}],\n  "triggers"`)
    expect((await folder.dogear('doctor')).stdout).toMatch(/^All well: .*\n$/)
  })

  it('is content with a Worker without a queue, and with one that is wired by hand', async () => {
    const folder = await goodFolder()
    folder.edit(CONFIG, /, \{\s*"queue": "acme-billing-dogear",[^}]*\}/, '')
    folder.edit(CONFIG, /\n\s+\{ "binding": "DOGEAR_QUEUE"[^}]*\},/, '')
    folder.edit(ENTRY, /jobs\.wrap\(([^]*)\)$/m, '$1')
    folder.edit(
      ENTRY,
      'fetch:',
      'scheduled: (controller, env) => void jobs.scheduled(controller, env),\n  fetch:',
    )
    expect((await folder.dogear('doctor')).stdout).toMatch(/^All well/)
  })

  it('looks at the one environment that is named', async () => {
    const folder = await goodFolder()
    folder.edit(CONFIG, '"triggers"', '"env": { "live": {}, "test": {} },\n  "triggers"')
    const { stdout } = await folder.dogear('doctor', '--env', 'live')
    expect(complaints(stdout).length).toBeGreaterThan(0)
    expect(stdout).not.toContain('env.test')
    expect((await folder.dogear('doctor', '--env', 'prod')).stderr).toContain(
      'no environment prod; it has live, test',
    )
  })

  it('says that it cannot read code that does not build', async () => {
    const folder = await goodFolder()
    folder.write(JOBS, 'export const jobs = (')
    const { stdout } = await folder.dogear('doctor')
    expect(complaints(stdout)[0]).toContain('src/index.ts does not build: ')
  })

  it('prints one JSON document', async () => {
    const { stdout } = await (await wiredFolder()).dogear('doctor', '--json')
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string }[] }
    expect(ok).toBe(true)
    expect(checks.find(({ name }) => name === 'class')).toEqual({
      name: 'class',
      ok: true,
      found: 'JobRun, with SQLite',
      todo: '',
    })
  })
})

/** What a Worker answers. */
async function answering(body: unknown, status = 200): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/dogear`
}

describe('dogear doctor of a Worker that runs', () => {
  it('adds what the Worker says of itself, whose word counts more', async () => {
    const url = await answering({
      ok: false,
      checks: [
        { name: 'schema', ok: false, found: 'version 1, expected 2', todo: 'npx dogear migrate' },
        { name: 'access', ok: true, found: 'API_TOKENS', todo: '' },
      ],
    })
    const { code, stdout } = await (await wiredFolder()).dogear('doctor', '--url', url)
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(/^wrong {2}schema +version 1, expected 2\. To do: npx dogear migrate$/),
    ])
    expect(code).toBe(1)
  })

  it('says so when the Worker that it was told of is not there', async () => {
    const { code, stdout } = await (
      await goodFolder()
    ).dogear('doctor', '--url', 'http://127.0.0.1:1/dogear')
    expect(complaints(stdout)[0]).toMatch(/^wrong {2}worker .*127\.0\.0\.1:1\/dogear/)
    expect(code).toBe(1)
  })

  it('asks for a token where it is not let in', async () => {
    const url = await answering({ code: 'unauthenticated', detail: 'who are you?' }, 401)
    const { code, stdout } = await (await goodFolder()).dogear('doctor', '--url', url)
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(
        /^note {3}worker .*who are you\?\. To do: dogear doctor --token TOKEN$/,
      ),
    ])
    expect(code).toBe(0)
  })

  it('says so when something else answers there', async () => {
    const url = await answering({ ok: true })
    const { stdout } = await (await goodFolder()).dogear('doctor', '--url', url)
    expect(complaints(stdout)[0]).toContain('is no Dogear that can look at itself')
  })
})
