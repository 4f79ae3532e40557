import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, type RunInfo } from '../../../src/engine/index.ts'
import { logEvent } from '../../../src/engine/events.ts'
import { isCommit, killBefore, type SliceCall } from '../../../src/testing/index.ts'
import { call } from '../../support/api.ts'
import { bench, createTables, object } from '../../support/drive.ts'
import { EventStream, type SentEvent } from '../../support/event-stream.ts'

beforeAll(createTables)
afterEach(() => vi.restoreAllMocks())

const inSteps = defineJob({
  name: 'logs-in-steps',
  async perform({ step, run }) {
    run.log('it begins')
    await step('one', () => run.log.warn('odd', { count: 2 }))
  },
})

const overItems = defineIteration({
  name: 'logs-over-items',
  params: z.object({ items: z.number(), key: z.string().optional() }),
  sensitive: ['key'],
  commit: { everyItems: 1 },
  buildEnumerator: ({ params, cursor, enumerators }) => enumerators.times(params.items, { cursor }),
  eachIteration(index, { run, params }) {
    run.log(`item ${index}`, { index, ...(params.key !== undefined && { key: params.key }) })
  },
})

/** A job of one line, which is whatever it is given. */
const writing = (name: string, write: (run: RunInfo) => void) =>
  defineJob({ name, perform: ({ step, run }) => step('write', () => write(run)) })

describe("The lines that a run's own code writes", () => {
  it('are kept with the run, in order, with what they tell', async () => {
    const run = await bench.runInline(inSteps)
    expect(await bench.logs(run)).toEqual([
      { id: 1, at: expect.any(String), fence: 1, level: 'info', message: 'it begins' },
      {
        id: 2,
        at: expect.any(String),
        fence: 1,
        level: 'warn',
        message: 'odd',
        fields: { count: 2 },
      },
    ])
  })

  it('are listed by the API, page by page and by how much they matter', async () => {
    const { id } = await bench.runInline(overItems, { items: 5 })
    const first = await call('GET', `/api/runs/${id}/logs?limit=2`)
    expect(first.json).toMatchObject({
      lines: [{ message: 'item 4' }, { message: 'item 3' }],
      total: 5,
      leftOut: null,
      nextCursor: '4',
    })
    const next = await call('GET', `/api/runs/${id}/logs?limit=9&cursor=4`)
    expect(next.json).toMatchObject({ lines: [{ id: 3 }, { id: 2 }, { id: 1 }], nextCursor: null })
    const after = await call('GET', `/api/runs/${id}/logs?after=4`)
    expect(after.json).toMatchObject({ lines: [{ id: 5 }] })
    const steps = await bench.runInline(inSteps)
    const warned = await call('GET', `/api/runs/${steps.id}/logs?level=warn`)
    expect(warned.json).toMatchObject({ lines: [{ message: 'odd' }], total: 2 })
    expect(await call('GET', `/api/runs/${id}/logs?level=loud`)).toMatchObject({
      status: 400,
      json: { code: 'invalid_query' },
    })
  })

  it('show no sensitive param, in words or in fields', async () => {
    const key = 'k-49d1c7a0'
    const job = defineIteration({
      name: 'logs-secrets',
      params: z.object({ key: z.string() }),
      sensitive: ['key'],
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(1, { cursor }),
      eachIteration: (_index, { run, params }) =>
        run.log(`sent ${params.key}`, { key: params.key }),
    })
    const run = await bench.runInline(job, { key })
    const [line] = await bench.logs(run)
    expect(line).toMatchObject({ message: 'sent [sensitive]', fields: { key: '[sensitive]' } })
  })

  it('are told again by what is done again, and say which slice wrote them', async () => {
    const run = await bench.start(overItems, { items: 3 })
    const atCommit = ({ d1 }: SliceCall) => d1 !== undefined && isCommit(d1)
    await killBefore(run.id, atCommit, { nth: 2 }, bench)
    await bench.drive(run)
    const lines = (await bench.logs(run)).map(({ message, fence }) => `${message} by ${fence}`)
    expect(lines).toEqual(expect.arrayContaining(['item 1 by 2', 'item 2 by 2']))
    expect(lines.filter((line) => line.endsWith('by 2')).length).toBeGreaterThan(1)
  })

  it('are kept once when they were told twice, and count those that were lost on the way', async () => {
    const { id } = await bench.start(overItems, { items: 1 })
    const claim = await object(id).claim(0, 1)
    if (!claim.ok) throw new Error(claim.code)
    const line = {
      type: 'run.logged' as const,
      level: 'info' as const,
      message: 'x',
      at: new Date().toISOString(),
      run: id,
      job: 'j',
      fence: claim.fence,
    }
    const report = {
      fence: claim.fence,
      seq: 1,
      checkpoint: '{"completed":[]}',
      commits: 0,
      done: 0,
    }
    const tell = (first: number, count: number) =>
      object(id).report(report as never, {
        first: 0,
        events: [],
        lines: { first, events: Array.from({ length: count }, () => line) },
      })
    await tell(0, 2)
    await tell(0, 3)
    expect(await bench.objects(id).logs({ limit: 9 })).toMatchObject({ total: 3, leftOut: null })
    await tell(10, 1)
    expect(await bench.objects(id).logs({ limit: 9 })).toMatchObject({
      lines: [{ id: 11 }, { id: 3 }, { id: 2 }, { id: 1 }],
      total: 11,
      leftOut: { count: 7 },
    })
  })

  it('go to the log of the Worker, by their level and with the id of the run', async () => {
    const said = {
      info: vi.spyOn(console, 'log').mockImplementation(() => undefined),
      warn: vi.spyOn(console, 'warn').mockImplementation(() => undefined),
    }
    const run = await bench.start(inSteps)
    await bench.drive(run, { deps: { onEvent: logEvent } })
    const lines = (kind: keyof typeof said) =>
      said[kind].mock.calls.map(([text]) => JSON.parse(String(text)) as Record<string, unknown>)
    expect(lines('info')).toContainEqual(
      expect.objectContaining({ type: 'run.logged', run: run.id, message: 'it begins' }),
    )
    expect(lines('warn')).toContainEqual(
      expect.objectContaining({ type: 'run.logged', run: run.id, fields: { count: 2 } }),
    )
  })

  it('are told live to who asks for them, and to nobody else', async () => {
    const run = await bench.start(overItems, { items: 3 })
    const [asking, other] = await Promise.all([
      EventStream.open(run.id, {}, '?logs=1'),
      EventStream.open(run.id),
    ])
    await bench.drive(run)
    const isLast = ({ event, data }: SentEvent) => event === 'run' && data['status'] === 'completed'
    const heard = await asking.until(isLast)
    const without = await other.until(isLast)
    await Promise.all([asking.close(), other.close()])
    const told = heard.filter(({ event }) => event === 'line').map(({ data }) => data['message'])
    expect(told).toEqual(['item 0', 'item 1', 'item 2'])
    expect(without.map(({ event }) => event)).not.toContain('line')
    const again = await EventStream.open(run.id, {}, '?logs=2')
    const missed = await again.until(isLast)
    await again.close()
    expect(missed.filter(({ event }) => event === 'line')).toMatchObject([{ data: { id: 3 } }])
  })
})

describe('A line of a log', () => {
  const circle: Record<string, unknown> = {}
  circle['itself'] = circle

  it.each<[string, unknown, unknown]>([
    ['a bigint', { id: 12n }, { id: '12' }],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a circle', circle, { unreadable: expect.stringContaining('circular') }],
    ['a function', () => 1, { unreadable: expect.any(String) }],
    ['too much', { text: 'x'.repeat(9_000) }, { cut: expect.stringMatching(/^.{4000}…$/) }],
    [
      'an error',
      { error: new TypeError('gone') },
      { error: expect.objectContaining({ message: 'gone' }) },
    ],
  ])('may be given %s, and its run goes on', async (what, fields, kept) => {
    const job = writing(`logs-${what.replaceAll(' ', '-')}`, (run) => run.log('x', fields as never))
    const run = await bench.runInline(job)
    expect(run.status).toBe('completed')
    expect(await bench.logs(run)).toMatchObject([{ message: 'x', fields: kept }])
  })

  it('is cut when it is too long, and is a text whatever it is', async () => {
    const job = writing('logs-texts', (run) => {
      run.log('é'.repeat(3_000))
      run.log(undefined as never)
      run.log.error('last')
    })
    const lines = await bench.logs(await bench.runInline(job))
    expect(lines.map(({ message }) => message.length)).toEqual([2_001, 9, 4])
    expect(lines.at(-1)?.level).toBe('error')
  })

  it('costs no request: a thousand of them come with the reports, the newest at least', async () => {
    const quiet = await bench.runInline(writing('logs-nothing', () => undefined))
    const loud = await bench.runInline(
      writing('logs-much', (run) => {
        for (let n = 1; n <= 1_000; n++) run.log(`line ${n}`)
      }),
    )
    expect(loud.cost.durableObjectRequests).toBe(quiet.cost.durableObjectRequests)
    const { lines, total, leftOut } = await bench.objects(loud.id).logs({ limit: 1_000 })
    expect(total).toBe(1_000)
    expect(lines[0]?.message).toBe('line 1000')
    expect(lines.length + (leftOut?.count ?? 0)).toBe(1_000)
  })
})
