import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { createShopProgram } from '../../src/shop/cli/program.ts'
import { ROOT } from '../support/docs.ts'

const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, string>
}
const SHOPS = ['seed', 'import', 'snapshot', 'reset', 'clean', 'compare', 'demo']

describe('A public face', () => {
  it.each(Object.entries(exports))('%s is a file that says what it is: %s', (_name, path) => {
    expect(existsSync(join(ROOT, path))).toBe(true)
    expect(readFileSync(join(ROOT, path), 'utf8')).toMatch(/^\/\*\*\n \* [^]*? @module\n \*\/\n/)
  })

  it.each(['.', './client', './cli', './csv', './api', './api/schemas', './runs'])(
    '%s is found by name, by plain Node and without the Worker',
    (name) => {
      const script = `console.log(Object.keys(await import('dogear${name.slice(1)}')).length)`
      const found = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: ROOT,
      })
      expect(Number(found)).toBeGreaterThan(1)
    },
  )

  it('for authors has about twenty names', async () => {
    const names = Object.keys(await import('../../src/engine/index.ts'))
    expect(names).toContain('defineJob')
    expect(names.length).toBeLessThanOrEqual(25)
  })
})

describe('Without the shop', () => {
  const verbs = (program: { commands: readonly { name(): string }[] }) =>
    program.commands.map((verb) => verb.name())

  it('the command has none of its verbs', () => {
    const own = verbs(createProgram({ main: 'main.ts' }))
    expect(own).toContain('run')
    expect(own.filter((name) => SHOPS.includes(name))).toEqual([])
    expect(verbs(createShopProgram())).toEqual([...own, ...SHOPS])
  })

  describe('the page', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dogear-page-'))
    const built = () =>
      readdirSync(join(folder, 'assets'))
        .filter((file) => file.endsWith('.js'))
        .map((file) => readFileSync(join(folder, 'assets', file), 'utf8'))
        .join('\n')

    beforeAll(() => {
      const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
      execFileSync(
        process.execPath,
        [vite, 'build', 'src/dashboard', '--outDir', folder, '--config', 'vite.config.ts'],
        { cwd: ROOT, stdio: 'ignore' },
      )
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    it('is built, and holds nothing of it', () => {
      const page = built()
      expect(page).toContain('Start a run')
      for (const shops of ['Side by side', '/api/shop', 'process-orders']) {
        expect(page).not.toContain(shops)
      }
    })
  })
})
