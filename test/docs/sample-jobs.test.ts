import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

const jobs = readdirSync(join(ROOT, 'src/shop/jobs'))
  .filter((file) => !['index.ts', 'schedules.ts'].includes(file))
  .map((file) => ({ file, name: file.replace('.ts', '') }))

describe.each(jobs)('the sample job $name', ({ file }) => {
  it('goes through an exploration of crashes', () => {
    const explorations = readdirSync(join(ROOT, 'test/conformance'))
      .filter((test) => test.startsWith('crashes'))
      .map((test) => read(`test/conformance/${test}`))
    expect(explorations.some((text) => text.includes(`src/shop/jobs/${file}'`))).toBe(true)
  })

  it('has a proof of its own', () => {
    expect(read(`src/shop/jobs/${file}`)).toMatch(/^ {2}verify: /m)
  })
})
