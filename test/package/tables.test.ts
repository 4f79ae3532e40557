import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VERSIONS } from '../../src/schema/versions.ts'
import { createHost, type HostFolder } from './support/host.ts'
import { nodes } from './support/nodes.ts'

const DATABASE = { database_name: 'billing', database_id: 'billing' }
const CONFIG = {
  name: 'billing',
  compatibility_date: '2026-11-01',
  d1_databases: [
    { binding: 'DB', ...DATABASE },
    {
      binding: 'DOGEAR_TABLES',
      ...DATABASE,
      migrations_dir: 'node_modules/dogear/migrations',
      migrations_table: 'dogear_migrations',
    },
  ],
}

let host: HostFolder

beforeAll(async () => {
  host = await createHost({ 'wrangler.json': JSON.stringify(CONFIG) })
})
afterAll(() => host?.remove())

const migrate = (node: string, ...flags: string[]) =>
  spawnSync(node, [join(host.dogear, 'bin/dogear.js'), 'migrate', ...flags], {
    cwd: host.folder,
    encoding: 'utf8',
  })

describe('The tables of the package', () => {
  it('are made by wrangler from its files, and known to its command', () => {
    host.run('wrangler/bin/wrangler.js', 'd1', 'migrations', 'apply', 'DOGEAR_TABLES', '--local')
    const { status, stdout, stderr } = migrate(process.execPath, '--check', '--json')
    expect([status, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({ found: VERSIONS.length, state: 'ready' })
  })

  it('are made by its command', () => {
    const { status, stdout, stderr } = migrate(process.execPath, '--persist-to', 'other-state')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`from nothing to version ${VERSIONS.length}`)
  })

  // The wrangler of this repository needs a newer Node than the package does.
  it.each(nodes)('are written as SQL on Node %s', (version, node) => {
    expect(migrate(node, '--sql').stdout).toContain('CREATE TABLE dogear_runs')
    const { status, stderr } = migrate(node, '--copy', `migrations-${version}`)
    expect([status, stderr]).toEqual([0, ''])
    const files = (folder: string) => readdirSync(join(host.folder, folder)).toSorted()
    expect(files(`migrations-${version}`)).toEqual(files('node_modules/dogear/migrations'))
  })
})
