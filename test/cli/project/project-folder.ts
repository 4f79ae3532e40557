import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse as parseJsonc } from 'jsonc-parser'
import { onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

/** A stranger's Worker in a folder of its own, which goes when the test ends. */
export class ProjectFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'dogear-project-'))

  constructor(files: Readonly<Record<string, string>>) {
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true }))
    // As the host's own install would have them.
    mkdirSync(join(this.path, 'node_modules'))
    symlinkSync(ROOT, join(this.path, 'node_modules/dogear'))
    symlinkSync(join(ROOT, 'node_modules/wrangler'), join(this.path, 'node_modules/wrangler'))
    for (const [file, text] of Object.entries(files)) this.write(file, text)
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.path, file)), { recursive: true })
    writeFileSync(join(this.path, file), text)
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8')
  }

  remove(file: string): void {
    rmSync(join(this.path, file))
  }

  /** Changes a file's text. */
  edit(file: string, from: string | RegExp, to: string): void {
    const text = this.read(file)
    const edited = text.replace(from, to)
    if (edited === text) throw new Error(`${file} does not hold ${from}`)
    this.write(file, edited)
  }

  /** Types `dogear ...` in the folder. */
  dogear(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const { DOGEAR_URL: _url, ...env } = process.env
      execFile(
        process.execPath,
        [join(ROOT, 'src/cli/main.ts'), ...args],
        { cwd: this.path, env: { ...env, NO_COLOR: '1' } },
        (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      )
    })
  }
}

/** A Worker with a database and a plain entry. */
export const PLAIN = {
  'wrangler.jsonc': `{
  // Billing.
  "name": "acme-billing", // as in the account
  "main": "src/index.ts",
  "compatibility_date": "2026-05-01",
  "d1_databases": [
    { "binding": "BILLING_DB", "database_name": "acme-billing", "database_id": "6a0c2f0e" }
  ],
  /* The numbers of invoices. */
  "durable_objects": { "bindings": [{ "name": "NUMBERS", "class_name": "InvoiceNumbers" }] },
  "migrations": [
    { "tag": "v1", "new_sqlite_classes": ["InvoiceNumbers"] }
  ],
  "queues": {
    "producers": [
      { "binding": "MAIL_QUEUE", "queue": "acme-mails" }, // letters
      // no more
    ],
    "consumers": [{ "queue": "acme-mails", "max_batch_size": 20 }]
  },
  "triggers": { "crons": ["0 3 * * *"] }
}
`,
  'src/index.ts': `import { InvoiceNumbers } from './numbers'

export { InvoiceNumbers }

export default {
  fetch: () => new Response('billing'),
} satisfies ExportedHandler
`,
  'src/numbers.ts': `import { DurableObject } from 'cloudflare:workers'

export class InvoiceNumbers extends DurableObject {}
`,
}

/** The same, wired as `dogear init` and its three lines wire it. */
export async function wiredFolder(): Promise<ProjectFolder> {
  const folder = new ProjectFolder(PLAIN)
  await folder.dogear('init')
  folder.edit('src/index.ts', 'import', `import { jobs } from './jobs'\nimport`)
  folder.edit(
    'src/index.ts',
    'export default {',
    'export const { JobRun } = jobs\nexport default jobs.wrap({',
  )
  folder.edit('src/index.ts', '} satisfies ExportedHandler', '} satisfies ExportedHandler)')
  return folder
}

/** What its wrangler.jsonc says. */
export const configOf = (folder: ProjectFolder): Record<string, unknown> =>
  parseJsonc(folder.read('wrangler.jsonc')) as Record<string, unknown>

/** What `dogear init` makes of that of `PLAIN`. */
export const WIRED = {
  durable_objects: {
    bindings: [
      { name: 'NUMBERS', class_name: 'InvoiceNumbers' },
      { name: 'DOGEAR_RUNS', class_name: 'JobRun' },
    ],
  },
  migrations: [
    { tag: 'v1', new_sqlite_classes: ['InvoiceNumbers'] },
    { tag: 'v2', new_sqlite_classes: ['JobRun'] },
  ],
  queues: {
    producers: [
      { binding: 'MAIL_QUEUE', queue: 'acme-mails' },
      { binding: 'DOGEAR_QUEUE', queue: 'acme-billing-dogear' },
    ],
    consumers: [
      { queue: 'acme-mails', max_batch_size: 20 },
      { queue: 'acme-billing-dogear', max_batch_size: 10, max_batch_timeout: 0, max_retries: 3 },
    ],
  },
  triggers: { crons: ['0 3 * * *', '* * * * *'] },
  version_metadata: { binding: 'DOGEAR_VERSION' },
}

/** A file of the host's own that calls `createDogear`, with these options beside its one job. */
export function calling(options: string): string {
  return `import { defineIteration } from 'dogear'
import { createDogear } from 'dogear/worker'
export const bill = defineIteration({ name: 'send-bills' })
export const jobs = createDogear({ jobs: [bill], ${options} })
`
}

/** A Worker that is wired, and says who may use it. */
export async function goodFolder(): Promise<ProjectFolder> {
  const folder = await wiredFolder()
  folder.edit('src/jobs.ts', `db: 'BILLING_DB'`, `db: 'BILLING_DB', authorize: () => null`)
  return folder
}

/** The lines of `dogear doctor` on what is wrong, or could be better. */
export const complaints = (stdout: string) =>
  stdout.split('\n').filter((line) => /^(wrong|note)/.test(line))
