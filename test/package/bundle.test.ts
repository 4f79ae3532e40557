import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHost, type HostFolder } from './support/host.ts'
import { CONFIG, HEADLESS, JOBS, WORKER } from './support/samples.ts'

const KB = 1024

let host: HostFolder

beforeAll(async () => {
  host = await createHost({
    'src/jobs.ts': JOBS,
    'src/index.ts': WORKER,
    'src/headless.ts': HEADLESS,
    'src/author.ts': `${JOBS.split('export const jobs')[0]?.replace(/.*dogear\/worker.*\n/, '')}export default {}`,
    'src/engine.ts':
      "export * from 'dogear'\nexport { consume } from 'dogear/worker'\nexport default {}",
    'wrangler.json': CONFIG,
    'author.json': JSON.stringify({
      name: 'author',
      compatibility_date: '2026-11-01',
      // Wrangler's default writes each name beside what it has minified.
      keep_names: false,
    }),
  })
})
afterAll(() => host?.remove())

/** What wrangler would send to Cloudflare, without any compatibility flag. */
function bundled(name: string, config = 'wrangler.json'): string {
  const out = join(host.folder, 'out', name)
  host.run(
    'wrangler/bin/wrangler.js',
    'deploy',
    `src/${name}.ts`,
    '--config',
    config,
    '--dry-run',
    '--minify',
    '--outdir',
    out,
  )
  return readFileSync(join(out, `${name}.js`), 'utf8')
}

const importsOf = (code: string) =>
  [...code.matchAll(/(?:^|[;}\n])import\s*(?:[^;"'`]*?from)?\s*["']([^"']+)["']/g)].map(
    ([, from]) => from,
  )

describe('In the bundle of a Worker', () => {
  it('is no more of Dogear than its author uses', () => {
    expect(bundled('author', 'author.json').length).toBeLessThan(60 * KB)
  })

  it('the engine, which defines jobs and works their slices, is small', () => {
    expect(bundled('engine', 'author.json').length).toBeLessThan(162 * KB)
  })

  it('without API and page: no schema library, no page, nothing of Node', () => {
    const code = bundled('headless')
    expect(new Set(importsOf(code))).toEqual(new Set(['cloudflare:workers']))
    expect(code).not.toMatch(/ZodError|dogear-base/)
    expect(code.length).toBeLessThan(310 * KB)
  })

  it('with API and page: nothing of Node either', () => {
    const code = bundled('index')
    expect(new Set(importsOf(code))).toEqual(new Set(['cloudflare:workers']))
    expect(code).toContain('dogear-base')
    expect(code.length).toBeLessThan(1280 * KB)
  })
})
