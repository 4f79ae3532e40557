import { describe, expect, it } from 'vitest'
import { complaints, goodFolder, PLAIN, type ProjectFolder, wiredFolder } from './project-folder.ts'

const CONFIG = 'wrangler.jsonc'
const ENTRY = 'src/index.ts'
const JOBS = 'src/jobs.ts'

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
      'nobody takes the messages of acme-billing-dogear',
      'add { "queue": "acme-billing-dogear"',
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
    says: [
      'env.live: objects',
      'durable_objects has no binding DOGEAR_RUNS',
      'add { "name": "DOGEAR_RUNS", "class_name": "JobRun" }',
    ],
  },
  {
    what: "a queue without a consumer, beside a consumer of another Worker's queue",
    plant: (folder) => {
      folder.edit(CONFIG, /, \{\s*"queue": "acme-billing-dogear",[^}]*\}/, '')
      folder.edit(
        CONFIG,
        '"queue": "acme-mails", "max_batch_size"',
        '"queue": "orders", "max_batch_size"',
      )
    },
    says: [
      'consumer',
      'nobody takes the messages of acme-billing-dogear',
      'add { "queue": "acme-billing-dogear"',
    ],
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

  it('gives advice on a consumer that waits before each slice, and does not fail for it', async () => {
    const folder = await goodFolder()
    folder.edit(CONFIG, /\s+"max_batch_timeout": 0,/, '')
    const { code, stdout } = await folder.dogear('doctor')
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(
        /^note {3}consumer timing .*waits up to 5 s for more messages, before every slice\. To do: "max_batch_timeout": 0$/,
      ),
    ])
    expect(code).toBe(0)
  })

  it.each([
    ['is the only one', (folder: ProjectFolder) => folder.edit(CONFIG, '"0 3 * * *", ', '')],
    [
      'is named in it',
      (folder: ProjectFolder) =>
        folder.edit(
          ENTRY,
          'scheduled() {}',
          `scheduled(controller: ScheduledController) { if (controller.cron === '* * * * *') return }`,
        ),
    ],
  ])(
    "notes that wrap keeps Dogear's tick from a scheduled() of the host, where it %s",
    async (_how, plant) => {
      const folder = await goodFolder()
      folder.edit(ENTRY, 'fetch:', 'scheduled() {},\n  fetch:')
      expect((await folder.dogear('doctor')).stdout).toMatch(/^All well: \d+ checks of [^\n]*\n$/)
      plant(folder)
      const { code, stdout } = await folder.dogear('doctor')
      expect(complaints(stdout)).toEqual([
        expect.stringMatching(
          /^note {3}own tick .*add '\*\/1 \* \* \* \*' to triggers\.crons, and createDogear\(\{ cron: '\*\/1 \* \* \* \*' \}\) in src\/jobs\.ts$/,
        ),
      ])
      expect(code).toBe(0)
    },
  )

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

  it.each([
    [
      'does not build',
      (folder: ProjectFolder) => folder.write(ENTRY, 'export default ('),
      /^note {3}code +not looked at: src\/index\.ts does not build: /,
    ],
    [
      'is not there',
      (folder: ProjectFolder) => folder.remove(ENTRY),
      /^note {3}code +not looked at: src\/index\.ts is not there\. To do: build it/,
    ],
    [
      'no wrangler is there to read',
      (folder: ProjectFolder) => folder.remove('node_modules/wrangler'),
      /^note {3}code +not looked at: wrangler is not installed here\. To do: npm i -D wrangler$/,
    ],
  ])(
    'does not call all well what it could not look at: code that %s',
    async (_what, plant, note) => {
      const folder = await goodFolder()
      plant(folder)
      const { code, stdout } = await folder.dogear('doctor')
      const [head, ...others] = stdout.trimEnd().split('\n')
      expect(head).toMatch(
        /^Nothing wrong in \d+ checks of wrangler\.jsonc\. Not everything was looked at:$/,
      )
      expect(others).toEqual([expect.stringMatching(note)])
      expect(code).toBe(0)
    },
  )

  it('says of which bindings it does not know the names', async () => {
    const folder = await goodFolder()
    folder.edit(JOBS, `db: 'BILLING_DB'`, 'db: NAME, runs: `${NAME}`')
    folder.edit(JOBS, 'export const jobs', `const NAME = process.env['NAME']\nexport const jobs`)
    const { stdout } = await folder.dogear('doctor')
    expect(stdout).toMatch(/^Nothing wrong in /)
    expect(complaints(stdout)).toEqual([
      expect.stringMatching(
        /^note {3}names +not looked at: what createDogear in src\/jobs\.ts says of db, runs is no plain text$/,
      ),
    ])
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
