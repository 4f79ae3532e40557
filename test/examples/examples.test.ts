import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { entryFile, jobsFile } from '../../src/cli/project/files.ts'
import { ExampleFolder } from './example-folder.ts'

const EXAMPLES = ['examples/minimal', 'examples/hono-d1', 'templates/starter']
const ROOT = join(import.meta.dirname, '../..')

describe.each(EXAMPLES)('%s', (example) => {
  it('is typed right, with the types that wrangler makes', async () => {
    const folder = await ExampleFolder.of(example)
    expect((await folder.wrangler('types')).code).toBe(0)
    const { output } = await folder.tool('typescript/bin/tsc', '--noEmit')
    expect(output).toBe('')
  })

  it('is wired right', async () => {
    const folder = await ExampleFolder.of(example)
    const { output } = await folder.dogear('doctor', '--json')
    const { checks } = JSON.parse(output) as { checks: { name: string; ok: boolean }[] }
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect((await folder.dogear('init')).output).toContain('Nothing changed')
  })
})

it.each(['examples/hono-d1', 'templates/starter'])('the tests of %s pass', async (example) => {
  const { code, output } = await (await ExampleFolder.of(example)).tool('vitest/vitest.mjs', 'run')
  expect(code, output).toBe(0)
})

it('the template has the files that dogear init writes', () => {
  const bindings = {
    db: 'DB',
    runs: 'DOGEAR_RUNS',
    queue: 'DOGEAR_QUEUE',
    version: 'DOGEAR_VERSION',
  }
  const names = { ...bindings, className: 'JobRun', cron: '* * * * *' }
  const read = (file: string) => readFileSync(join(ROOT, 'templates/starter/src', file), 'utf8')
  expect(read('jobs.ts')).toBe(jobsFile(names))
  expect(read('index.ts')).toBe(entryFile())
})
