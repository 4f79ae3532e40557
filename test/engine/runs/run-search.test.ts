import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunsQuery } from '../../../src/client/index.ts'
import { defineJob, type RunView } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { clientOf } from '../../support/client.ts'
import { createTables, drain, start } from '../../support/drive.ts'
import { appendIteration, appendSteps } from '../../support/jobs.ts'

const client = clientOf()
const labels = { test: 'search' }

/** Fails with that error. */
async function failed(error: Error, of = 'append-steps'): Promise<string> {
  const job = of === 'append-steps' ? appendSteps : appendIteration
  const broken = defineJob({
    name: of,
    retry: { attempts: 1 },
    perform: async () => {
      throw error
    },
  })
  const run = await start(job, { params: { items: 1 }, labels })
  expect((await drain(run, { jobs: new Registry([broken]) })).status).toBe('failed')
  return run
}

let coded: string
let named: string
let other: string
let completed: RunView

beforeAll(async () => {
  await createTables()
  coded = await failed(Object.assign(new Error('full'), { code: 'disk_full' }))
  named = await failed(new TypeError('not a function'))
  other = await failed(Object.assign(new Error('full'), { code: 'disk_full' }), 'append-iteration')
  completed = await drain(
    await start(appendSteps, { params: { items: 1 }, labels: { ...labels, team: 'beef' } }),
  )
})

/** Of the runs above, those that the list gives. */
async function found(query: RunsQuery): Promise<string[]> {
  const { runs } = await client.runs({ label: 'test:search', ...query })
  return runs.map(({ id }) => id)
}

describe('a list of runs', () => {
  it('has those that failed with an error: of that code, or of that name where it has no code', async () => {
    expect(await found({ error: 'disk_full' })).toEqual([other, coded])
    expect(await found({ error: 'TypeError' })).toEqual([named])
    expect(await found({ error: 'Error' })).toEqual([])
    expect(await found({ error: 'disk_full', job: 'append-steps' })).toEqual([coded])
    expect(await found({ error: 'disk_full', status: 'completed' })).toEqual([])
  })

  it('begins with the newest or the oldest, and goes on by page in that order', async () => {
    const newest = [completed.id, other, named, coded]
    expect(await found({ sort: 'newest' })).toEqual(newest)
    for (const sort of ['newest', 'oldest'] as const) {
      const read: string[] = []
      for await (const { id } of client.eachRun({ label: 'test:search', sort, limit: 1 })) {
        read.push(id)
      }
      expect(read).toEqual(sort === 'newest' ? newest : newest.toReversed())
    }
  })

  it.each([
    ["the beginning of a run's id", () => completed.id.slice(0, 6)],
    ["a run's whole id, in whatever case", () => completed.id.toUpperCase()],
    ['a label', () => 'team:beef'],
  ])('finds a run by %s', async (_what, text) => {
    expect(await found({ q: text() })).toEqual([completed.id])
    expect((await client.runs({ q: ` ${text()} ` })).runs.map(({ id }) => id)).toEqual([
      completed.id,
    ])
  })

  it('finds runs by a job, or by the code or name of an error', async () => {
    expect(await found({ q: 'append-iteration' })).toEqual([other])
    expect(await found({ q: 'disk_full' })).toEqual([other, coded])
    expect(await found({ q: 'TypeError', sort: 'oldest', status: 'failed' })).toEqual([named])
    expect(await found({ q: 'disk_full', job: 'append-steps' })).toEqual([coded])
  })

  it('has all of them when nothing was typed', async () => {
    expect(await found({ q: '  ' })).toHaveLength(4)
  })

  it.each([
    'nobody',
    'abc',
    'ffffffffffffffffffffffffffffffffff',
    'team:pork',
    '%',
    "' OR 1=1 --",
    '☃',
    'a\0b',
  ])('is empty for %j', async (q) => {
    expect(await client.runs({ q })).toEqual({ runs: [], nextCursor: null })
  })

  it('is empty where a filter and what was typed exclude each other', async () => {
    expect(await found({ q: 'append-iteration', job: 'append-steps' })).toEqual([])
    expect(await found({ q: 'disk_full', error: 'TypeError' })).toEqual([])
    expect(await found({ q: completed.id, label: 'test:other' })).toEqual([])
  })

  it.each(['sort=random', 'error=', `q=${'x'.repeat(201)}`])('is refused for %s', async (query) => {
    const [name = '', value = ''] = query.split('=')
    await expect(client.runs({ [name]: value })).rejects.toMatchObject({ code: 'invalid_query' })
  })
})

describe('a command to all runs of an error', () => {
  it('takes up again what failed with it, and nothing else', async () => {
    const bulk = await client.bulk('retry', { error: 'disk_full', label: 'test:search' })
    expect((await drain(bulk.id)).result).toEqual({ obeyed: 2, refused: 0 })
    expect(await found({ status: 'failed' })).toEqual([named])
    expect(await found({ error: 'disk_full' })).toEqual([])
  })

  it('does without a label, and leaves out other commands to many', async () => {
    const { results } = await env.DB.prepare(
      "SELECT id FROM dogear_runs WHERE job = 'steer-runs'",
    ).all()
    expect(results.length).toBeGreaterThan(0)
    const bulk = await client.bulk('retry', { error: 'TypeError' })
    expect((await drain(bulk.id)).result).toEqual({ obeyed: 1, refused: 0 })
  })
})
