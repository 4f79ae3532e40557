import { describe, expect, it, vi } from 'vitest'
import { alertsText, webhooksText } from '../../src/cli/text/alerts-text.ts'
import { barLine } from '../../src/cli/text/bar.ts'
import { lineDisplay } from '../../src/cli/text/display.ts'
import { errorLine } from '../../src/cli/errors.ts'
import { eventText, leftOutText } from '../../src/cli/text/event-text.ts'
import { guarded } from '../../src/cli/text/inert.ts'
import { ledgerText } from '../../src/cli/text/ledger-text.ts'
import { linesText } from '../../src/cli/text/log-text.ts'
import { overviewText, schedulesText } from '../../src/cli/text/overview-text.ts'
import { say, sayJson } from '../../src/cli/output.ts'
import {
  checkpointText,
  jobsText,
  skipsText,
  slicesText,
  verificationText,
} from '../../src/cli/text/render.ts'
import { runText } from '../../src/cli/text/run-text.ts'
import { runsText } from '../../src/cli/text/runs-text.ts'
import { shorten } from '../../src/cli/text/text.ts'
import { plainJson } from '../../src/engine/plain-text.ts'

/** A product's name that a supplier's API gave: sets the window's title, clears the screen, prints in green. */
const HOSTILE =
  '\u001b]0;pwned\u0007\u001b[2J\u001b[1;1H\u001b[32mall is well\u001b[39m \u009b31m \u202egnp.exe ' +
  '\u2066a\u2069 z\u200bero\u200d \ufeff\u2028\u2029 \u{e0041} \udc00 \r\b\t\0\nStatus:  completed'
/** All of them, but for the line breaks that are ours. */
const ACTING = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

const AT = '2026-11-29T00:00:00Z'
const error = { name: HOSTILE, code: HOSTILE, message: HOSTILE }
const cost = {
  d1Statements: 0,
  d1RowsRead: 0,
  d1RowsWritten: 0,
  queueOperations: 0,
  durableObjectRequests: 0,
}
const run = {
  id: HOSTILE,
  job: HOSTILE,
  style: HOSTILE,
  status: 'failed',
  reason: HOSTILE,
  step: HOSTILE,
  cursor: { [HOSTILE]: [HOSTILE] },
  completedSteps: [HOSTILE],
  attention: HOSTILE,
  progress: { done: 1, total: null, skipped: 0 },
  params: HOSTILE,
  result: { a: HOSTILE },
  error,
  attempts: 0,
  interruptions: 0,
  resumptions: 0,
  slices: 1,
  commits: 1,
  cost,
  codeVersion: HOSTILE,
  createdAt: HOSTILE,
  updatedAt: AT,
  children: [HOSTILE],
  parent: HOSTILE,
  forkOf: { run: HOSTILE, seq: 1 },
}
const quantiles = { p50: 1, p95: 2, p99: 3 }
const overview = {
  runsByStatus: { [HOSTILE]: 1 },
  activeContinuations: 0,
  averageResumptions: 1,
  longestRunning: { job: HOSTILE, run: HOSTILE, ms: 1 },
  itemsPerSecond: 1,
  checkpointHealth: { judged: 1, healthy: 1, allowedMs: 1, stale: [], share: 1 },
  commitMs: quantiles,
  queueLagMs: quantiles,
  skips: 0,
  retries: 0,
  needsAttention: [{ run: HOSTILE, job: HOSTILE, status: HOSTILE, problem: HOSTILE }],
}
const WRITTEN: [what: string, write: () => string][] = [
  ['a run', () => runText(run as never)],
  ['runs', () => runsText([run as never])],
  ['the live bar', () => barLine(run as never, { columns: 1_000 })],
  ['a narrow bar', () => barLine(run as never, { columns: 40 })],
  ['a bar that waits', () => barLine({ ...run, status: 'interrupted' } as never)],
  ['jobs', () => jobsText([{ name: HOSTILE, style: HOSTILE, unit: HOSTILE } as never])],
  [
    'slices',
    () =>
      slicesText({
        slices: [
          {
            n: 1,
            fence: 1,
            startedAt: AT,
            endedAt: null,
            outcome: HOSTILE,
            reason: HOSTILE,
            error,
          } as never,
        ],
        total: 9,
      }),
  ],
  [
    'lines of a log',
    () =>
      linesText({
        lines: [
          { id: 1, at: AT, level: 'warn', message: HOSTILE, fields: { a: HOSTILE }, fence: 1 },
        ],
        total: 9,
        leftOut: { alike: HOSTILE, count: 1, from: HOSTILE, to: HOSTILE },
        nextCursor: null,
      }),
  ],
  ['what is left out', () => leftOutText({ alike: HOSTILE, count: 1, from: HOSTILE, to: HOSTILE })],
  [
    'skips',
    () => skipsText([{ step: HOSTILE, cursor: HOSTILE, attempts: 1, skippedAt: AT, error }]),
  ],
  [
    'a checkpoint',
    () =>
      checkpointText({
        ...run,
        run: HOSTILE,
        nestedSteps: { [HOSTILE]: { cursor: HOSTILE } },
      } as never),
  ],
  [
    'a proof',
    () =>
      verificationText({
        checks: [
          { ok: true, name: HOSTILE },
          { ok: false, name: HOSTILE, expected: HOSTILE, actual: { [HOSTILE]: 1 } },
        ],
      } as never),
  ],
  [
    'a ledger',
    () =>
      ledgerText([
        {
          seq: 1,
          step: HOSTILE,
          fromCursor: HOSTILE,
          toCursor: { a: HOSTILE },
          at: AT,
          codeVersion: HOSTILE,
        } as never,
      ]),
  ],
  [
    'alerts',
    () =>
      alertsText([
        {
          id: 1,
          kind: HOSTILE,
          job: HOSTILE,
          run: HOSTILE,
          raisedAt: AT,
          clearedAt: null,
          message: HOSTILE,
        } as never,
      ]),
  ],
  [
    'webhooks',
    () =>
      webhooksText({
        problem: HOSTILE,
        endpoints: [{ name: HOSTILE, origin: HOSTILE, events: [HOSTILE], jobs: [HOSTILE] }],
        deliveries: [
          {
            id: 1,
            event: HOSTILE,
            run: HOSTILE,
            endpoint: HOSTILE,
            createdAt: AT,
            attempts: 1,
            status: HOSTILE,
            nextAt: null,
            lastError: HOSTILE,
          },
        ],
      } as never),
  ],
  ['the overview', () => overviewText(overview as never)],
  [
    'schedules',
    () =>
      schedulesText([
        {
          name: HOSTILE,
          job: HOSTILE,
          cron: HOSTILE,
          timeZone: HOSTILE,
          nextTick: HOSTILE,
          lastRun: { run: HOSTILE },
          error,
        } as never,
      ]),
  ],
  [
    'an event',
    () => eventText(1, { type: HOSTILE, at: HOSTILE, fence: 1, error, step: HOSTILE } as never),
  ],
  ['an error', () => errorLine(HOSTILE, HOSTILE)],
]

describe('F13 no text of somebody else steers the terminal:', () => {
  it.each(WRITTEN)('%s', (_what, write) => {
    const text = write()
    expect(text).not.toMatch(ACTING)
    // Nor does it look like a line of ours.
    expect(text).not.toMatch(/^Status:  completed/m)
  })

  it('lines of runs that are followed', () => {
    const lines: string[] = []
    const display = lineDisplay((line) => lines.push(line))
    display.show([run as never])
    display.close()
    expect(lines.join('')).not.toMatch(ACTING)
  })

  it('and what is written is looked at once more: our colours and line breaks pass, nothing else that acts', () => {
    expect(guarded(`\u001b[31mred\u001b[39m\n${HOSTILE.slice(0, 14)}`)).toBe(
      '\u001b[31mred\u001b[39m\n\\u001b]0;pwned\\u0007\\u001b[2J',
    )
    const written = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    say(HOSTILE)
    const [[text]] = written.mock.calls as [[string]]
    written.mockRestore()
    expect(text.replaceAll('\u001b[32m', '').replaceAll('\u001b[39m', '')).not.toMatch(ACTING)
  })

  it('what can be read stays as it is', () => {
    const text = 'Müller 東京 🐢 ❤️ עברית "x" \\ é'
    expect(guarded(text)).toBe(text)
    expect(runText({ ...run, job: text } as never)).toContain(text)
  })
})

describe('F13 JSON', () => {
  it.each([undefined, 2])('stays exact, and has nothing that acts: indented by %s', (space) => {
    const document = { [HOSTILE]: [HOSTILE, 'Müller 🐢', { a: null }] }
    const text = plainJson(document, space)
    expect(text).not.toMatch(ACTING)
    expect(JSON.parse(text)).toEqual(document)
    expect(text).toContain('Müller 🐢')
  })

  it('is what --json prints', () => {
    const written = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    sayJson({ run: HOSTILE })
    const [[text]] = written.mock.calls as [[string]]
    written.mockRestore()
    expect(text).not.toMatch(ACTING)
    expect(JSON.parse(text)).toEqual({ run: HOSTILE })
  })
})

it('a text is cut at whole characters', () => {
  expect(shorten('a🐢🐢', 3)).toBe('a…')
  expect(shorten('a🐢🐢', 4)).toBe('a🐢…')
})
