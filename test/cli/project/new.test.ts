import { describe, expect, it } from 'vitest'
import { ProjectFolder, PLAIN, wiredFolder } from './project-folder.ts'

describe('dogear new', () => {
  it.each([
    ['--iteration', 'defineIteration'],
    ['--steps', 'defineJob'],
  ])('writes a job and its test with %s, and prints the lines to add', async (style, define) => {
    const folder = await wiredFolder()
    const { code, stdout } = await folder.dogear('new', 'send-invoices', style)
    expect(code).toBe(0)
    expect(folder.read('src/jobs/send-invoices.ts')).toContain(
      `export const sendInvoices = ${define}({`,
    )
    expect(folder.read('test/jobs/send-invoices.test.ts')).toContain(
      `from '../../src/jobs/send-invoices'`,
    )
    expect(stdout).toContain(
      `In src/jobs.ts:\n\n  import { sendInvoices } from './jobs/send-invoices'\n  createDogear({ jobs: [..., sendInvoices] })\n`,
    )
  })

  it('refuses a bad name with the message of the engine', async () => {
    const { code, stderr } = await (await wiredFolder()).dogear('new', 'SendInvoices', '--steps')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'Job "SendInvoices" is malformed: expected a name of lower case letters, digits and dashes, at most 64',
    )
  })

  it('overwrites nothing', async () => {
    const folder = await wiredFolder()
    folder.write('test/jobs/clean-up.test.ts', 'mine')
    const { code, stderr } = await folder.dogear('new', 'clean-up', '--steps')
    expect(code).toBe(1)
    expect(stderr).toContain('test/jobs/clean-up.test.ts is there already')
    expect(() => folder.read('src/jobs/clean-up.ts')).toThrow('ENOENT')
  })

  it('asks for the style, and takes one only', async () => {
    const folder = await wiredFolder()
    expect((await folder.dogear('new', 'a-job')).code).toBe(2)
    expect((await folder.dogear('new', 'a-job', '--steps', '--iteration')).code).toBe(2)
  })

  it('gives a job that is named by a word of JavaScript another constant', async () => {
    const folder = new ProjectFolder(PLAIN)
    await folder.dogear('new', 'delete', '--steps')
    expect(folder.read('src/jobs/delete.ts')).toContain('export const deleteJob = ')
    await folder.dogear('new', 'await', '--steps')
    expect(folder.read('src/jobs/await.ts')).toContain('export const awaitJob = ')
  })

  it('names the file that calls createDogear, wherever that is', async () => {
    const folder = await wiredFolder()
    folder.write('src/work/setup.ts', folder.read('src/jobs.ts'))
    folder.remove('src/jobs.ts')
    folder.edit('src/index.ts', './jobs', './work/setup')
    expect((await folder.dogear('new', 'send-invoices', '--steps')).stdout).toContain(
      `In src/work/setup.ts:\n\n  import { sendInvoices } from '../jobs/send-invoices'\n`,
    )
    expect(folder.read('test/jobs/send-invoices.test.ts')).toContain(
      `import { jobs } from '../../src/work/setup'`,
    )
  })

  it('names the index of a folder of jobs', async () => {
    const folder = await wiredFolder()
    folder.write('src/jobs/index.ts', folder.read('src/jobs.ts'))
    folder.remove('src/jobs.ts')
    expect((await folder.dogear('new', 'send-invoices', '--steps')).stdout).toContain(
      `In src/jobs/index.ts:\n\n  import { sendInvoices } from './send-invoices'\n`,
    )
  })

  it('names dogear init where no file calls createDogear yet', async () => {
    const { stdout } = await new ProjectFolder(PLAIN).dogear('new', 'send-invoices', '--steps')
    expect(stdout).toContain('Type npx dogear init, which writes src/jobs.ts. In it:\n\n  import')
  })
})
