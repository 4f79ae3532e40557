import { expect, it } from 'vitest'
import { ExampleFolder } from './example-folder.ts'

it('a job that dogear new writes is typed right, and its test passes', async () => {
  const folder = await ExampleFolder.of('templates/starter')
  await folder.dogear('new', 'send-invoices', '--iteration')
  await folder.dogear('new', 'close-year', '--steps')
  await folder.wrangler('types')
  expect((await folder.tool('typescript/bin/tsc', '--noEmit')).output).toBe('')
  const { code, output } = await folder.tool('vitest/vitest.mjs', 'run', 'test/jobs')
  expect(code, output).toBe(0)
})
