import { parse as parseJsonc } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { unstable_readConfig as readByWrangler } from 'wrangler'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { planInit } from '../../../src/cli/project/init.ts'
import { readProject } from '../../../src/cli/project/project.ts'
import { configOf, PLAIN, ProjectFolder, WIRED, wiredFolder } from './project-folder.ts'

/** Each line of the text that is there already in what became of it, but for the comma at its end. */
function withoutAdded(after: string, before: string): string[] {
  const left = before.split('\n')
  return after
    .split('\n')
    .filter(
      (line) =>
        left[0] !== undefined &&
        line.replace(/,$/, '') === left[0].replace(/,$/, '') &&
        left.shift() !== undefined,
    )
}

describe('dogear init', () => {
  it('adds all that Dogear needs, and shows what it changed', async () => {
    const folder = new ProjectFolder(PLAIN)
    const { code, stdout } = await folder.dogear('init')
    expect(code).toBe(0)
    expect(configOf(folder)).toMatchObject(WIRED)
    expect(stdout).toContain('+    { "tag": "v2", "new_sqlite_classes": ["JobRun"] }')
    expect(stdout).toContain('Wrote src/jobs.ts')
    expect(folder.read('src/jobs.ts')).toContain(
      `createDogear({ jobs: [hello], db: 'BILLING_DB' })`,
    )
    expect(stdout).toContain(
      `import { jobs } from './jobs'\n  export const { JobRun } = jobs\n  export default jobs.wrap({`,
    )
  })

  it('makes a configuration that wrangler takes', async () => {
    const folder = new ProjectFolder(PLAIN)
    await folder.dogear('init')
    const read = readByWrangler({ config: join(folder.path, 'wrangler.jsonc') })
    expect(read.queues.consumers).toHaveLength(2)
    expect(read.durable_objects.bindings).toHaveLength(2)
    expect(read.version_metadata).toEqual({ binding: 'DOGEAR_VERSION' })
  })

  it('keeps comments and everything else, byte for byte', async () => {
    const folder = new ProjectFolder(PLAIN)
    await folder.dogear('init')
    const after = folder.read('wrangler.jsonc')
    // Lists of one line stay lists of one line, and so are other lines than before.
    const inOneLine = /durable_objects|consumers|crons/
    const kept = PLAIN['wrangler.jsonc'].split('\n').filter((line) => !inOneLine.test(line))
    expect(withoutAdded(after, kept.join('\n'))).toHaveLength(kept.length)
    expect(after).toContain('"triggers": { "crons": ["0 3 * * *", "* * * * *"] },\n')
    expect(after).toContain('"queue": "acme-mails" }, // letters\n      // no more\n')
  })

  it('keeps tabs and the line ends of Windows', async () => {
    const windows = PLAIN['wrangler.jsonc'].replaceAll('  ', '\t').replaceAll('\n', '\r\n')
    const folder = new ProjectFolder({ ...PLAIN, 'wrangler.jsonc': windows })
    const { stdout } = await folder.dogear('init')
    const after = folder.read('wrangler.jsonc')
    expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(after).toContain('\r\n\t\t{ "tag": "v2", "new_sqlite_classes": ["JobRun"] }\r\n\t],')
    expect(stdout).not.toMatch(/\\[rt]/)
    expect(configOf(folder)).toMatchObject(WIRED)
  })

  it.each(['\r\n', '\n'])('keeps the mark that an editor has put in front of it', async (end) => {
    const marked = `\uFEFF${PLAIN['wrangler.jsonc'].replaceAll('\n', end)}`
    const folder = new ProjectFolder({ ...PLAIN, 'wrangler.jsonc': marked })
    const { code, stderr } = await folder.dogear('init')
    expect(code, stderr).toBe(0)
    const after = folder.read('wrangler.jsonc')
    expect(after.lastIndexOf('\uFEFF')).toBe(0)
    expect(parseJsonc(after.slice(1))).toMatchObject(WIRED)
    expect((await folder.dogear('init')).stdout).toContain('Nothing changed')
  })

  it('changes nothing at the second run, and says so', async () => {
    const folder = await wiredFolder()
    const before = folder.read('wrangler.jsonc')
    const { code, stdout } = await folder.dogear('init')
    expect(code).toBe(0)
    expect(stdout).toBe('Nothing changed: wrangler.jsonc has all that Dogear needs.\n')
    expect(folder.read('wrangler.jsonc')).toBe(before)
  })

  it('still prints the lines of an entry that lacks them', async () => {
    const folder = new ProjectFolder(PLAIN)
    await folder.dogear('init')
    const { stdout } = await folder.dogear('init')
    expect(stdout).toMatch(/^Nothing changed: .*\n\nIn src\/index.ts:\n/)
  })

  it('writes nothing at a dry run', async () => {
    const folder = new ProjectFolder(PLAIN)
    const { stdout } = await folder.dogear('init', '--dry-run')
    expect(stdout).toContain('Would change wrangler.jsonc')
    expect(stdout).toContain('Would write src/jobs.ts')
    expect(folder.read('wrangler.jsonc')).toBe(PLAIN['wrangler.jsonc'])
    expect(() => folder.read('src/jobs.ts')).toThrow('ENOENT')
  })

  it('leaves the queue out where it is asked to', async () => {
    const folder = new ProjectFolder(PLAIN)
    await folder.dogear('init', '--no-queue')
    expect(configOf(folder)['queues']).toEqual({
      producers: [{ binding: 'MAIL_QUEUE', queue: 'acme-mails' }],
      consumers: [{ queue: 'acme-mails', max_batch_size: 20 }],
    })
    const before = folder.read('wrangler.jsonc')
    expect((await folder.dogear('init')).stdout).toContain('Nothing changed')
    expect(folder.read('wrangler.jsonc')).toBe(before)
    await folder.dogear('init', '--queue')
    expect(configOf(folder)).toMatchObject(WIRED)
  })

  it('adds a database where there is none', async () => {
    const folder = new ProjectFolder({
      'wrangler.jsonc':
        '{ "name": "fresh", "main": "src/index.ts", "compatibility_date": "2026-05-01" }',
      'src/index.ts': 'export default {}',
    })
    await folder.dogear('init')
    expect(configOf(folder)).toMatchObject({
      d1_databases: [{ binding: 'DB' }],
      migrations: [{ tag: 'v1' }],
    })
    expect(folder.read('src/jobs.ts')).toContain('createDogear({ jobs: [hello] })')
  })

  it('takes the database that is named, of several', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.edit(
      'wrangler.jsonc',
      '"d1_databases": [',
      '"d1_databases": [\n    { "binding": "LOG_DB" },',
    )
    const refused = await folder.dogear('init')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('LOG_DB, BILLING_DB')
    expect(refused.stderr).toContain('dogear init --db LOG_DB (which_database)')
    expect((await folder.dogear('init', '--db', 'BILING_DB')).stderr).toContain(
      'it has LOG_DB, BILLING_DB',
    )
    expect((await folder.dogear('init', '--db', 'BILLING_DB')).code).toBe(0)
    expect(folder.read('src/jobs.ts')).toContain(`db: 'BILLING_DB'`)
    // From now on the code says it.
    expect((await folder.dogear('init')).code).toBe(0)
  })

  it('asks which database, of several, where somebody sits', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.edit(
      'wrangler.jsonc',
      '"d1_databases": [',
      '"d1_databases": [\n    { "binding": "LOG_DB" },',
    )
    const project = await readProject(folder.path)
    const ask = async (databases: readonly string[]) => databases[1] ?? ''
    const { changes } = await planInit(project, { db: undefined, queue: undefined, ask })
    expect(changes.find(({ file }) => file === 'src/jobs.ts')?.after).toContain(`db: 'BILLING_DB'`)
  })

  it('writes JavaScript into a Worker of JavaScript, and imports as it does', async () => {
    const folder = new ProjectFolder({
      'wrangler.jsonc': '{ "main": "worker.mjs", "compatibility_date": "2026-05-01" }',
      'worker.mjs': `import { page } from './page.js'\nexport default { fetch: page }\n`,
      'page.js': 'export const page = () => new Response()',
    })
    const { stdout } = await folder.dogear('init')
    expect(folder.read('jobs.js')).toContain('createDogear({ jobs: [hello] })')
    expect(stdout).toContain(`import { jobs } from './jobs.js'\n`)
    await folder.dogear('new', 'a-job', '--iteration')
    expect(folder.read('test/jobs/a-job.test.js')).toContain(`from '../../jobs/a-job'`)
  })

  it('says so when Dogear was only called by npx, and is no package of the project', async () => {
    const folder = new ProjectFolder(PLAIN)
    rmSync(join(folder.path, 'node_modules/dogear'))
    expect((await folder.dogear('init')).stdout).toContain(
      'Note: Dogear is no package of this project yet: npm i dogear',
    )
  })

  it('uses the version that is there already', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.edit(
      'wrangler.jsonc',
      '"triggers"',
      '"version_metadata": { "binding": "CF_VERSION" },\n  "triggers"',
    )
    await folder.dogear('init')
    expect(configOf(folder)['version_metadata']).toEqual({ binding: 'CF_VERSION' })
    expect(folder.read('src/jobs.ts')).toContain(`version: 'CF_VERSION'`)
  })

  it('does not touch a class, a queue, tags and a file of the host that have the same names', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.edit(
      'wrangler.jsonc',
      '"InvoiceNumbers" }]',
      '"InvoiceNumbers" }, { "name": "RUNNER", "class_name": "JobRun" }]',
    )
    folder.edit('wrangler.jsonc', '"tag": "v1"', '"tag": "first"')
    folder.edit('wrangler.jsonc', '["InvoiceNumbers"]', '["InvoiceNumbers", "JobRun"]')
    folder.edit(
      'wrangler.jsonc',
      '"consumers": [',
      '"consumers": [{ "queue": "acme-billing-dogear" }, ',
    )
    folder.write('src/jobs.ts', 'export const jobs = ["mine"]\n')
    const { stdout } = await folder.dogear('init')
    expect(configOf(folder)).toMatchObject({
      durable_objects: {
        bindings: [
          {},
          { name: 'RUNNER', class_name: 'JobRun' },
          { name: 'DOGEAR_RUNS', class_name: 'DogearJobRun' },
        ],
      },
      migrations: [{ tag: 'first' }, { tag: 'dogear', new_sqlite_classes: ['DogearJobRun'] }],
      queues: { producers: [{}, { queue: 'acme-billing-dogear-2' }] },
    })
    expect(folder.read('src/jobs.ts')).toBe('export const jobs = ["mine"]\n')
    expect(folder.read('src/dogear.ts')).toContain('createDogear')
    expect(stdout).toContain(
      `import { jobs } from './dogear'\n  export const DogearJobRun = jobs.JobRun\n`,
    )
  })

  it('adds the class the way the host declares classes', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.edit(
      'wrangler.jsonc',
      '"migrations": [\n    { "tag": "v1", "new_sqlite_classes": ["InvoiceNumbers"] }\n  ]',
      '"exports": {\n    "InvoiceNumbers": { "type": "durable-object", "storage": "sqlite" }\n  }',
    )
    await folder.dogear('init')
    expect(configOf(folder)).toMatchObject({
      exports: { JobRun: { type: 'durable-object', storage: 'sqlite' } },
    })
    expect(configOf(folder)).not.toHaveProperty('migrations')
  })

  it('says what a named environment lacks, an old date, and a page for every path', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.edit(
      'wrangler.jsonc',
      '"2026-05-01",',
      '"2023-01-01",\n  "assets": { "directory": "public", "not_found_handling": "single-page-application" },\n  "env": { "staging": { "d1_databases": [{ "binding": "BILLING_DB" }] } },',
    )
    const { stdout } = await folder.dogear('init')
    expect(stdout).toContain('compatibility_date 2023-01-01; Dogear needs 2024-04-03 or later')
    expect(stdout).toContain(
      'env.staging inherits no bindings. Add to it:\n"durable_objects": { "bindings": [{ "name": "DOGEAR_RUNS"',
    )
    expect(stdout).toContain('"queue": "acme-billing-staging-dogear"')
    // These it does inherit.
    expect(stdout).not.toMatch(/^"(?:migrations|triggers)"/m)
    expect(stdout).toContain('add "/dogear" and "/dogear/*" to assets.run_worker_first')
  })

  it('prints one JSON document', async () => {
    const folder = new ProjectFolder(PLAIN)
    const { stdout } = await folder.dogear('init', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      changes: [{ file: 'wrangler.jsonc' }, { file: 'src/jobs.ts', before: '' }],
      dryRun: false,
    })
  })
})

describe('dogear init with a wrangler.toml', () => {
  const TOML = `# Billing.
name = "acme-billing"
main = "src/index.ts"
compatibility_date = "2026-05-01"

[[d1_databases]]
binding = "BILLING_DB" # the only one
database_id = "6a0c2f0e"

[[queues.producers]]
binding = "MAIL_QUEUE"
queue = "acme-mails"
`
  const { 'src/index.ts': entry, 'src/numbers.ts': numbers } = PLAIN
  const withToml = (toml: string) =>
    new ProjectFolder({ 'wrangler.toml': toml, 'src/index.ts': entry, 'src/numbers.ts': numbers })
  const block = (stdout: string) =>
    /Put this at the end of wrangler.toml:\n\n([^]*?)\n\n(?:Add|In) /.exec(stdout)?.[1] ?? ''

  it('prints the block for its end, and leaves it alone', async () => {
    const folder = withToml(TOML)
    const { code, stdout } = await folder.dogear('init')
    expect(code).toBe(0)
    expect(folder.read('wrangler.toml')).toBe(TOML)
    expect(parseToml(`${TOML}\n${block(stdout)}`)).toMatchObject({
      durable_objects: { bindings: [{ name: 'DOGEAR_RUNS', class_name: 'JobRun' }] },
      migrations: [{ tag: 'v1', new_sqlite_classes: ['JobRun'] }],
      queues: {
        producers: [{}, { queue: 'acme-billing-dogear' }],
        consumers: [{ max_batch_timeout: 0 }],
      },
      triggers: { crons: ['* * * * *'] },
      version_metadata: { binding: 'DOGEAR_VERSION' },
    })
  })

  it('prints nothing more once the block is there', async () => {
    const folder = withToml(TOML)
    const { stdout } = await folder.dogear('init')
    folder.write('wrangler.toml', `${TOML}\n${block(stdout)}\n`)
    expect((await folder.dogear('init')).stdout).toMatch(/^Nothing changed: wrangler.toml has all/)
  })

  it('reads one with a mark in front of it', async () => {
    const { code, stdout } = await withToml(`\uFEFF${TOML}`).dogear('init')
    expect(code).toBe(0)
    expect(block(stdout)).toContain('DOGEAR_RUNS')
  })

  it('says what a named environment lacks, with its own lists apart', async () => {
    const folder = withToml(`${TOML}\n[env.live]\ntriggers = { crons = ["5 4 * * *"] }\n`)
    const { stdout } = await folder.dogear('init')
    const note = /Note: env\.live [^]*?\n\n(?=Then:)/.exec(stdout)?.[0] ?? ''
    expect(note).toContain('[[env.live.durable_objects.bindings]]')
    expect(note).toContain('Add to env.live.triggers.crons: "* * * * *"')
    expect(note).not.toContain('migrations')
  })

  it('says where to add to what its end cannot add to', async () => {
    const folder = withToml(
      `${TOML}\n[triggers]\ncrons = ["0 3 * * *"]\n\n[durable_objects]\nbindings = [{ name = "N", class_name = "N" }]\n`,
    )
    const { stdout } = await folder.dogear('init')
    expect(stdout).toContain('Add to triggers.crons in wrangler.toml: "* * * * *"')
    expect(stdout).toContain(
      'Add to durable_objects.bindings in wrangler.toml: { name = "DOGEAR_RUNS", class_name = "JobRun" }',
    )
    expect(block(stdout)).not.toMatch(/crons|DOGEAR_RUNS/)
  })
})

describe('dogear init where there is no Worker of wrangler', () => {
  it('writes a Worker into an empty folder, that lacks nothing', async () => {
    const folder = new ProjectFolder({ 'package.json': '{ "dependencies": { "dogear": "*" } }' })
    const { code, stdout } = await folder.dogear('init')
    expect(code).toBe(0)
    expect(stdout).toContain(
      'Wrote wrangler.jsonc\n\nWrote src/index.ts\n\nWrote src/jobs.ts\n\nThen:',
    )
    expect(configOf(folder)).toMatchObject({
      main: 'src/index.ts',
      d1_databases: [{ binding: 'DB' }],
    })
    expect((await folder.dogear('init')).stdout).toBe(
      'Nothing changed: wrangler.jsonc has all that Dogear needs.\n',
    )
    expect((await folder.dogear('doctor')).code).toBe(0)
  })

  it('says how to begin where there is other code', async () => {
    const { code, stderr } = await new ProjectFolder({ 'server.js': '' }).dogear('init')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /found none of wrangler.json, .* npm create cloudflare@latest \(no_config\)/,
    )
  })

  it('says where a broken configuration is broken', async () => {
    const folder = new ProjectFolder({ 'wrangler.jsonc': '{\n  "name": "x"\n  "main": "y"\n}' })
    expect((await folder.dogear('init')).stderr).toContain(
      'wrangler.jsonc:3 cannot be read: CommaExpected (invalid_config)',
    )
    folder.write('wrangler.jsonc', '{ "main": "src/index.ts", "queues": [] }')
    expect((await folder.dogear('init')).stderr).toContain('expected queues to be an object')
  })

  it('prints what belongs into a cloudflare.config.ts', async () => {
    const { code, stdout } = await new ProjectFolder({
      'cloudflare.config.ts': 'export default {}',
    }).dogear('init')
    expect(code).toBe(0)
    expect(stdout).toContain(`JobRun: exports.durableObject({ storage: 'sqlite' })`)
  })
})
