import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROJECT } from '../../src/cli/local/wrangler.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'

const MAX_SCRIPT_BYTES = 150 * 1024

describe('The page, as the Worker serves it', () => {
  let worker: FreshWorker

  beforeAll(async () => {
    worker = await startFreshWorker()
  })
  afterAll(() => worker?.remove())

  it.each(['/', '/runs', '/runs/0123', '/start/process-orders', '/compare', '/shop'])(
    'is there at %s, and loads nothing from elsewhere',
    async (path) => {
      const response = await fetch(worker.url + path)
      expect(response.status).toBe(200)
      const policy = response.headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const html = await response.text()
      const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url)
      expect(loaded.length).toBeGreaterThan(2)
      expect(loaded.filter((url) => !url?.startsWith('/'))).toEqual([])
    },
  )

  it('leaves the API its own answers, also for what is not there', async () => {
    const missing = await fetch(`${worker.url}/api/nothing`)
    expect([missing.status, missing.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json',
    ])
    expect(await (await fetch(`${worker.url}/health`)).json()).toMatchObject({ ok: true })
  })

  it('loads less than 150 KB of script, compressed', async () => {
    const assets = join(PROJECT, 'dist/page/assets')
    const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'))
    expect(scripts.length).toBeGreaterThan(0)
    const sizes = await Promise.all(
      scripts.map(async (name) => gzipSync(await readFile(join(assets, name))).length),
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_SCRIPT_BYTES)
  })
})
