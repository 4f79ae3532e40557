import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CASE_IDS } from '../support/case-ids.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** `| id | shown by | note |` */
const rows = [
  ...read('docs/conformance.md').matchAll(/^\| ([A-Z]\d+) +\| (.*?) *\| (.*?) *\|$/gm),
].map(([, id = '', shownBy = '', note = '']) => ({
  id,
  files: [...shownBy.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
  note,
}))

/** Ids stand at the beginning of a title, other words of the kind (`I09`, `W11`) among them. */
function idsInTitles(path: string): string[] {
  const beginnings = [...read(path).matchAll(/['"`]((?:[A-Z]\d{2,3} )+)/g)]
  return beginnings
    .flatMap(([, ids = '']) => ids.trim().split(' '))
    .filter((id) => /^[RJSMBP]/.test(id))
}

const titled = new Map(
  globSync('test/**/*.test.ts', { cwd: ROOT }).map((path) => [path, idsInTitles(path)] as const),
)

describe('docs/conformance.md', () => {
  it('has one row for each case, and none for what is no case', () => {
    expect(rows.map(({ id }) => id)).toEqual([...CASE_IDS])
  })

  it('names tests that have the id of the case in a title', () => {
    const wrong = rows.flatMap(({ id, files }) =>
      files.filter((path) => !titled.get(path)?.includes(id)).map((path) => `${id} in ${path}`),
    )
    expect(wrong).toEqual([])
  })

  it('names a test for each case that a title claims to show', () => {
    const shown = new Set(rows.filter(({ files }) => files.length > 0).map(({ id }) => id))
    const claimed = [...titled].flatMap(([path, ids]) => ids.map((id) => ({ id, path })))
    expect(claimed.filter(({ id }) => !shown.has(id))).toEqual([])
  })

  it('says why, in a few words, where no test shows a case', () => {
    const silent = rows.filter(({ files, note }) => files.length === 0 && note === '')
    expect(silent.map(({ id }) => id)).toEqual([])
    expect(rows.filter(({ note }) => note.length > 120)).toEqual([])
  })
})
