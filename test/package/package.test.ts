import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Manifest, manifest as repository, ROOT } from '../../scripts/package/faces.ts'
import { createHost, type HostFolder } from './support/host.ts'
import { pack, packed, SOURCES } from './support/packed.ts'

const MAX_PACKED_BYTES = 475 * 1024
const MAX_BYTES = 1330 * 1024

let host: HostFolder
let files: string[]
interface Packed extends Pick<Manifest, 'dependencies' | 'devDependencies' | 'peerDependencies'> {
  exports: Record<string, string | { types: string; default: string }>
}
let manifest: Packed

beforeAll(async () => {
  host = await createHost()
  manifest = JSON.parse(readFileSync(join(host.dogear, 'package.json'), 'utf8')) as Packed
  files = readdirSync(host.dogear, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(host.dogear, file)).isFile(),
  )
})
afterAll(() => host?.remove())

const read = (file: string) => readFileSync(join(host.dogear, file), 'utf8')
const sizeOf = (some: readonly string[]) =>
  some.reduce((sum, file) => sum + statSync(join(host.dogear, file)).size, 0)

describe('The package', () => {
  it('has JavaScript and types for each face, and no TypeScript', () => {
    for (const [face, at] of Object.entries(manifest.exports)) {
      const paths = typeof at === 'string' ? [at] : [at.types, at.default]
      for (const path of paths) expect(existsSync(join(host.dogear, path)), face).toBe(true)
    }
    expect(files.filter((file) => /(?<!\.d)\.tsx?$/.test(file))).toEqual([])
  })

  it('has the faces of the repository, but for those that only that has use for', () => {
    const missing = Object.keys(repository.exports).filter((face) => !(face in manifest.exports))
    expect(missing).toEqual(['./cli/local', './page'])
  })

  it('has guides and pages, and no pictures', () => {
    for (const text of ['README.md', 'AGENTS.md', 'CHANGELOG.md', 'LICENSE', 'docs/enumerators.md'])
      expect(files).toContain(text)
    expect(
      files.filter((file) => !/\.(js|d\.ts|md|json)$|^LICENSE$|^migrations\/\w+\.sql$/.test(file)),
    ).toEqual([])
  })

  it('names no verb, route or script in README that only this repository has', () => {
    const readme = read('README.md')
    const rows = [...readme.matchAll(/^\| (`.*?) \| /gm)].map(([, cell]) => cell)
    expect(
      rows.filter((cell) => /`(?:seed|import|snapshot|compare|npm run)\b/.test(cell ?? '')),
    ).toEqual([])
    expect(rows.filter((cell) => /`(?:run|verify|GET)\b/.test(cell ?? '')).length).toBeGreaterThan(
      5,
    )
    expect(readme).not.toMatch(/\/api\/shop|npm run (?:dev|demo)|npm run dogear -- |\bshop:/)
  })

  it('links only to what is in it', () => {
    for (const page of files.filter((file) => file.endsWith('.md'))) {
      const links = [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, to = '']) => to)
      const dead = links.filter(
        (to) => !/^https?:/.test(to) && !existsSync(join(host.dogear, page, '..', to)),
      )
      expect(dead, page).toEqual([])
    }
  })

  it('declares what its code imports, and no more', () => {
    const code = files.filter((file) => /^lib\/.*\.(js|d\.ts)$/.test(file) && file !== 'lib/cli.js')
    const imported = new Set(
      code.flatMap((file) =>
        [
          ...read(file).matchAll(
            /(?:^|[;}\s])(?:import|export)\b[^'"`;]*?from\s?(["'])([^."'][^"']*)\1/g,
          ),
        ].map(([, , name = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name),
      ),
    )
    const brought = [...imported].filter((name) => !/^(cloudflare|node):/.test(name))
    const peers = Object.keys(manifest.peerDependencies)
    expect(brought.filter((name) => !peers.includes(name)).toSorted()).toEqual(
      Object.keys(manifest.dependencies).toSorted(),
    )
    expect(manifest.devDependencies).toBeUndefined()
  })

  it('is small', async () => {
    expect(statSync(await packed()).size).toBeLessThan(MAX_PACKED_BYTES)
    expect(sizeOf(files)).toBeLessThan(MAX_BYTES)
  })

  it('is the same each time that it is built', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dogear-again-'))
    try {
      const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
      expect(digest(await pack(folder))).toBe(digest(await packed()))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('is packed again for the tests when the page changes, its sources or how it is built', () => {
    const scripts = repository['scripts'] as Record<string, string>
    const configs = [...(scripts['build:package'] ?? '').matchAll(/--config (\S+)/g)].map(
      ([, file = '']) => file,
    )
    expect(configs).toHaveLength(1)
    const parts = [
      ...configs,
      'scripts/page-module.ts',
      'src/dashboard/index.html',
      'src/page/files.js',
    ]
    for (const part of parts) expect(existsSync(join(ROOT, part)), part).toBe(true)
    const left = parts.filter(
      (part) => !SOURCES.some((source) => part === source || part.startsWith(`${source}/`)),
    )
    expect(left).toEqual([])
  })

  it('is fine by publint', async () => {
    const { messages } = await publint({ pkgDir: host.dogear, strict: true, pack: false })
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([])
  })

  it('is fine by "are the types wrong"', async () => {
    const attw = '@arethetypeswrong/cli/dist/index.js'
    const found = host.run(attw, await packed(), '--profile', 'esm-only', '--no-color')
    expect(found).toContain('"dogear/worker"')
  })
})
