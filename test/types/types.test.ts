import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
let folder: string

beforeAll(async () => {
  // Inside the project, so that the files below find its packages.
  folder = await mkdtemp(join(root, 'test/types/.check-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The compiler's errors for some files, one line each. */
async function errorsOf(files: string[]): Promise<string[]> {
  const config = join(folder, 'tsconfig.json')
  await writeFile(
    config,
    JSON.stringify({ extends: '../../../tsconfig.json', include: [], files: [...files, worker] }),
  )
  const tsc = join(root, 'node_modules/.bin/tsc')
  const { stdout } = await run(tsc, ['-p', config]).catch((error: { stdout: string }) => error)
  return stdout.split('\n').filter((line) => line.includes('error TS'))
}

const worker = join(root, 'worker-configuration.d.ts')

describe('types of a job and of the client', () => {
  it.each(['jobs', 'client'])('%s: are inferred, and misuse does not compile', async (name) => {
    expect(await errorsOf([join(root, `test/types/${name}.ts`)])).toEqual([])
  })

  it('would be missed if they were not: a wrong expectation is an error of the compiler', async () => {
    const wrong = join(folder, 'wrong.ts')
    await writeFile(
      wrong,
      `import { defineJob } from '../../../src/engine/index.ts'
       // @ts-expect-error -- nothing is wrong here
       export const fine = defineJob({ name: 'fine', perform: async () => undefined })`,
    )
    expect(await errorsOf([wrong])).toEqual([expect.stringContaining('TS2578')])
  })
})
