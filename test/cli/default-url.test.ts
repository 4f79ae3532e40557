import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { defaultUrl } from '../../src/cli/default-url.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const LOCAL = 'http://localhost:8787/dogear'

/** Nothing listens at that port, so the command says where it has asked. */
const at = (name: string) => `http://127.0.0.1:9/${name}`

/** A folder, and those between it and its package, whose `package.json` has this. */
function folderBelow(manifest: string): string {
  const top = mkdtempSync(join(tmpdir(), 'dogear-url-'))
  onTestFinished(() => rmSync(top, { recursive: true, force: true }))
  writeFileSync(join(top, 'package.json'), manifest)
  const folder = join(top, 'packages/billing')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "billing" }')
  return folder
}

const saying = (url: unknown) => folderBelow(JSON.stringify({ dogear: { url } }))

it.each<[string, string[], string | undefined, string]>([
  ['--url, whatever else says', ['--url', at('flag')], at('variable'), at('flag')],
  ['DOGEAR_URL, whatever package.json says', [], at('variable'), at('variable')],
  ['what package.json says, where nobody says more', [], undefined, at('manifest')],
])('asks the Worker at %s', (_what, args, DOGEAR_URL, asked) => {
  const { DOGEAR_URL: _outer, ...env } = process.env
  const { stderr, status } = spawnSync(process.execPath, [MAIN, 'jobs', ...args], {
    cwd: saying(at('manifest')),
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1', ...(DOGEAR_URL !== undefined && { DOGEAR_URL }) },
  })
  expect(stderr).toContain(`No answer from ${asked};`)
  expect(status).toBe(1)
})

it('takes the nearest package.json that says where the Worker is', () => {
  const folder = saying(at('top'))
  expect(defaultUrl(folder)).toBe(at('top'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dogear: { url: at('near') } }))
  expect(defaultUrl(folder)).toBe(at('near'))
})

it.each([
  ['is not said', '{ "name": "top" }'],
  ['is no text', '{ "dogear": { "url": 8787 } }'],
  ['cannot be read', '{ "dogear": '],
])('is where wrangler dev serves it when in package.json it %s', (_what, manifest) => {
  expect(defaultUrl(folderBelow(manifest))).toBe(LOCAL)
})
