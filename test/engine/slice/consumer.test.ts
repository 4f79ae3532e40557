import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { consume, workerDeps } from '../../../src/engine/slice/consumer.ts'
import { defineIteration, defineJob } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import type { EngineEvent } from '../../../src/engine/events.ts'
import { appendIteration, appendRecords, appendSteps } from '../../support/jobs.ts'
import { appended, createTables, drain, driving, start, upTo, view } from '../../support/drive.ts'

beforeAll(async () => {
  await createTables()
  await env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO numbers SELECT i FROM n`,
  ).run()
})

const exploding = defineJob({
  name: 'exploding',
  retry: { attempts: 1 },
  async perform({ step }) {
    await step('boom', () => {
      throw new Error('boom')
    })
  },
})

const jobs = new Registry([appendSteps, appendIteration, appendRecords, exploding])
const deps = { ...workerDeps(env, jobs) }

async function messages(runs: string[]) {
  return Promise.all(
    runs.map(async (run) => ({
      body: { run, lane: 0, n: (await driving(run)).n },
      ack: () => undefined,
    })),
  )
}

describe('a listener of slices', () => {
  it('is made for each slice, hears its events, and is done after the acknowledgement', async () => {
    const runs = [
      await start(appendSteps, { params: { items: 2 } }),
      await start(appendSteps, { params: { items: 3 } }),
    ]
    const heard: string[][] = []
    const listener = () => {
      const own: string[] = []
      heard.push(own)
      return {
        take: ({ type, run }: EngineEvent) => void own.push(`${type} ${runs.indexOf(run)}`),
        done: async (db: D1Database) =>
          void own.push(`${await db.prepare('SELECT 7').first<number>('7')}`),
      }
    }
    const delivery = (await messages(runs)).map((message, index) => ({
      ...message,
      ack: () => void heard[index]?.push('ack'),
    }))
    const also = vi.fn()
    await consume(delivery, { ...deps, listener, onEvent: also })
    expect(heard.map((own) => [own[0], ...own.slice(-3)])).toEqual([
      ['slice.started 0', 'slice.released 0', 'ack', '7'],
      ['slice.started 1', 'slice.released 1', 'ack', '7'],
    ])
    expect(also.mock.calls.length).toBe(heard.flat().length - 4)
  })

  it('that fails changes nothing for the run, and is noted', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const run = await start(appendSteps, { params: { items: 3 } })
    const failing = () => {
      throw new Error('out of order')
    }
    const onEvent = vi.fn()
    const listener = () => ({ take: failing, done: async () => failing() })
    await consume(await messages([run]), { ...deps, listener, onEvent })
    expect(await view(run)).toMatchObject({ status: 'completed' })
    expect(onEvent).toHaveBeenCalled()
    const lines = said.mock.calls.map(([line]) => JSON.parse(String(line)) as { type: string })
    said.mockRestore()
    expect(lines.at(-1)).toEqual({
      event: 'listener.failed',
      type: 'done',
      error: 'Error: out of order',
    })
    expect(lines.map(({ type }) => type)).toContain('commit.written')
  })
})

describe('I10 a delivery of several messages', () => {
  it('works them at once, and a run that fails hurts no other', async () => {
    const good = [
      await start(appendSteps, { params: { items: 5 } }),
      await start(appendIteration, { params: { items: 5 } }),
    ]
    const bad = await start(exploding)
    await consume(await messages([good[0] ?? '', bad, good[1] ?? '']), deps)
    expect(await view(bad)).toMatchObject({ status: 'failed', error: { message: 'boom' } })
    for (const run of good) expect(await view(run)).toMatchObject({ status: 'completed' })
    expect(await appended(good[0] ?? '')).toEqual(upTo(5))
  })

  it('shares the statements of the invocation among them, and every run still gets further', async () => {
    const runs = await Promise.all(
      [1, 2, 3].map(() => start(appendRecords, { commit: { everyItems: 1 } })),
    )
    await consume(await messages(runs), deps)
    const shown = await Promise.all(runs.map(view))
    const statements = shown.reduce((sum, { cost }) => sum + cost.d1Statements, 0)
    expect(statements).toBeLessThanOrEqual(1_000)
    for (const { status, reason, progress } of shown) {
      expect({ status, reason }).toEqual({ status: 'interrupted', reason: 'budget' })
      expect(progress.done).toBeGreaterThan(0)
    }
    for (const run of runs) {
      expect(await drain(run, { jobs })).toMatchObject({ status: 'completed' })
      expect(await appended(run)).toEqual(upTo(200))
    }
  })
})

const nothing = (): null => null

describe('a job that is malformed', () => {
  it.each([
    [
      'S01 without buildEnumerator',
      { name: 'x', eachIteration: nothing },
      'it must implement buildEnumerator',
    ],
    [
      'J08 without eachIteration',
      { name: 'x', buildEnumerator: nothing },
      'it must implement eachIteration',
    ],
    [
      'J22 S04 an iteration with perform',
      {
        name: 'x',
        buildEnumerator: nothing,
        eachIteration: nothing,
        perform: nothing,
      },
      'cannot define perform',
    ],
    [
      'with a bad name',
      { name: 'Bad Name', buildEnumerator: nothing, eachIteration: nothing },
      'lower case',
    ],
    [
      'with params that are no schema',
      { name: 'x', params: {}, buildEnumerator: nothing, eachIteration: nothing },
      'Standard Schema',
    ],
  ])('%s is refused where it is defined', (_what, definition, message) => {
    expect(() => defineIteration(definition as never)).toThrow(
      expect.objectContaining({ code: 'invalid_job', message: expect.stringContaining(message) }),
    )
  })

  it('twice under one name is refused, too', () => {
    expect(() => new Registry([appendSteps, appendSteps])).toThrow(
      "Two jobs are named 'append-steps'",
    )
    expect(() => defineJob({ name: 'x' } as never)).toThrow('it must implement perform')
  })
})
