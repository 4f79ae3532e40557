import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url).href)
const docs = readFileSync(`${root}docs/testing.md`, 'utf8')
const samples = [...docs.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code.trim())

describe('docs/testing.md', () => {
  it.each(samples)('shows code that a test runs: %#', (code) => {
    const tests = readFileSync(`${root}test/integration/testing-docs.test.ts`, 'utf8')
    expect(tests).toContain(code)
  })

  it('has a sample for each part, and at most 130 lines', () => {
    expect(samples.length).toBeGreaterThanOrEqual(7)
    expect(docs.split('\n').length).toBeLessThanOrEqual(130)
  })
})
