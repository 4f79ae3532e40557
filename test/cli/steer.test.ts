import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { plainLook } from '../../src/cli/text/look.ts'
import { createProgram } from '../../src/cli/program.ts'
import { confirmed } from '../../src/cli/question.ts'
import { countOf, dryRunText, steeredRuns } from '../../src/cli/verbs/steered-runs.ts'
import { Client, type Run, type RunTotals } from '../../src/client/index.ts'
import { aRun } from '../support/a-run.ts'

const question = vi.hoisted(() => ({ sits: false, answer: false, asked: [] as string[] }))
vi.mock(import('../../src/cli/question.ts'), async (original) => {
  const { confirmed: ask, ...others } = await original()
  return {
    ...others,
    isAnswered: () => question.sits,
    confirmed: (text, ...streams) => {
      if (streams.length > 0) return ask(text, ...streams)
      question.asked.push(text)
      return Promise.resolve(question.answer)
    },
  }
})

const idOf = (i: number) => i.toString(16).padStart(8, '0').repeat(4)

/** A Worker with so many runs, and what was sent to it. */
function workerWith(count: number, kinds: Partial<RunTotals> = {}) {
  const sent: string[] = []
  const most = 10_000
  const totals: RunTotals = {
    total: Math.min(count, most),
    more: count > most,
    statuses: { failed: count },
    errors: [],
    ...kinds,
  }
  const runs = Array.from({ length: count }, (_, i) => aRun({ id: idOf(i), status: 'failed' }))
  const fetch = async (url: string, { method = 'GET' }: RequestInit) => {
    const { pathname, searchParams } = new URL(url)
    sent.push(`${method} ${pathname}`)
    if (pathname === '/api/session') return Response.json({ environment: { name: 'production' } })
    if (method === 'POST') return Response.json(aRun({ job: 'steer-runs', status: 'queued' }))
    if (pathname.endsWith('/totals')) return Response.json(totals)
    const from = Number(searchParams.get('cursor') ?? 0)
    const end = from + Number(searchParams.get('limit'))
    const nextCursor = end < runs.length ? `${end}` : null
    return Response.json({ runs: runs.slice(from, end), nextCursor })
  }
  return { sent, fetch, client: new Client('http://worker', { fetch }) }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  Object.assign(question, { sits: false, answer: false, asked: [] })
  process.exitCode = undefined
})

async function steer(fetch: unknown, ...words: string[]): Promise<string> {
  let text = ''
  const write = (line: unknown) => void (text += `${String(line)}\n`)
  vi.spyOn(console, 'log').mockImplementation(write)
  vi.spyOn(console, 'error').mockImplementation(write)
  vi.stubGlobal('fetch', fetch)
  const typed = ['--url', 'http://worker', 'steer', 'cancel', '--status', 'failed', '--no-wait']
  await createProgram({ main: '' }).parseAsync([...typed, ...words], { from: 'user' })
  return text
}

describe('Steering many runs', () => {
  it('says with --dry-run how many, names a few, and does nothing', async () => {
    const { sent, fetch } = workerWith(201)
    const text = await steer(fetch, '--dry-run')
    expect(text.trimEnd().split('\n')).toEqual([
      'Would cancel 201 runs; nothing was done.',
      '  201 failed, which do not allow it',
      ...[0, 1, 2, 3, 4].map((i) => `  ${idOf(i).slice(0, 8)}  process-orders, failed`),
      '  … and 196 more',
    ])
    expect(JSON.parse(await steer(fetch, '--dry-run', '--json'))).toMatchObject({ count: 201 })
    expect(new Set(sent)).toEqual(new Set(['GET /api/runs', 'GET /api/runs/totals']))
  })

  it('acts at once without a terminal, and with --yes on one', async () => {
    const { sent, fetch } = workerWith(3)
    expect(await steer(fetch)).toContain('steer-runs')
    question.sits = true
    expect(await steer(fetch, '--yes')).toContain('steer-runs')
    expect(sent).toEqual(['POST /api/runs/bulk', 'POST /api/runs/bulk'])
  })

  it('asks nobody when no run fits', async () => {
    const { sent, fetch } = workerWith(0)
    question.sits = true
    expect(await steer(fetch)).toBe('No run fits; nothing was done.\n')
    expect(sent).toEqual(['GET /api/runs/totals', 'GET /api/runs'])
  })

  it('asks on a terminal, with how many and where, and does nothing after a no', async () => {
    const { sent, fetch } = workerWith(3)
    question.sits = true
    expect(await steer(fetch)).toBe('Nothing was done.\n')
    expect(question.asked).toEqual([
      'cancel 3 runs in production: 3 failed, which do not allow it?',
    ])
    expect(process.exitCode).toBe(1)
    expect(sent.filter((request) => request.startsWith('POST'))).toEqual([])
    question.answer = true
    expect(await steer(fetch)).toContain('steer-runs')
    expect(sent.at(-1)).toBe('POST /api/runs/bulk')
  })

  it('says how many they are and what, and names no run that steers', async () => {
    const errors = ['a', 'b', 'c', 'd'].map((error, i) => ({ error, runs: 9 - i }))
    const statuses = { failed: 30, completed: 2, cancelled: 1 }
    const { client } = workerWith(10_001, { statuses, errors })
    const found = await steeredRuns(client, { status: 'failed' })
    expect(found).toMatchObject({ count: 10_000, more: true })
    expect(countOf(found)).toBe('more than 10000 runs')
    expect(dryRunText('retry', found, plainLook).split('\n')).toEqual([
      'Would retry more than 10000 runs; nothing was done.',
      '  30 failed (9 a, 8 b, 7 c, others), 1 cancelled, 2 completed, which do not allow it',
      ...[0, 1, 2, 3, 4].map((i) => `  ${idOf(i).slice(0, 8)}  process-orders, failed`),
      '  … and more than 9995 more',
    ])
    const runs = [aRun({ job: 'steer-runs' }), aRun()] as Run[]
    const steering = {
      runTotals: async () => ({ total: 1, more: false }),
      runs: async () => ({ runs, nextCursor: null }),
    } as unknown as Client
    expect(await steeredRuns(steering, {})).toMatchObject({ count: 1, runs: [{ id: runs[1]?.id }] })
  })

  it('goes by what a search finds, and needs no other filter', async () => {
    const { sent, fetch } = workerWith(3)
    let text = ''
    vi.spyOn(console, 'log').mockImplementation((line) => void (text += String(line)))
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      if (init.method === 'POST') sent.push(init.body as string)
      return fetch(url, init)
    })
    const typed = [
      '--url',
      'http://worker',
      'steer',
      'retry',
      '--search',
      'import acme',
      '--no-wait',
    ]
    await createProgram({ main: '' }).parseAsync(typed, { from: 'user' })
    expect(sent).toContain('{"command":"retry","filter":{"q":"import acme"}}')
    expect(text).toContain('steer-runs')
  })
})

describe('A question', () => {
  it.each([
    ['y\n', true],
    ['YES\n', true],
    ['n\n', false],
    ['\n', false],
    ['yesterday\n', false],
  ])('answered by %j is %s', async (typed, answer) => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const asked = confirmed('cancel 201 runs?', input, output)
    input.write(typed)
    expect(await asked).toBe(answer)
    expect(String(output.read())).toContain('cancel 201 runs? [y/N] ')
  })

  it('that nobody answers is a no', async () => {
    const input = new PassThrough()
    const asked = confirmed('cancel 201 runs?', input, new PassThrough())
    input.end()
    expect(await asked).toBe(false)
  })
})
