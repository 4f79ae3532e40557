import { describe, expect, it } from 'vitest'
import { configOf, WIRED, wiredFolder } from './project-folder.ts'

describe('What dogear init says of an entry that has some of the lines', () => {
  /** The lines to add to the entry; empty when it lacks none. */
  const linesOf = (stdout: string) =>
    (/In src\/index.ts:\n\n([^]*?)(?:\n\n|$)/.exec(stdout)?.[1] ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')

  it.each([
    [
      'no class',
      'export const { JobRun } = jobs\n',
      '',
      ['export const { JobRun } = jobs'],
      'export',
    ],
    [
      'a queue handler only',
      /jobs\.wrap\(([^]*)\)$/m,
      '$1\nexport const take = jobs.queue',
      ['// In your scheduled():', 'if (await jobs.scheduled(controller, env)) return'],
      'scheduled handler',
    ],
    [
      'a scheduled handler only',
      /jobs\.wrap\(([^]*)\)$/m,
      '$1\nexport const tick = jobs.scheduled',
      ['// In your queue():', 'const others = await jobs.queue(batch, env)'],
      'queue handler',
    ],
  ])('%s: the others, and doctor misses the same', async (_what, from, to, lines, check) => {
    const folder = await wiredFolder()
    expect(linesOf((await folder.dogear('init')).stdout)).toEqual([])
    folder.edit('src/index.ts', from, to)
    expect(linesOf((await folder.dogear('init')).stdout)).toEqual(lines)
    const { stdout } = await folder.dogear('doctor')
    const wrong = stdout.split('\n').filter((line) => line.startsWith('wrong'))
    expect(wrong).toEqual([expect.stringContaining(` ${check} `)])
  })

  it('keeps the class that the entry exports, when only its binding is gone', async () => {
    const folder = await wiredFolder()
    folder.edit('wrangler.jsonc', ', { "name": "DOGEAR_RUNS", "class_name": "JobRun" }', '')
    const { stdout } = await folder.dogear('init')
    expect(configOf(folder)).toMatchObject({ durable_objects: WIRED.durable_objects })
    expect(linesOf(stdout)).toEqual([])
  })

  it('goes by the text where the code cannot be read, and says so', async () => {
    const folder = await wiredFolder()
    folder.remove('node_modules/wrangler')
    const { stdout } = await folder.dogear('init')
    expect(linesOf(stdout)).toEqual([])
    expect(stdout).toContain(
      'Note: wrangler is not installed here, so the lines of src/index.ts were looked for by their text only.',
    )
  })
})
