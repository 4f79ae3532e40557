import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eventually } from '../e2e/support/wait.ts'
import { ExampleFolder } from './example-folder.ts'

/** What the command says, of each thing that is wrong. */
async function wrongIn(folder: ExampleFolder): Promise<string[]> {
  const { output } = await folder.dogear('doctor')
  return output.split('\n').filter((line) => line.startsWith('wrong'))
}

function edit(folder: ExampleFolder, file: string, from: string | RegExp, to: string): void {
  const path = join(folder.path, file)
  const before = readFileSync(path, 'utf8')
  const after = before.replace(from, to)
  expect(after).not.toBe(before)
  writeFileSync(path, after)
}

it('dogear doctor finds nothing wrong in a Worker that runs, tables of a new database included', async () => {
  const folder = await ExampleFolder.of('templates/starter')
  await folder.dev()
  const { code, output } = await folder.dogear('doctor')
  expect(code, output).toBe(0)
  expect(output).toMatch(/^All well: \d+ checks of wrangler.jsonc, src\/index.ts, http:/)
})

it('dogear doctor finds tables that are not there, and a queue that nobody takes from', async () => {
  const folder = await ExampleFolder.of('templates/starter')
  edit(folder, 'src/jobs.ts', 'jobs: [hello]', `jobs: [hello], schema: 'check'`)
  await folder.dev()
  expect(await wrongIn(folder)).toEqual([
    expect.stringMatching(/^wrong +tables .*npx dogear migrate/),
  ])
  folder.kill()

  edit(folder, 'src/jobs.ts', `, schema: 'check'`, '')
  edit(folder, 'wrangler.jsonc', /"consumers": \[[^]*?\],/, '')
  await folder.dev()
  expect(await wrongIn(folder)).toEqual([
    expect.stringMatching(/^wrong +consumer .*nobody takes the messages of dogear-starter/),
    expect.stringMatching(/^wrong +queue .*was not taken within 8 s/),
  ])

  // As in a Preview, which runs no consumers: the run says so, and goes on without the queue.
  const shown = async () =>
    JSON.parse((await folder.dogear('show', 'last', '--json')).output) as {
      status: string
      attention?: string
    }
  await folder.dogear('run', 'hello')
  await eventually('the run says what is missing', 30_000, async () =>
    /Nobody takes messages of queue 'DOGEAR_QUEUE'.*queues\.consumers/.test(
      (await shown()).attention ?? '',
    ),
  )
  await eventually(
    'it is done all the same',
    60_000,
    async () => (await shown()).status === 'completed',
  )
  expect((await folder.dogear('verify', 'last')).code).toBe(0)
})
