import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifest, ROOT } from '../../scripts/package/faces.ts'
import { createHost, type HostFolder } from './support/host.ts'
import { nodes } from './support/nodes.ts'

let host: HostFolder

beforeAll(async () => {
  host = await createHost()
})
afterAll(() => host?.remove())

describe.each(nodes)('The command of the package, on Node %s', (_version, node) => {
  const dogear = (...args: string[]) =>
    spawnSync(node, [join(host.dogear, 'bin/dogear.js'), ...args], {
      cwd: host.folder,
      encoding: 'utf8',
    })

  it('says what it can do', () => {
    const { status, stdout, stderr } = dogear('--help')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Usage: dogear')
    expect(stdout).toMatch(/^ {2}run\b/m)
  })

  it('says what is wrong in a sentence', () => {
    const { status, stderr } = dogear('jobs', '--url', 'http://127.0.0.1:9')
    expect(status).toBe(1)
    expect(stderr).toContain('No answer from http://127.0.0.1:9')
    expect(dogear('jobs', '--url', 'nowhere').status).toBe(2)
  })
})

it('is tried on the Node that this repository has, and before a release on the oldest that the package asks for', () => {
  expect(nodes.map(([version]) => Number(version.slice(1).split('.')[0]))).toContain(24)
  const release = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8')
  const tried = /node-version: (\S+)\n +- run: \.ci\/oldest-node$/m.exec(release)
  expect(manifest['engines']).toEqual({ node: `>=${tried?.[1]?.replace(/\.0$/, '')}` })
})
