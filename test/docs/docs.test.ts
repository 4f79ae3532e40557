import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { limitsFinding } from '../../src/api/access/missing-limits.ts'
import { dedent, fences, pages, read, ROOT, shows } from '../support/docs.ts'

/** Languages whose blocks are excerpts of a file, and how a comment begins in each. */
const EXCERPTS: Record<string, string> = { ts: '// ', toml: '# ', sql: '-- ' }
/** The others there may be; `test/e2e/docs.test.ts` runs the commands of `sh`. */
const OTHERS = ['sh', 'json', 'text', 'mermaid']

const named = (page: string) =>
  fences(page).map((fence) => ({ ...fence, at: `${fence.page}:${fence.line}` }))
const blocks = pages().flatMap(named)
/** Made from the docstrings: `reference.test.ts`. */
const isMade = (page: string) => page.startsWith('docs/reference/')
const excerpts = blocks.filter(({ page, language }) => language in EXCERPTS && !isMade(page))

describe('A page', () => {
  it.each(excerpts)('shows a file as it is: $at', ({ language, code }) => {
    const [first = '', ...rest] = code.split('\n')
    const comment = EXCERPTS[language] ?? ''
    expect(first.startsWith(comment), `begins with ${comment}path/of/file`).toBe(true)
    const path = first.slice(comment.length).trim()
    expect(existsSync(ROOT + path), `${path} exists`).toBe(true)
    expect(dedent(rest)).not.toBe('')
    // Compared as texts only for a message that shows what differs.
    if (!shows(path, rest.join('\n'))) expect(read(path)).toContain(dedent(rest))
  })

  it('names the language of each block', () => {
    const languages = [...Object.keys(EXCERPTS), ...OTHERS]
    const others = blocks.filter(({ language }) => !languages.includes(language))
    expect(others.map(({ at, language }) => `${at} ${language}`)).toEqual([])
  })

  it('has JSON that can be parsed', () => {
    for (const { at, code } of blocks.filter(({ language }) => language === 'json')) {
      expect(() => JSON.parse(code) as unknown, at).not.toThrow()
    }
  })

  it.each(pages())('links to what is there: %s', (page) => {
    const prose = read(page).replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '')
    for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      expect(existsSync(ROOT + file), `${target} in ${page}`).toBe(true)
      if (anchor !== undefined) expect(anchors(file), `${target} in ${page}`).toContain(anchor)
    }
  })
})

describe('README', () => {
  it('has a job in each style, and is no longer than 200 lines', () => {
    expect(excerpts.filter(({ page }) => page === 'README.md')).toHaveLength(2)
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(200)
  })
})

describe('AGENTS.md', () => {
  it('has samples, and is no longer than 120 lines', () => {
    expect(excerpts.filter(({ page }) => page === 'AGENTS.md').length).toBeGreaterThan(3)
    expect(read('AGENTS.md').split('\n').length).toBeLessThanOrEqual(121)
  })
})

describe('docs/README.md', () => {
  it('lists every other page', () => {
    const index = read('docs/README.md')
    const missing = pages().filter(
      (page) =>
        !['README.md', 'AGENTS.md', 'docs/README.md'].includes(page) &&
        !index.includes(`(${page.slice(5)})`),
    )
    expect(missing).toEqual([])
  })
})

describe('docs/access.md', () => {
  it('has the rate limits of this repository, and those that the doctor tells to add, for both kinds of files', () => {
    const shown = blocks.filter(
      ({ page, code }) => page === 'docs/access.md' && code.includes('LOGIN_LIMIT'),
    )
    const { ratelimits } = parseToml(read('wrangler.toml'))
    expect(ratelimits).toHaveLength(2)
    const [json, toml] = ['json', 'toml'].map(
      (wanted) => shown.find(({ language }) => language === wanted)?.code ?? '',
    )
    expect(JSON.parse(json ?? '')).toEqual({ ratelimits })
    expect(parseToml(toml ?? '')).toEqual({ ratelimits })
    const [, entries] = /^add to ratelimits: (.*);/.exec(limitsFinding([]).todo) ?? []
    expect(JSON.parse(`[${entries}]`)).toEqual(ratelimits)
  })
})

describe('docs/testing.md', () => {
  it('has a sample for each part, and at most 150 lines', () => {
    const samples = excerpts.filter(({ page }) => page === 'docs/testing.md')
    expect(samples.length).toBeGreaterThanOrEqual(7)
    expect(read('docs/testing.md').split('\n').length).toBeLessThanOrEqual(150)
  })
})

describe('docs/guide/comparison.md', () => {
  it('has the figures of docs/benchmarks.md', () => {
    const row = /^\| ([\w -]+) \| (\d+) \| ([\d,]+) \[/gm
    const measured = [...read('docs/benchmarks.md').matchAll(row)]
    const of = (everyItems: string, contestant: string) =>
      measured.find(([, name, k]) => name === contestant && k === everyItems)?.[3]
    const shown = [
      ...read('docs/guide/comparison.md').matchAll(/^\| (\d+) \| (\S+) \| (\S+) \| (\S+) \|$/gm),
    ]
    expect(shown.map(([, k]) => k)).toEqual(['1', '100', '500'])
    for (const [, k = '', steps, iteration, bare] of shown) {
      expect({ k, steps, iteration, bare }).toEqual({
        k,
        steps: of(k, 'process-orders'),
        iteration: of(k, 'process-orders-iteration'),
        bare: of(k, 'bare loop'),
      })
    }
  })
})

describe('docs/benchmarks.md', () => {
  it('names every bench', () => {
    const [, usage = ''] = /^const USAGE = `npm run bench -- (.*)/m.exec(read('bench/run.ts')) ?? []
    const benches = [...usage.matchAll(/\[([a-z]+)\]/g)].map(([, name = '']) => name)
    expect(benches.length).toBeGreaterThan(10)
    const [, list = ''] = /The names: ([^]*?)\.\s/.exec(read('docs/benchmarks.md')) ?? []
    const shown = [...list.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
    expect(shown.toSorted()).toEqual(benches.toSorted())
  })
})

describe('docs/how-it-works.md', () => {
  it('names a test that exists for each of the sixteen invariants', () => {
    const rows = [...read('docs/how-it-works.md').matchAll(/^\| (\d+) \| [^|]+ \| (.+) \|$/gm)]
    expect(rows.map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 1),
    )
    for (const [, number, tests] of rows) {
      for (const [, file, id] of (tests ?? '').matchAll(/`(\S+\.test\.ts)`(?: (I\d\d))?/g)) {
        const text = read(file ?? '')
        if (id) expect(text, `${file} of invariant ${number}`).toContain(id)
      }
    }
  })
})

/** The anchors that GitHub makes of a page's headings. */
function anchors(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
