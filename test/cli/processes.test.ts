import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { descendants, gone, signal } from '../../src/cli/local/processes.ts'

const CHILD = 'setInterval(() => {}, 1000)'
const PARENT = `
  const { pid } = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(CHILD)}])
  console.log(pid)
  ${CHILD}
`

it('finds and ends what a process has started, and nothing else', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] })
  const bystander = spawn(process.execPath, ['-e', CHILD])
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const child = Number(line.toString())
    const family = [parent.pid ?? 0, child]

    expect(descendants(parent.pid ?? 0)).toEqual([child])
    expect(descendants(process.pid)).toEqual(expect.arrayContaining([...family, bystander.pid]))
    expect(await gone(family, 50)).toBe(false)

    signal(family, 'SIGKILL')
    expect(await gone(family, 5_000)).toBe(true)
    expect(descendants(process.pid)).toContain(bystander.pid)
  } finally {
    bystander.kill('SIGKILL')
  }
})
