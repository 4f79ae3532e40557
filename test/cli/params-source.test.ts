import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/cli/errors.ts'
import { parseParams } from '../../src/cli/params-source.ts'
import { startOptions } from '../../src/cli/verbs/start-options.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dogear-params-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(content: string | Uint8Array): string {
  const path = join(folder, 'params.json')
  writeFileSync(path, content)
  return `@${path}`
}

describe('Params as a whole', () => {
  it('are JSON as it is, or of a file', () => {
    expect(parseParams('{"upTo": 5}')).toEqual({ upTo: 5 })
    expect(parseParams(file('{\n  "upTo": 5,\n  "tags": ["ä"]\n}\n'))).toEqual({
      upTo: 5,
      tags: ['ä'],
    })
  })

  it('are read from standard input', () => {
    const module = join(import.meta.dirname, '../../src/cli/params-source.ts')
    const code = `const { parseParams } = await import(${JSON.stringify(module)})
      console.log(JSON.stringify(parseParams('-')))`
    const args = ['--input-type=module', '-e', code]
    const said = execFileSync(process.execPath, args, { input: '{"upTo": 7}', encoding: 'utf8' })
    expect(JSON.parse(said)).toEqual({ upTo: 7 })
  })

  it('give way to a param that is named by itself', () => {
    const options = { params: { upTo: 5, from: 1 }, param: { upTo: 6 } }
    expect(startOptions(options)).toEqual({ params: { upTo: 6, from: 1 } })
    expect(startOptions({})).toEqual({})
  })

  it.each([
    ['upTo=5', /^--params as given is no JSON: .*@FILE reads a file$/],
    ['[1]', /^--params as given holds no JSON object/],
    ['{"id": 9007199254740993}', /^--params as given: .*9007199254740993/],
    ['@/nowhere/params.json', /^--params @\/nowhere\/params\.json cannot be read: ENOENT/],
  ])('are refused with the reason: %s', (source, reason) => {
    expect(() => parseParams(source)).toThrow(UsageError)
    expect(() => parseParams(source)).toThrow(reason)
  })

  it('are refused when the file is no UTF-8', () => {
    const source = file(Uint8Array.of(0x7b, 0xff, 0x7d))
    expect(() => parseParams(source)).toThrow(/cannot be read/)
  })
})
