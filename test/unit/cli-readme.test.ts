import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url).href)
const read = (path: string): string => readFileSync(root + path, 'utf8')
const blocks = [
  ...read('README.md').matchAll(/```ts\n\/\/ (?<path>src\/\S+)\n(?<code>[\s\S]*?)```/g),
]

describe('README', () => {
  it.each(blocks.map(({ groups }) => [groups?.['path'] ?? '', groups?.['code'] ?? '']))(
    'shows %s as it is',
    (path, code) => {
      expect(read(path)).toContain(code.trim())
    },
  )

  it('has a job in each style, and is no longer than 200 lines', () => {
    expect(blocks).toHaveLength(2)
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(200)
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
        const folder = ['cursor.test.ts'].includes(file ?? '')
          ? 'unit/'
          : file?.startsWith('e2e/')
            ? ''
            : 'integration/'
        const text = read(`test/${folder}${file}`)
        if (id) expect(text, `${file} of invariant ${number}`).toContain(id)
      }
    }
  })
})
