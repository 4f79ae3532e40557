import { afterEach, describe, expect, it, vi } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { errorsText, errorText, sparkline } from '../../src/cli/text/errors-text.ts'
import { plainLook } from '../../src/cli/text/look.ts'
import { overviewText } from '../../src/cli/text/overview-text.ts'
import type { ErrorGroup, ErrorGroupDetails, Overview } from '../../src/client/index.ts'
import { aRun } from '../support/a-run.ts'

const question = vi.hoisted(() => ({ sits: false, asked: [] as string[] }))
vi.mock(import('../../src/cli/question.ts'), async (original) => ({
  ...(await original()),
  isAnswered: () => question.sits,
  confirmed: (text: string) => Promise.resolve(question.asked.push(text) < 0),
}))

const look = { ...plainLook, now: Date.parse('2026-11-30T10:00:00Z') }
const wide = { ...look, columns: Infinity }
const ID = '3f9c01d2a4b5c6d7'

const group: ErrorGroup = {
  id: ID,
  job: 'sync-order-numbers',
  error: 'Error',
  template: 'D1_ERROR: UNIQUE constraint failed: orders.id: SQLITE_CONSTRAINT',
  message: 'D1_ERROR: UNIQUE constraint failed: orders.id: SQLITE_CONSTRAINT',
  state: 'open',
  failed: 200,
  occurrences: 201,
  firstAt: '2026-11-30T07:56:00.000Z',
  lastAt: '2026-11-30T07:59:00.000Z',
  lastRun: 'b7e1f00d'.repeat(4),
  lastDay: [...Array.from({ length: 22 }, () => 0), 200, 1],
}
const details: ErrorGroupDetails = { ...group, trend: [], lastRuns: [] }

const totals = { open: 1, dismissed: 2, muted: 0, resolved: 5 }

/** A Worker with that group, and what was sent to it. */
function worker() {
  const sent: string[] = []
  const fetch = async (url: string, { method = 'GET', body }: RequestInit) => {
    const { pathname, search } = new URL(url)
    sent.push(`${method} ${pathname}${search}${typeof body === 'string' ? ` ${body}` : ''}`)
    if (pathname === '/api/errors')
      return Response.json({ groups: [group], totals, nextCursor: null })
    if (method === 'GET') return Response.json(details)
    if (pathname.endsWith('/retry')) {
      const dry = typeof body === 'string' && body.includes('dryRun')
      return Response.json(dry ? { runs: 200 } : aRun({ job: 'steer-runs', status: 'queued' }))
    }
    if (pathname.endsWith('/mute'))
      return Response.json({ ...group, state: 'muted', mutedUntil: '2026-11-30T18:00:00.000Z' })
    return Response.json({ ...group, state: pathname.endsWith('/dismiss') ? 'dismissed' : 'open' })
  }
  return { sent, fetch }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  question.sits = false
  question.asked.length = 0
  process.exitCode = undefined
})

async function errors(fetch: unknown, ...words: string[]): Promise<string> {
  let text = ''
  const write = (line: unknown) => void (text += `${String(line)}\n`)
  vi.spyOn(console, 'log').mockImplementation(write)
  vi.spyOn(console, 'error').mockImplementation(write)
  vi.stubGlobal('fetch', fetch)
  await createProgram({ main: '' }).parseAsync(['--url', 'http://worker', 'errors', ...words], {
    from: 'user',
  })
  return text
}

describe('The table of errors', () => {
  it('has a line for each group, and fits into 80 columns', () => {
    const other: ErrorGroup = {
      ...group,
      id: '8a41c07e00000000',
      job: 'nightly-import',
      template: 'product <n>: price is null',
      failed: 1,
      returnedAt: group.lastAt,
    }
    expect(errorsText([group, other], look).split('\n')).toEqual([
      'GROUP     JOB                 RUNS  FIRST  LAST  STATE     ERROR',
      '3f9c01d2  sync-order-numbers  200   2h4m   2h1m  open      D1_ERROR: UNIQUE con…',
      '8a41c07e  nightly-import      1     2h4m   2h1m  returned  product <n>: price i…',
    ])
    expect(errorsText([])).toBe('No errors.')
  })

  it('is cut nowhere when it is to be wide', () => {
    const [, line = ''] = errorsText([group], wide).split('\n')
    expect(line).toContain(ID)
    expect(line).toContain('2026-11-30 07:56:00 UTC')
    expect(line).toContain(`${'·'.repeat(22)}█▁`)
    expect(line.endsWith('SQLITE_CONSTRAINT (Error)')).toBe(true)
  })

  it('is safe, whatever an error says', () => {
    const text = errorsText([{ ...group, template: '\u001B[2J\u001B[31mred\nline' }], look)
    expect(text).not.toContain('\u001B')
    expect(text.split('\n')).toHaveLength(2)
    const shown = errorText({ ...details, message: 'a\u001B[2J\nb', frame: '\u001B[1m' }, look)
    expect(shown).not.toContain('\u001B')
  })

  it('draws a bar for each hour', () => {
    expect(sparkline([0, 1, 4, 8])).toBe('·▁▄█')
    expect(sparkline([0, 0])).toBe('··')
  })
})

describe('A group of errors', () => {
  it('is shown with all there is to know, and its newest runs', () => {
    const lastRuns = [aRun({ id: group.lastRun, status: 'failed' })]
    const text = errorText({ ...details, frame: 'sync (index.js:1:2)', lastRuns }, look)
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        `Group:       ${ID}`,
        'State:       open',
        'Failed:      200 runs now; it has occurred 201 times',
        `Last:        2026-11-30 07:59:00 UTC (run ${group.lastRun})`,
        'Thrown by:   sync (index.js:1:2)',
        `Its newest 1 of 200 runs; all of them: dogear runs --group ${ID}`,
      ]),
    )
  })

  it.each([
    [
      { returnedAt: '2026-11-30T07:59:00.000Z' },
      'open; it came back at 2026-11-30 07:59:00 UTC, after it had been dismissed',
    ],
    [
      { state: 'dismissed', dismissedAt: '2026-11-30T08:00:00.000Z', dismissedBy: 'ada' },
      'dismissed at 2026-11-30 08:00:00 UTC by ada, until it occurs again',
    ],
    [
      { state: 'muted', mutedUntil: '2026-11-30T18:00:00.000Z' },
      'muted until 2026-11-30 18:00:00 UTC',
    ],
    [{ state: 'resolved' }, 'resolved: no run is failed with it'],
  ] as const)('says in which state it is: %j', (more, words) => {
    expect(errorText({ ...details, ...more }, look)).toContain(`State:       ${words}`)
  })

  it('stands in the overview as one line, however many runs it has', () => {
    const overview = {
      runsByStatus: { failed: 200 },
      activeContinuations: 0,
      averageResumptions: null,
      longestRunning: null,
      checkpointHealth: { judged: 0, healthy: 0, share: 1, allowedMs: 1, stale: [] },
      itemsPerSecond: 0,
      commitMs: { p50: null, p95: null, p99: null },
      queueLagMs: { p50: null, p95: null, p99: null },
      skips: 0,
      retries: 0,
      needsAttention: [
        {
          run: group.lastRun,
          job: group.job,
          status: 'failed',
          problem: group.message,
          kind: 'failed',
          at: group.lastAt,
          alert: 1,
          group,
        },
      ],
    } as unknown as Overview
    const lines = overviewText(overview, look).split('\n')
    expect(lines).toContain('Attention:    1 error of 200 runs (dogear errors)')
    expect(lines.at(-1)).toMatch(
      /^❌ sync-order-numbers 3f9c01d2: 200 runs, last 2h1m ago: D1_ERROR.*…$/,
    )
  })
})

describe('dogear errors', () => {
  it('lists the open ones, and says how many it does not show', async () => {
    const { sent, fetch } = worker()
    const text = await errors(fetch)
    expect(sent).toEqual(['GET /api/errors?limit=20&state=open'])
    expect(text).toContain('3f9c01d2')
    expect(text).toContain('Not shown: 2 dismissed, 5 resolved')
    await errors(fetch, '--state', 'any', '--job', 'a-job', '--limit', '5')
    expect(sent.at(-1)).toBe('GET /api/errors?limit=5&job=a-job')
  })

  it('shows one, by the beginning of its id', async () => {
    const { sent, fetch } = worker()
    expect(await errors(fetch, '3f9c01d2')).toContain(`Group:       ${ID}`)
    expect(sent).toEqual(['GET /api/errors/3f9c01d2'])
    expect(JSON.parse(await errors(fetch, '3f9c01d2', '--json'))).toEqual(details)
  })

  it('says with --dry-run how many runs it would retry, and does nothing', async () => {
    const { sent, fetch } = worker()
    expect(await errors(fetch, 'retry', ID, '--dry-run')).toBe(
      'Would retry 200 runs; nothing was done.\n',
    )
    expect(sent).toEqual([`POST /api/errors/${ID}/retry {"dryRun":true}`])
  })

  it('asks on a terminal, with the number of runs, and does nothing without a yes', async () => {
    const { sent, fetch } = worker()
    question.sits = true
    expect(await errors(fetch, 'retry', ID)).toBe('Nothing was done.\n')
    expect(question.asked).toEqual(['retry 200 runs?'])
    expect(process.exitCode).toBe(1)
    expect(sent).toEqual([`POST /api/errors/${ID}/retry {"dryRun":true}`])
    process.exitCode = undefined
    expect(await errors(fetch, 'retry', ID, '--yes', '--no-wait')).toContain('steer-runs')
    expect(sent.at(-1)).toBe(`POST /api/errors/${ID}/retry {}`)
  })

  it('dismisses, mutes and unmutes one', async () => {
    const { sent, fetch } = worker()
    expect(await errors(fetch, 'dismiss', ID)).toBe(
      `Group ${ID} is dismissed, until it occurs again.\n`,
    )
    expect(await errors(fetch, 'mute', ID, '--for', '8h')).toBe(
      `Group ${ID} is muted until 2026-11-30 18:00:00 UTC.\n`,
    )
    expect(await errors(fetch, 'unmute', ID)).toBe(`Group ${ID} is open.\n`)
    await errors(fetch, 'mute', ID, '--until', '2099-01-01T00:00Z')
    expect(sent).toEqual([
      `POST /api/errors/${ID}/dismiss`,
      `POST /api/errors/${ID}/mute {"until":"8h"}`,
      `POST /api/errors/${ID}/unmute`,
      `POST /api/errors/${ID}/mute {"until":"2099-01-01T00:00:00.000Z"}`,
    ])
  })

  it.each([
    [['retry'], "Found no group after 'retry'"],
    [['mute', ID], 'expected one of --for 8h and --until'],
    [['mute', ID, '--for', '8h', '--until', '2099-01-01'], 'expected one of --for 8h and --until'],
    [['mute', ID, '--for', 'soon'], "'soon' is not a duration"],
    [['forget', ID], "Found 'forget' before a group; expected one of retry, dismiss, mute, unmute"],
    [['--state', 'odd'], 'Allowed choices are open, dismissed, muted, resolved, any'],
  ])('refuses %j, and asks the Worker nothing', async (words, problem) => {
    const { sent, fetch } = worker()
    await expect(errors(fetch, ...words)).rejects.toThrow(problem)
    expect(sent).toEqual([])
  })
})
