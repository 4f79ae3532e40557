import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { complete } from '../../src/cli/completion/completion.ts'
import { completionScript, SHELLS } from '../../src/cli/completion/completion-scripts.ts'
import { createShopProgram } from '../../src/shop/cli/program.ts'

const MAIN = join(import.meta.dirname, '../../src/shop/cli/main.ts')
const lookups = {
  jobs: async () => [
    { word: 'process-orders', meaning: 'continuable' },
    { word: 'import-orders', meaning: 'continuable' },
  ],
  runs: async () => [{ word: 'b7e1', meaning: 'process-orders, running at 5/10' }],
}

async function completed(...words: string[]): Promise<string[]> {
  return (await complete(createShopProgram(), words, lookups)).map(({ word }) => word)
}

describe('Completing', () => {
  it.each<[string[], string[]]>([
    [['se'], ['seed']],
    [['--json', 'che'], ['checkpoint']],
    [['--url', 'http://x', 'verif'], ['verify']],
    [['seed', '--m'], ['--mixed']],
    [
      ['run', '--interrupt-a'],
      ['--interrupt-after', '--interrupt-after-items', '--interrupt-at'],
    ],
    [['show', '--js'], ['--json']],
    [['ls', '--stat'], ['--status']],
    [['--ur'], ['--url']],
    [['run', 'pro'], ['process-orders']],
    [
      ['runs', '--job', ''],
      ['process-orders', 'import-orders'],
    ],
    [['runs', '--status', 'pau'], ['paused']],
    [
      ['show', ''],
      ['last', 'b7e1'],
    ],
    [['redrive', 'b'], ['b7e1']],
    [['run', '--wait', 'imp'], ['import-orders']],
    [['run', '--interrupt-at', ''], []],
    [['completion', 'z'], ['zsh']],
    [['help', 'mon'], ['monitor']],
    [['show', 'last', ''], []],
    [
      ['nonsense', '-'],
      ['--url', '--token', '--json', '--output', '--version', '--help'],
    ],
  ])('%j gives %j', async (words, found) => {
    expect(await completed(...words)).toEqual(found)
  })

  it('offers every verb that the help lists, and not what only scripts call', async () => {
    const verbs = await completed('')
    expect(verbs).toEqual(expect.arrayContaining(['seed', 'run', 'monitor', 'compare', 'help']))
    expect(verbs).not.toContain('complete')
  })
})

describe('The script for bash', () => {
  let server: Server
  let url: string
  let jobs = ['process-orders']

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.end(JSON.stringify({ jobs: jobs.map((name) => ({ name, style: 'continuable' })) }))
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(() => void server.close())

  /** What bash offers, with the script loaded, for words of which the last is begun. */
  async function offered(at: string, ...words: string[]): Promise<string[]> {
    const script = `${completionScript('bash', [process.execPath, MAIN])}
      COMP_WORDS=(dogear "$@"); COMP_CWORD=$#; _dogear; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', ...words], {
      env: { ...process.env, DOGEAR_URL: at },
    })
    return stdout.split('\n').filter((line) => line !== '')
  }

  it('completes verbs, and jobs from the Worker', async () => {
    expect(await offered(url, 'snap')).toEqual(['snapshot'])
    expect(await offered(url, 'run', '')).toEqual(['process-orders'])
  })

  it('offers nothing, and complains of nothing, when no Worker answers', async () => {
    expect(await offered('http://127.0.0.1:9', 'run', '')).toEqual([])
    expect(await offered('http://127.0.0.1:9', 'show', '')).toEqual(['last'])
  })

  it('makes a command of that name where there is none, whatever this machine has', () => {
    const script = `${completionScript('bash', ['echo', "it's me"])}\ndogear jobs --json`
    const said = (path: string) =>
      execFileSync('/bin/bash', ['--norc', '-c', script], {
        encoding: 'utf8',
        env: { ...process.env, PATH: path },
      })
    const folder = mkdtempSync(join(tmpdir(), 'dogear-path-'))
    try {
      expect(said(folder)).toBe("it's me jobs --json\n")
      writeFileSync(join(folder, 'dogear'), '#!/bin/sh\necho installed "$@"\n', { mode: 0o755 })
      expect(said(folder)).toBe('installed jobs --json\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('F13 offers nothing that a shell would do something with', async () => {
    jobs = ['process-orders', '$(touch pwned)', 'a;b', 'a\nb', 'a\u001b[2J']
    expect(await offered(url, 'run', '')).toEqual(['process-orders'])
  })
})

it.each(SHELLS)('The script for %s asks the command that made it', (shell) => {
  const script = completionScript(shell, ['/opt/node', '/home/o brien/main.ts'])
  expect(script).toContain("/opt/node '/home/o brien/main.ts' complete -- ")
  expect(script).toMatch(/^complete |^compdef /m)
})
