import { describe, expect, it } from 'vitest'
import { servePage } from '../../src/page/index.ts'

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const ask = (path: string, base: string, init: RequestInit = {}) =>
  servePage(new Request(`https://acme.example${path}`, init), base)

const documentAt = async (path: string, base: string) => {
  const answer = ask(path, base, { headers: HTML })
  expect(answer?.headers.get('content-type')).toBe('text/html; charset=utf-8')
  return (await answer?.text()) ?? ''
}

const filesIn = (html: string) =>
  [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)

describe.each(['', '/dogear', '/ops/jobs'])('The page under %j', (base) => {
  it.each(['', '/', '/runs', '/runs/0123', '/start/process-orders', '/elsewhere'])(
    'is there for a browser at %j, and loads its files from below its path',
    async (path) => {
      const html = await documentAt(base + path === '' ? '/' : base + path, base)
      expect(html).toContain(`<meta name="dogear-base" content="${base}" />`)
      const files = filesIn(html)
      expect(files.length).toBeGreaterThan(2)
      for (const file of files) {
        expect(file.startsWith(`${base}/`), file).toBe(true)
        expect(ask(file, base)?.status, file).toBe(200)
      }
    },
  )

  it('leaves alone what is not its own', () => {
    const paths = ['/api', '/api/runs', '/health', '/metrics', '/openapi.json']
    for (const path of paths)
      expect(ask(base + path, base, { headers: HTML }), path).toBeUndefined()
    expect(ask(`${base}/assets/gone.js`, base)).toBeUndefined()
    expect(ask(`${base}/runs`, base, { headers: { accept: 'application/json' } })).toBeUndefined()
    expect(ask(`${base}/`, base, { method: 'POST', headers: HTML })).toBeUndefined()
  })

  it('keeps files for ever, and asks for the document each time', async () => {
    const html = await documentAt(`${base}/runs`, base)
    const [script = ''] = filesIn(html).filter((file) => file.endsWith('.js'))
    expect(ask(script, base)?.headers.get('cache-control')).toContain('immutable')
    expect(ask(`${base}/icon.svg`, base)?.headers.get('cache-control')).toBe('no-cache')
    const answer = ask(`${base}/`, base)
    expect(answer?.headers.get('cache-control')).toBe('no-cache')
    const etag = answer?.headers.get('etag') ?? ''
    const again = ask(`${base}/`, base, { headers: { 'if-none-match': `"other", W/${etag}` } })
    expect([again?.status, await again?.text()]).toEqual([304, ''])
    expect(again?.headers.get('etag')).toBe(etag)
    expect(ask(`${base}/`, base, { headers: { 'if-none-match': '"other"' } })?.status).toBe(200)
  })
})

describe('The page', () => {
  it('is not there beside its path', () => {
    for (const path of ['/', '/dogears', '/runs', '/icon.svg']) {
      expect(ask(path, '/dogear', { headers: HTML }), path).toBeUndefined()
    }
  })

  it('has a document of its own for each path', () => {
    const tags = ['', '/dogear', '/"ö"'].map((base) => ask(`${base}/`, base)?.headers.get('etag'))
    expect(new Set(tags).size).toBe(3)
  })

  it('writes a path down as text, whatever is in it', async () => {
    const html = await documentAt('/x">$&<script>/', '/x%22%3E$&%3Cscript%3E')
    expect(html).toContain('content="/x%22%3E$&#38;%3Cscript%3E"')
  })

  it('has its files as they were built', async () => {
    const [script = ''] = filesIn(await documentAt('/dogear/', '/dogear')).filter((file) =>
      file.endsWith('.js'),
    )
    expect(await ask(script, '/dogear')?.text()).toContain('Start a run')
    expect(await ask('/dogear/icon.svg', '/dogear')?.text()).toMatch(/^<svg[^]*<\/svg>\s*$/)
  })

  it('answers HEAD without a body', async () => {
    const answer = ask('/dogear', '/dogear', { method: 'HEAD' })
    expect([answer?.status, await answer?.text()]).toEqual([200, ''])
  })

  it('says what it is mounted for, where it does not load', async () => {
    const html = await documentAt('/dogear/', '/dogear')
    expect(html.replaceAll(/\s+/g, ' ')).toContain('served for the path /dogear/; if it is mounted')
  })

  it('lets a browser load nothing from elsewhere', () => {
    for (const path of ['/dogear', '/dogear/icon.svg']) {
      const headers = ask(path, '/dogear')?.headers
      expect(headers?.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers?.get('content-security-policy')).not.toMatch(/unsafe|https?:|\*/)
      expect(headers?.get('x-content-type-options')).toBe('nosniff')
      expect(headers?.get('referrer-policy')).toBe('no-referrer')
    }
  })
})
