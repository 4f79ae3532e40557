import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eventually } from '../e2e/support/wait.ts'
import { PLAIN } from '../cli/project/project-folder.ts'
import { ExampleFolder } from './example-folder.ts'

const TSCONFIG = readFileSync(
  join(import.meta.dirname, '../../templates/starter/tsconfig.json'),
  'utf8',
)

/** A Worker as somebody has it, and the package. */
const STRANGERS = {
  ...PLAIN,
  'package.json': '{ "name": "acme-billing", "type": "module" }',
  'tsconfig.json': TSCONFIG,
}

it('Dogear comes into a Worker by init, three lines, wrangler dev and run', async () => {
  const folder = await ExampleFolder.of(STRANGERS)
  expect((await folder.wrangler('types')).code).toBe(0)
  const { code, output } = await folder.dogear('init')
  expect(code, output).toBe(0)
  typeLines(join(folder.path, 'src/index.ts'), output)
  expect((await folder.tool('typescript/bin/tsc', '--noEmit')).output).toBe('')

  await folder.dev()
  expect((await folder.dogear('run', 'hello')).code).toBe(0)
  const done = async () => {
    const shown = await folder.dogear('show', 'last', '--json')
    return JSON.parse(shown.output) as { status: string; progress: { done: number } }
  }
  await eventually('it has committed', 30_000, async () => (await done()).progress.done > 100)
  folder.kill()
  await folder.dev()
  await eventually('it is done', 60_000, async () => (await done()).status === 'completed')
  expect((await folder.dogear('verify', 'last')).code).toBe(0)
  expect(await (await fetch(folder.url)).text()).toBe('billing')
})

it('a job that dogear new writes is typed right, and its test passes', async () => {
  const folder = await ExampleFolder.of('templates/starter')
  await folder.dogear('new', 'send-invoices', '--iteration')
  await folder.dogear('new', 'close-year', '--steps')
  await folder.wrangler('types')
  expect((await folder.tool('typescript/bin/tsc', '--noEmit')).output).toBe('')
  const { code, output } = await folder.tool('vitest/vitest.mjs', 'run', 'test/jobs')
  expect(code, output).toBe(0)
})

/** Changes the entry file as `dogear init` says. */
function typeLines(path: string, output: string): void {
  const [, imported, exported, wrapped] =
    /\n {2}(import .*)\n {2}(export const .*)\n {2}(export default .*) \/\/ was/.exec(output) ?? []
  const text = readFileSync(path, 'utf8')
    .replace('export default {', `${exported}\n${wrapped}`)
    .replace('} satisfies ExportedHandler', '} satisfies ExportedHandler)')
  writeFileSync(path, `${imported}\n${text}`)
}
