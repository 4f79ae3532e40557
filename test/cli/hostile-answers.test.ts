import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { widthOf } from '../../src/cli/text/width.ts'
import { createShopProgram } from '../../src/shop/cli/program.ts'

/** Clears the screen, prints in green, sets a title, and turns the line around. */
const HOSTILE =
  '\u001b[2J\u001b[32mall is well\u009b0m\u001b]0;x\u0007 \u202ex\u2066\u200b\r\b\nRun:  y'
const ACTING = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const AT = '2026-11-29T00:00:00Z'
const ID = 'a'.repeat(32)

const error = { name: HOSTILE, code: HOSTILE, message: HOSTILE, statement: HOSTILE }
const progress = { done: 1, total: 2, skipped: 0 }
const quantiles = { p50: 1, p95: 2, p99: 3 }
const run = {
  id: ID,
  job: HOSTILE,
  style: HOSTILE,
  status: 'completed',
  reason: HOSTILE,
  step: HOSTILE,
  cursor: { [HOSTILE]: HOSTILE },
  completedSteps: [HOSTILE],
  labels: { [HOSTILE]: HOSTILE },
  attention: HOSTILE,
  progress,
  params: { [HOSTILE]: HOSTILE },
  result: HOSTILE,
  error: { ...error, at: { step: HOSTILE, cursor: HOSTILE }, cause: error },
  attempts: 0,
  interruptions: 0,
  resumptions: 0,
  slices: 1,
  workedMs: 1,
  commits: 1,
  cost: {},
  codeVersion: HOSTILE,
  createdAt: AT,
  updatedAt: AT,
  finishedAt: AT,
  parent: HOSTILE,
  children: [HOSTILE],
}
const counts = { total: HOSTILE, pending: HOSTILE, processed: HOSTILE, failed: HOSTILE }
/** An answer with the members of all routes: each verb takes from it what it shows. */
const ANSWER = {
  ...run,
  run: HOSTILE,
  nextCursor: '\u001b[2J',
  runs: [run],
  jobs: [{ name: HOSTILE, style: HOSTILE, unit: HOSTILE, stale: false }],
  slices: [
    { n: 1, fence: 1, startedAt: AT, endedAt: AT, outcome: HOSTILE, reason: HOSTILE, error },
  ],
  skips: [{ step: HOSTILE, cursor: HOSTILE, attempts: 1, skippedAt: AT, error }],
  commits: [
    {
      seq: 1,
      step: HOSTILE,
      fromCursor: HOSTILE,
      toCursor: HOSTILE,
      items: 1,
      at: AT,
      codeVersion: HOSTILE,
      forkable: true,
    },
  ],
  checks: [{ ok: false, name: HOSTILE, expected: HOSTILE, actual: HOSTILE }],
  ok: false,
  nestedSteps: { [HOSTILE]: { cursor: HOSTILE } },
  events: [
    { id: 1, event: { type: 'run.errored', at: AT, run: ID, job: HOSTILE, fence: 1, error } },
  ],
  lines: [{ id: 1, at: AT, level: HOSTILE, message: HOSTILE, fields: { a: HOSTILE }, fence: 1 }],
  total: 9,
  leftOut: [{ alike: HOSTILE, count: 1, from: HOSTILE, to: HOSTILE }],
  alerts: [
    {
      id: 1,
      kind: HOSTILE,
      job: HOSTILE,
      run: ID,
      raisedAt: AT,
      clearedAt: null,
      message: HOSTILE,
    },
  ],
  groups: [
    {
      id: ID,
      job: HOSTILE,
      error: HOSTILE,
      template: HOSTILE,
      message: HOSTILE,
      frame: HOSTILE,
      state: HOSTILE,
      failed: 1,
      occurrences: 1,
      firstAt: AT,
      lastAt: AT,
      lastRun: ID,
      lastDay: [0, 1],
    },
  ],
  totals: { dismissed: 1 },
  endpoints: [{ name: HOSTILE, origin: HOSTILE, events: [HOSTILE], jobs: [HOSTILE] }],
  problem: HOSTILE,
  deliveries: [
    {
      id: 1,
      event: HOSTILE,
      run: ID,
      endpoint: HOSTILE,
      createdAt: AT,
      attempts: 1,
      status: HOSTILE,
      nextAt: null,
      lastError: HOSTILE,
    },
  ],
  schedules: [
    {
      name: HOSTILE,
      job: HOSTILE,
      cron: HOSTILE,
      timeZone: HOSTILE,
      nextTick: AT,
      lastRun: null,
      error,
    },
  ],
  runsByStatus: { [HOSTILE]: 1 },
  activeContinuations: 0,
  averageResumptions: 1,
  longestRunning: { job: HOSTILE, run: HOSTILE, ms: 1 },
  itemsPerSecond: 1,
  checkpointHealth: { judged: 1, healthy: 1, allowedMs: 1, stale: [] },
  commitMs: quantiles,
  queueLagMs: quantiles,
  retries: 0,
  needsAttention: [{ run: HOSTILE, job: HOSTILE, status: HOSTILE, problem: HOSTILE }],
  orders: counts,
  failures: { cancelled: HOSTILE, non_positive_total: HOSTILE },
  customers: HOSTILE,
}

/** Of one job. */
const JOB = {
  ...ANSWER,
  name: HOSTILE,
  description: HOSTILE,
  params: { properties: { [HOSTILE]: {} } },
  successRate: 0.5,
  usualMs: 1,
  slowAfterMs: 1,
  codeVersions: [{ version: HOSTILE, runs: 1 }],
  schedules: [{ name: HOSTILE, cron: HOSTILE }],
  errors: [{ template: HOSTILE, failed: 1 }],
  runs: [
    {
      id: HOSTILE,
      status: HOSTILE,
      createdAt: AT,
      tookMs: 1,
      skipped: 1,
      codeVersion: HOSTILE,
      slow: true,
    },
  ],
}
/** Of skipped items by their errors. */
const SKIP_GROUPS = {
  groups: [{ id: HOSTILE, error, skips: 1, firstAt: AT, lastAt: AT }],
  others: 1,
  skipped: 2,
  toRedrive: 2,
}

/** What asks no Worker, or one that it starts itself. */
const OF_THIS_MACHINE = ['init', 'new', 'doctor', 'migrate', 'completion', 'complete', 'demo']
/** Runs both styles some times over; what it shows of them is the `run` verb's. */
const OF_MANY_RUNS = ['compare']

const MORE: Record<string, string[]> = {
  fork: ['--seq', '1'],
  restart: ['--step', 'a'],
  steer: ['--job', 'a', '--no-wait'],
  import: ['--no-wait'],
}
const FIRST: Record<string, string> = {
  job: 'a-job',
  run: ID,
  what: 'pause',
}

let server: Server
let url: string

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url?.includes('/events')) {
      response.setHeader('content-type', 'text/event-stream')
      const event = { type: 'run.errored', at: AT, run: ID, job: HOSTILE, fence: 1, error }
      response.write(`id: 1\nevent: engine\ndata: ${JSON.stringify(event)}\n\n`)
      response.write(`event: run\ndata: ${JSON.stringify(run)}\n\n`)
    } else {
      response.end(JSON.stringify(answerTo(request.url ?? '')))
    }
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = undefined
})

function answerTo(path: string): object {
  if (path.includes('/skips/groups')) return SKIP_GROUPS
  return path.endsWith('/jobs/a-job') ? JOB : ANSWER
}

/** All that the command writes. */
async function written(...words: string[]): Promise<string> {
  let text = ''
  const write = (line: unknown) => void (text += `${String(line)}\n`)
  vi.spyOn(console, 'log').mockImplementation(write)
  vi.spyOn(console, 'error').mockImplementation(write)
  await createShopProgram().parseAsync(['node', 'dogear', '--url', url, ...words])
  return text
}

/** Those that list something. */
const TABLES = [
  'runs',
  'jobs',
  'slices',
  'skips',
  'ledger',
  'alerts',
  'webhooks',
  'schedules',
  'errors',
]

/** With a word they show or steer one. */
const LISTING = ['schedules', 'errors', 'jobs']

/** A verb with as many words as it wants. */
function wordsOf(name: string): string[] {
  const verb = createShopProgram().commands.find((one) => one.name() === name)
  // Without a word it lists them.
  const first = LISTING.includes(name)
    ? undefined
    : FIRST[verb?.registeredArguments[0]?.name() ?? '']
  return [name, ...(first === undefined ? [] : [first]), ...(MORE[name] ?? [])]
}

const verbs = createShopProgram()
  .commands.filter(({ registeredArguments: [first] }) => first?.name() !== 'file')
  .map((verb) => verb.name())
  .filter((name) => ![...OF_THIS_MACHINE, ...OF_MANY_RUNS].includes(name))

describe('F13 an answer full of what steers terminals', () => {
  it.each(verbs)('does nothing by `%s`, as a text, wide, and as JSON', async (name) => {
    const words = wordsOf(name)
    for (const form of [[], ['-o', 'wide'], ['--json']]) {
      const text = await written(...words, ...form)
      expect(text.length, form.join(' ')).toBeGreaterThan(10)
      expect(text).not.toMatch(ACTING)
      expect(text).not.toMatch(/^Run: {2}y/m)
    }
  })

  it.each([
    ['jobs', 'a-job'],
    ['skips', ID, '--groups'],
  ])('does nothing by `%s %s`, either', async (...words) => {
    for (const form of [[], ['-o', 'wide'], ['--json']]) {
      const text = await written(...words, ...form)
      expect(text).toContain('all is well')
      expect(text).not.toMatch(ACTING)
      expect(text).not.toMatch(/^Run: {2}y/m)
    }
  })

  it.each(TABLES)('stays on one line of 80 columns in the table of `%s`', async (name) => {
    vi.stubEnv('COLUMNS', undefined)
    const lines = (await written(...wordsOf(name))).trimEnd().split('\n')
    const rows = lines.filter((line) => !line.startsWith('❌'))
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.filter((line) => widthOf(line) > 80)).toEqual([])
  })

  it('reaches the terminal through one door', () => {
    const folders = ['../../src/cli', '../../src/shop/cli'].map((path) =>
      join(import.meta.dirname, path),
    )
    const sources = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(folder, file)),
    )
    const writing = sources
      .filter((file) =>
        /\bconsole\.\w+\(|\bstd(?:out|err)\.write\(|\bstream\.write\(/.test(
          readFileSync(file, 'utf8'),
        ),
      )
      .map((file) => file.replace(/.*\/src\//, ''))
    expect(writing.toSorted()).toEqual(DOORS)
  })
})

/** Who writes: the output; the bars, made of inert text; scripts for a shell; a job that is written to a file; wrangler's lines, looked at; what clears the screen, and nothing else. */
const DOORS = [
  'cli/completion/complete.ts',
  'cli/local/dev-session.ts',
  'cli/output.ts',
  'cli/project/files.ts',
  'cli/text/display.ts',
  'cli/watch.ts',
]
