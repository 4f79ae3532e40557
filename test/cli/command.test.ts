import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

/** The command as people and scripts call it: a process, against a server that answers as told. */
const MAIN = join(import.meta.dirname, '../../src/shop/cli/main.ts')
const AT = '2026-02-02T10:23:45.678Z'
const RUN = {
  id: 'r1',
  job: 'process-orders',
  style: 'continuable',
  status: 'completed',
  step: null,
  cursor: null,
  completedSteps: [],
  progress: { done: 5, total: 5, skipped: 0 },
  params: {},
  attempts: 0,
  interruptions: 0,
  resumptions: 0,
  slices: 1,
  commits: 3,
  cost: {},
  createdAt: '2026-02-02T10:23:40.000Z',
  updatedAt: '2026-02-02T10:23:45.000Z',
  children: [],
}

let server: Server
let url: string
/** What the server answers, by method and path; else a problem document. */
let answers: Record<string, unknown>
/** What its problem documents say instead of that the run is unknown. */
let refusals: Record<string, object>
let asked: { request: string; token: string | undefined; body: string }[]

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()))
    request.on('end', () => {
      const key = `${request.method} ${request.url}`
      asked.push({ request: key, token: request.headers.authorization, body })
      const problem = {
        title: 'Unknown run',
        status: 404,
        detail: 'No such run',
        code: 'unknown_run',
        ...refusals[key],
      }
      response.writeHead(key in answers ? 200 : 404)
      response.end(JSON.stringify(answers[key] ?? problem))
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => void server.close())

beforeEach(() => {
  answers = {}
  refusals = {}
  asked = []
})

function dogear(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, DOGEAR_URL: url, DOGEAR_TOKEN: 'secret', NO_COLOR: '1' }
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

describe('dogear', () => {
  it.each([
    [['--token', 'x'], 'a verb is missing'],
    [['nope'], "unknown command 'nope'; there are: "],
    [['help', 'nope'], "unknown command 'nope'; there are: "],
    [['rm', 'last'], "runs are ended by 'dogear cancel RUN'"],
    [['delete', 'last'], "runs are ended by 'dogear cancel RUN'"],
    [['runs', '--nope'], "unknown option '--nope'"],
    [['runs', '--status', 'nope'], "'nope' is invalid"],
    [['run', 'x', '--interrupt-after', '10'], "'10' is not a duration"],
    [['seed', '--quick', '--orders-per-customer', '5'], 'cannot be used with'],
    [['show'], "missing required argument 'run'"],
    [['jobs', '--url', 'nonsense'], "'nonsense' is not a URL"],
    [['shwo', 'last'], 'Did you mean show?'],
    [['runs', '--limt', '5'], 'Did you mean --limit?'],
    [['compare', '--orders', '5'], '--orders 5 is too few'],
    [['compare', '--url', 'https://shop.example'], 'which is not on this machine; say --yes'],
    [['steer', 'pause'], 'wants to know which runs'],
    [['steer', 'restart', '--job', 'x'], 'Allowed choices are interrupt, pause'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
  ])('exits 2 and asks nobody for %j', async (args, message) => {
    const { code, stdout, stderr } = await dogear(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^dogear: [^\n]+ \(usage\)\n$/)
    expect(asked).toEqual([])
  })

  it('alone shows the help', async () => {
    expect(await dogear()).toEqual({ ...(await dogear('--help')), code: 0 })
    expect((await dogear()).stdout).toMatch(/^Usage: dogear /)
  })

  it('has a version, and says which', async () => {
    const { version } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
    ) as { version: string }
    expect(await dogear('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it.each(['list', 'ls', 'ps'])('knows `%s` as `runs`', async (verb) => {
    answers['GET /api/runs?limit=20'] = { runs: [], nextCursor: null }
    expect(await dogear(verb)).toMatchObject({ code: 0, stdout: 'No runs.\n' })
  })

  it('knows `stop` as `cancel`', async () => {
    answers['POST /api/runs/r1/cancel'] = { ...RUN, status: 'cancelled' }
    expect((await dogear('stop', 'r1')).stdout).toBe('Run r1 is cancelled.\n')
  })

  it('exits 1 with one line when the server refuses', async () => {
    expect(await dogear('show', 'r9')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'dogear: No such run (unknown_run)\n',
    })
  })

  it('prints the problem document when JSON is wanted', async () => {
    const { code, stdout } = await dogear('show', 'r9', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ status: 404, code: 'unknown_run' })
    expect((await dogear('show', 'r9', '-o', 'json')).stdout).toBe(stdout)
  })

  it('says how to start the Worker when nobody answers', async () => {
    const { code, stderr } = await dogear('jobs', '--url', 'http://127.0.0.1:9')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^dogear: No answer from http:\/\/127\.0\.0\.1:9; .*npx wrangler dev.* \(unreachable\)\n$/,
    )
  })

  it('says which job or param may have been meant', async () => {
    const properties = { upTo: { type: 'integer' } }
    answers['GET /api/jobs'] = {
      jobs: [{ name: 'process-orders', style: 'continuable', params: { properties } }],
    }
    refusals['POST /api/jobs/proces-orders/runs'] = { code: 'unknown_job', detail: 'No such job' }
    expect((await dogear('run', 'proces-orders')).stderr).toBe(
      'dogear: No such job (Did you mean process-orders?) (unknown_job)\n',
    )
    refusals['POST /api/jobs/process-orders/runs'] = { code: 'invalid_params', detail: 'Not so' }
    expect((await dogear('run', 'process-orders', '--param', 'upto=5')).stderr).toBe(
      'dogear: Not so (Did you mean upTo?) (invalid_params)\n',
    )
  })

  it('kills the slice of a run', async () => {
    answers['POST /api/runs/r1/kill'] = { ...RUN, id: 'r1', status: 'running' }
    const { code, stdout } = await dogear('kill', 'r1')
    expect([code, stdout]).toEqual([
      0,
      'The slice of run r1 dies; the run comes back once its lease has run out.\n',
    ])
  })

  it('lists what a run has skipped, and has it done again', async () => {
    const error = { name: 'Error', code: 'bad_row', message: 'No such price' }
    const skip = { step: 'items', cursor: 7, error, attempts: 2, skippedAt: RUN.createdAt }
    answers['GET /api/runs/r1/skips?limit=100'] = { skips: [skip], nextCursor: '3-0' }
    expect((await dogear('skips', 'r1', '-o', 'wide')).stdout).toBe(
      [
        'STEP   CURSOR  ATTEMPTS  SKIPPED                  ERROR',
        'items  7       2         2026-02-02 10:23:40 UTC  No such price (bad_row)',
        'More: --cursor 3-0\n',
      ].join('\n'),
    )
    answers['POST /api/runs/r1/redrive'] = { ...RUN, id: 'r2', status: 'queued' }
    answers['GET /api/runs/r2'] = { ...RUN, id: 'r2' }
    const { code, stdout } = await dogear('redrive', 'r1', '--wait', '--json')
    expect({ code, run: JSON.parse(stdout) }).toMatchObject({ code: 0, run: { id: 'r2' } })
  })

  it('lists the commits of a run, and begins new runs in them', async () => {
    const at = RUN.createdAt
    const commit = { seq: 4, step: 'items', fromCursor: 3, toCursor: { id: 7 }, items: 2, fence: 1 }
    answers['GET /api/runs/r1/ledger?limit=100'] = {
      commits: [
        { ...commit, at, codeVersion: 'v2', forkable: true },
        { ...commit, seq: 3, fromCursor: null, at, codeVersion: 'v1', forkable: false },
      ],
      nextCursor: '3',
    }
    expect((await dogear('ledger', 'r1', '-o', 'wide')).stdout).toBe(
      [
        'SEQ  STEP   FROM  TO        ITEMS  COMMITTED                FORKABLE  CODE',
        '4    items  3     {"id":7}  2      2026-02-02 10:23:40 UTC  yes       v2',
        '3    items        {"id":7}  2      2026-02-02 10:23:40 UTC  no        v1',
        'More: --cursor 3\n',
      ].join('\n'),
    )
    answers['POST /api/runs/r1/fork'] = { ...RUN, id: 'r2', forkOf: { run: 'r1', seq: 4 } }
    const forked = await dogear('fork', 'r1', '--seq', '4', '--param', 'upTo=5', '--hold')
    expect(forked.stdout).toMatch(/^Fork of: +r1, after its commit 4$/m)
    answers['POST /api/runs/r1/restart'] = { ...RUN, id: 'r3' }
    answers['GET /api/runs/r3'] = { ...RUN, id: 'r3' }
    const restarted = await dogear('restart', 'r1', '--step', 'items', '--wait', '--json')
    expect(JSON.parse(restarted.stdout)).toMatchObject({ id: 'r3' })
    expect(asked.filter(({ body }) => body !== '').map(({ body }) => JSON.parse(body))).toEqual([
      { seq: 4, params: { upTo: 5 }, hold: true },
      { step: 'items' },
    ])
    expect(await dogear('fork', 'r1', '--seq', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'x' is not a commit's seq"),
    })
    expect((await dogear('restart', 'r1')).code).toBe(2)
  })

  it('shows the slices of a run', async () => {
    const slice = {
      n: 1,
      fence: 2,
      startedAt: RUN.createdAt,
      endedAt: RUN.updatedAt,
      outcome: 'more',
      reason: 'budget',
      items: 300,
      commits: 4,
      error: null,
    }
    answers['GET /api/runs/r1/slices?limit=1'] = { slices: [slice], total: 3_001, nextCursor: '2' }
    const { stdout } = await dogear('slices', 'r1', '--limit', '1')
    expect(stdout).toContain(
      '1      2      2026-02-02 10:23:40 UTC  5.0 s  300    4        more (budget)\n',
    )
    expect(stdout).toContain('1 of 3,001 slices:\n')
    expect(stdout).toContain('More: --cursor 2')
  })

  it('shows the events of a run, and what is no longer kept of them', async () => {
    const event = { type: 'slice.vanished', at: AT, run: 'r1', job: 'a', fence: 9 }
    const leftOut = { alike: 'slice.vanished', count: 4_000, from: AT, to: AT }
    answers['GET /api/runs/r1/history?only=errors&limit=100'] = {
      events: [{ id: 7_000, event }],
      total: 4_001,
      leftOut: [leftOut],
      nextCursor: null,
    }
    answers['GET /api/runs/r1'] = { ...RUN, id: 'r1' }
    const { stdout } = await dogear('events', 'r1', '--only', 'errors', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ run: 'r1', total: 4_001, leftOut: [leftOut] })
  })

  it('shows what the job of a run has written, the oldest first', async () => {
    const line = { at: AT, fence: 1, level: 'warn', message: 'no price', fields: { order: 7 } }
    answers['GET /api/runs/r1/logs?limit=100&level=warn'] = {
      lines: [
        { ...line, id: 5_002, message: 'later' },
        { ...line, id: 5_001 },
      ],
      total: 5_002,
      leftOut: { alike: 'run.logged', count: 5_000, from: AT, to: AT },
      nextCursor: null,
    }
    const { stdout } = await dogear('logs', 'r1', '--level', 'warn')
    expect(stdout).toBe(
      '2 of 5,002 lines; 5,000 of 2026-02-02 10:23:45 UTC to 2026-02-02 10:23:45 UTC are not kept\n' +
        '2026-02-02 10:23:45.678  warn   no price {"order":7}\n' +
        '2026-02-02 10:23:45.678  warn   later {"order":7}\n',
    )
  })

  it('sends the token, and does not print it in the help', async () => {
    answers['GET /api/jobs'] = { jobs: [{ name: 'a', style: 'iteration', unit: 'item' }] }
    const { stdout } = await dogear('jobs')
    expect(stdout).toContain('a    iteration  item')
    expect(asked).toMatchObject([{ token: 'Bearer secret' }])
    expect((await dogear('--help')).stdout).not.toContain('secret')
  })

  it('starts a run as the options say', async () => {
    answers['POST /api/jobs/process-orders/runs'] = RUN
    await dogear('run', 'process-orders', '--param', 'upTo=5', '--hold', '--interrupt-after', '10s')
    expect(asked.map(({ body }) => JSON.parse(body))).toEqual([
      { params: { upTo: 5 }, hold: true, interrupt: { afterMs: 10_000 } },
    ])
  })

  it('labels a run, lists by label, and steers all that fit', async () => {
    answers['POST /api/jobs/process-orders/runs'] = RUN
    await dogear('run', 'process-orders', '--label', 'team:a', '--label', 'campaign:spring')
    answers['GET /api/runs?limit=20&label=team%3Aa'] = { runs: [RUN], nextCursor: null }
    expect((await dogear('runs', '--label', 'team:a')).stdout).toContain('r1   process-orders')
    answers['POST /api/runs/bulk'] = { ...RUN, job: 'steer-runs', status: 'queued' }
    answers['GET /api/runs/r1'] = { ...RUN, job: 'steer-runs' }
    const steered = await dogear('steer', 'pause', '--label', 'team:a', '--since', '2026-02-02')
    expect(steered).toMatchObject({ code: 0, stdout: expect.stringMatching(/Job: +steer-runs/) })
    expect(asked.filter(({ body }) => body !== '').map(({ body }) => JSON.parse(body))).toEqual([
      { labels: { team: 'a', campaign: 'spring' } },
      { command: 'pause', filter: { label: 'team:a', since: '2026-02-02T00:00:00.000Z' } },
    ])
  })

  it('stops a run at a place of two levels', async () => {
    answers['POST /api/jobs/generate-reports/runs'] = RUN
    await dogear('run', 'generate-reports', '--interrupt-at', 'customer:42/order:18')
    expect(asked.map(({ body }) => JSON.parse(body))).toEqual([
      { interrupt: { at: 'customer:42/order:18' } },
    ])
  })

  it('waits for a run and exits 1 when it fails, with the run as the one document', async () => {
    answers['POST /api/jobs/process-orders/runs'] = { ...RUN, status: 'queued' }
    answers['GET /api/runs/r1'] = { ...RUN, status: 'failed' }
    const { code, stdout, stderr } = await dogear('run', 'process-orders', '--wait', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ id: 'r1', status: 'failed' })
    expect(stderr).toBe('dogear: run r1 has failed (run_failed)\n')
  })

  it('takes the newest run for `last`', async () => {
    answers['GET /api/runs?limit=1'] = { runs: [RUN], nextCursor: null }
    answers['POST /api/runs/r1/pause'] = { ...RUN, status: 'paused' }
    expect((await dogear('pause', 'last')).stdout).toBe('Run r1 is paused.\n')
    answers['GET /api/runs?limit=1'] = { runs: [], nextCursor: null }
    expect((await dogear('pause', 'last')).stderr).toBe(
      'dogear: there are no runs yet (unknown_run)\n',
    )
  })

  it('exits 1 when a run does not verify', async () => {
    const check = { name: 'No duplicates', ok: false, expected: 0, actual: 1 }
    answers['GET /api/runs/r1/verification'] = { ok: false, run: 'r1', checks: [check] }
    expect(await dogear('verify', 'r1')).toMatchObject({
      code: 1,
      stdout: '❌ No duplicates: expected 0, found 1\n',
    })
  })

  it('monitors a run to its end, in plain lines without a terminal', async () => {
    answers['GET /api/runs/r1'] = RUN
    expect(await dogear('monitor', 'r1')).toMatchObject({
      code: 0,
      stdout: 'Process Orders [██████████] 5/5 completed · 1 slice, 0 interruptions\n',
    })
  })
})

describe('Ctrl-C while a run is waited for', () => {
  it('says that the run goes on, and how to see and to cancel it', async () => {
    const id = 'b7e1f00d'.repeat(4)
    answers['POST /api/jobs/process-orders/runs'] = { ...RUN, id, status: 'queued' }
    answers[`GET /api/runs/${id}`] = { ...RUN, id, status: 'running' }
    const env = { ...process.env, DOGEAR_URL: url, NO_COLOR: '1' }
    const child = spawn(process.execPath, [MAIN, 'run', 'process-orders', '--wait'], { env })
    let [stdout, stderr] = ['', '']
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
    const closed = once(child, 'close')
    for await (const text of child.stdout.setEncoding('utf8')) {
      stdout += String(text)
      // The bar comes when somebody follows the run.
      if (stdout.includes('running') || stdout.includes('5/5')) child.kill('SIGINT')
    }
    const [code] = (await closed) as [number | null]
    expect(stdout).toContain(`Run ${id} of process-orders has started.\n`)
    expect([code, stderr]).toEqual([
      130,
      `Run ${id} goes on. See it with 'dogear monitor b7e1f00d', end it with 'dogear cancel b7e1f00d'.\n`,
    ])
  })
})

describe('output that nobody reads any more', () => {
  it('ends the command quietly, as `| head` wants it', async () => {
    const child = spawn(process.execPath, [MAIN, '--help'])
    child.stdout.destroy()
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
    const [code] = (await once(child, 'close')) as [number | null]
    expect([code, stderr]).toEqual([0, ''])
  })
})
