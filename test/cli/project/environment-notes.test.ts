import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { unstable_readConfig as readByWrangler } from 'wrangler'
import { PLAIN, ProjectFolder, WIRED } from './project-folder.ts'

describe('What dogear init says of a named environment', () => {
  /** The notes, each with its lines. */
  const notesIn = (stdout: string) =>
    stdout.split('\n\n').filter((part) => part.startsWith('Note: env.'))
  const withEnv = (section: object) => {
    const folder = new ProjectFolder(PLAIN)
    const env = JSON.stringify({ live: section })
    folder.edit('wrangler.jsonc', '"triggers"', `"env": ${env},\n  "triggers"`)
    return folder
  }

  it('is that its own lists take the place of those of the top level', async () => {
    const folder = withEnv({
      triggers: { crons: ['5 4 * * *'] },
      migrations: [{ tag: 'v1', new_sqlite_classes: ['InvoiceNumbers'] }],
      queues: { producers: [{ binding: 'MAIL_QUEUE', queue: 'live-mails' }] },
      d1_databases: [{ binding: 'BILLING_DB' }],
    })
    const [note = ''] = notesIn((await folder.dogear('init')).stdout)
    expect(note.split('\n')).toEqual([
      expect.stringMatching(
        /^Note: env\.live inherits no bindings\. env\.live has migrations and triggers of its own, in place of the top level's\. Add to it:$/,
      ),
      '"durable_objects": { "bindings": [{ "name": "DOGEAR_RUNS", "class_name": "JobRun" }] },',
      '"version_metadata": { "binding": "DOGEAR_VERSION" }',
      'Add to env.live.migrations: { "tag": "v2", "new_sqlite_classes": ["JobRun"] }',
      'Add to env.live.queues.producers: { "binding": "DOGEAR_QUEUE", "queue": "acme-billing-live-dogear" }',
      expect.stringMatching(/^Add to env\.live\.queues: "consumers": \[\{ /),
      'Add to env.live.triggers.crons: "* * * * *"',
    ])
  })

  it('is all that it lacks: with it wrangler and doctor find nothing missing', async () => {
    const folder = withEnv({ d1_databases: [{ binding: 'BILLING_DB' }] })
    const [note = ''] = notesIn((await folder.dogear('init')).stdout)
    const [, ...added] = note.split('\n')
    folder.edit('wrangler.jsonc', '{"live":{', `{"live":{${added.join('\n')},`)
    const read = readByWrangler({ config: join(folder.path, 'wrangler.jsonc'), env: 'live' })
    expect(read).toMatchObject({
      triggers: WIRED.triggers,
      migrations: WIRED.migrations,
      durable_objects: { bindings: [{ name: 'DOGEAR_RUNS', class_name: 'JobRun' }] },
    })
    expect(notesIn((await folder.dogear('init')).stdout)).toEqual([])
    const { stdout } = await folder.dogear('doctor', '--env', 'live')
    expect(stdout).not.toMatch(/^wrong +env\.live/m)
  })

  it('is the same at the second run', async () => {
    const folder = withEnv({ migrations: [] })
    const first = notesIn((await folder.dogear('init')).stdout)
    const second = notesIn((await folder.dogear('init')).stdout)
    expect(first[0]).toContain('"class_name": "JobRun"')
    expect(first[0]).toContain(
      'Add to env.live.migrations: { "tag": "v1", "new_sqlite_classes": ["JobRun"] }',
    )
    expect(second).toEqual(first)
  })

  it('goes by the names that the top level has', async () => {
    const folder = withEnv({})
    folder.edit('wrangler.jsonc', '"name": "acme-billing", // as in the account', '')
    folder.edit('wrangler.jsonc', '["InvoiceNumbers"]', '["InvoiceNumbers", "JobRun"]')
    folder.edit('wrangler.jsonc', '"env"', '"version_metadata": { "binding": "CF" },\n  "env"')
    const [note = ''] = notesIn((await folder.dogear('init')).stdout)
    expect(note).toContain('"class_name": "DogearJobRun"')
    expect(note).toContain('"version_metadata": { "binding": "CF" }')
    expect(note).toMatch(/"queue": "dogear-project-\w+-live-dogear"/)
  })

  it('names it where its binding is of another Worker, and goes on', async () => {
    const folder = withEnv({
      durable_objects: {
        bindings: [{ name: 'DOGEAR_RUNS', class_name: 'JobRun', script_name: 'x' }],
      },
    })
    const { code, stdout } = await folder.dogear('init')
    expect(code).toBe(0)
    expect(notesIn(stdout)).toEqual([
      expect.stringContaining('env.live: the binding DOGEAR_RUNS is an object of the Worker x'),
    ])
  })
})
