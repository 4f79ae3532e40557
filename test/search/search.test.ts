import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { breakDownRuns, findRuns, type Sought } from '../../src/search/index.ts'
import { createTables, drain, object, start } from '../support/drive.ts'
import { appendIteration, appendSteps } from '../support/jobs.ts'
import { addRuns, clearRuns, idOf } from './support/many-runs.ts'

const params = { items: 1 }

async function found(sought: Sought, limit = 100): Promise<string[]> {
  const { runs } = await findRuns(env.DB, sought, { sort: 'newest', limit })
  return runs.map(({ id }) => id)
}

/** All pages, with the number of runs on each. */
async function pages(sought: Sought, limit: number, sort: 'newest' | 'oldest' = 'newest') {
  const sizes: number[] = []
  const ids: string[] = []
  let after: { createdAt: string; id: string } | undefined
  for (;;) {
    const { runs, next } = await findRuns(env.DB, sought, { sort, limit, ...(after && { after }) })
    sizes.push(runs.length)
    ids.push(...runs.map(({ id }) => id))
    if (next === null) return { sizes, ids }
    after = next
  }
}

describe('A search', () => {
  const runs: Record<string, string> = {}
  beforeAll(async () => {
    await createTables()
    await clearRuns()
    runs['acme'] = await start(appendSteps, {
      params,
      labels: { customer: 'Acme Corp', tier: 'a1' },
    })
    runs['zürich'] = await start(appendSteps, { params, labels: { customer: 'MÜLLER Zürich' } })
    runs['spring'] = await start(appendIteration, { params, labels: { campaign: 'spring-sale' } })
    runs['plain'] = await start(appendIteration, { params })
  })
  const named = (...names: string[]) => names.map((name) => runs[name] as string).toSorted()

  it.each([
    ['a part of a job', 'iterat', ['spring', 'plain']],
    ['a job, in any case', 'APPEND-STEPS', ['acme', 'zürich']],
    ['a part of a word of a label', 'cme', ['acme']],
    ['a label in any case', 'ACME', ['acme']],
    ['name:value', 'customer:acme', ['acme']],
    ['name=value, and its beginning', 'customer=ac', []],
    ['name=value from three characters of the value on', 'customer=acm', ['acme']],
    ['a short value with its name', 'tier:a1', ['acme']],
    ['letters beyond ASCII, small', 'müller', ['zürich']],
    ['letters beyond ASCII, large', 'ZÜRICH', ['zürich']],
    ['the end of a value', 'sale', ['spring']],
    ['several words, which must all fit', 'append acme', ['acme']],
    ['several words in any order', 'corp steps ACME', ['acme']],
    ['words that exclude each other', 'acme spring', []],
    ['two letters that begin a job', 'ap', ['acme', 'zürich', 'spring', 'plain']],
    ['two letters that begin none', 'pp', []],
    ['a wildcard', '%', []],
    ['nothing that is there', 'nightly', []],
  ])('finds by %s', async (_what, q, names) => {
    expect((await found({ q })).toSorted()).toEqual(named(...names))
  })

  it('finds a run by the first six digits of its id, in any case, and not by fewer', async () => {
    const id = runs['plain'] as string
    expect(await found({ q: id.slice(0, 6).toUpperCase() })).toEqual([id])
    expect(await found({ q: id })).toEqual([id])
    expect(await found({ q: id.slice(0, 5) })).toEqual([])
  })

  it('keeps to the filter beside it', async () => {
    expect(await found({ q: 'append', job: 'append-iteration' })).toHaveLength(2)
    expect(await found({ q: 'append', status: 'failed' })).toEqual([])
    const label = { name: 'customer', value: 'Acme Corp' }
    expect(await found({ q: 'append', label })).toEqual([runs['acme']])
    expect(await found({ q: 'sale', label })).toEqual([])
    expect(await found({ q: 'acme', ids: named('acme', 'plain') })).toEqual([runs['acme']])
    expect(await found({ q: 'acme', since: '2100-01-01T00:00:00.000Z' })).toEqual([])
  })

  it('looks no more for a label once its last run is purged', async () => {
    const one = await start(appendSteps, { params, labels: { gone: 'tomorrow' } })
    const other = await start(appendSteps, { params, labels: { gone: 'tomorrow' } })
    const parts = () =>
      env.DB.prepare("SELECT count(*) AS n FROM dogear_label_parts WHERE name = 'gone'").first('n')
    const whole = () =>
      env.DB.prepare("SELECT indexed FROM dogear_label_names WHERE name = 'gone'").first('indexed')
    expect([await parts(), await whole()]).toEqual([6, 1])
    for (const run of [one, other]) await drain(run)
    await object(one).purge(one)
    expect([await parts(), await whole()]).toEqual([6, 1])
    await object(other).purge(other)
    expect([await parts(), await whole()]).toEqual([0, 0])
  })
})

describe('A search for the text of errors', () => {
  const failed: Record<string, string> = {}
  beforeAll(async () => {
    await clearRuns()
    const fails = async (name: string, error: Error) => {
      const run = await start(appendSteps, { params })
      const perform = () => Promise.reject(error)
      const broken = defineJob({ name: 'append-steps', retry: { attempts: 1 }, perform })
      expect((await drain(run, { jobs: new Registry([broken]) })).status).toBe('failed')
      failed[name] = run
    }
    await fails('316', new TypeError('product 316: price is null'))
    await fails('317', new TypeError('product 317: price is null'))
    await fails(
      'full',
      Object.assign(new Error('Disk is FULL at eve@example.com'), { code: 'disk_full' }),
    )
    await start(appendSteps, { params, labels: { product: '4711' } })
  })
  const named = (...names: string[]) => names.map((name) => failed[name] as string).toSorted()

  it.each([
    ['a word of it', 'price', ['316', '317']],
    ['a part of a word, in any case', 'PRIC', ['316', '317']],
    ['several words of it', 'price null product', ['316', '317']],
    ['its code', 'disk_f', ['full']],
    ['a word beside the code', 'disk_full disk', ['full']],
    ['its name', 'typeerr', ['316', '317']],
    ['what differs from run to run', '317', ['317']],
    ['what differs, with a word', 'price 316', ['316']],
    ['an address in it', 'eve@example.com', ['full']],
    ['what is in none', 'price 318', []],
    ['words of two errors', 'price disk_full', []],
  ])('finds by %s', async (_what, q, names) => {
    expect((await found({ q })).toSorted()).toEqual(named(...names))
  })

  it('looks through messages only for what is found nowhere else', async () => {
    const runs = await found({ q: '4711' })
    expect(runs).toHaveLength(1)
    expect(Object.values(failed)).not.toContain(runs[0])
  })

  it('tells the groups that a command would go to', async () => {
    const { errors } = await breakDownRuns(env.DB, { status: 'failed' })
    expect(errors).toMatchObject([
      { error: 'TypeError', message: 'product <n>: price is null', runs: 2 },
      { error: 'disk_full', message: 'Disk is FULL at <email>', runs: 1 },
    ])
    const [{ group } = {}] = errors
    expect(group).toMatch(/^[0-9a-f]{16}$/)
    expect(await found({ q: 'null', ...(group !== undefined && { group }) })).toHaveLength(2)
  })
})

describe('Labels of many values', () => {
  beforeEach(clearRuns)

  it('are found by any part up to the thousandth, and by their beginning from then on', async () => {
    await addRuns({ from: 1, to: 1_200, label: "'order', 'order-' || printf('%05d', n)" })
    const rows = await env.DB.prepare('SELECT count(*) AS n FROM dogear_label_parts').first('n')
    // `order-00001` has nine parts of three characters and more.
    expect(rows).toBe(1_000 * 9 + 200)
    expect(await found({ q: '00999' })).toEqual([idOf(999)])
    expect(await found({ q: '01111' })).toEqual([])
    expect(await found({ q: 'order-01111' })).toEqual([idOf(1_111)])
    expect(await found({ q: 'ORDER=order-01111' })).toEqual([idOf(1_111)])
  })

  it('longer than the index are compared whole', async () => {
    const value = (end: string) => `${'x'.repeat(60)}${end}`
    await addRuns({ from: 1, to: 1, label: `'path', '${value('one')}'` })
    await addRuns({ from: 2, to: 2, label: `'path', '${value('two')}'` })
    expect(await found({ q: value('two') })).toEqual([idOf(2)])
    expect(await found({ q: 'xtwo' })).toEqual([idOf(2)])
    expect((await found({ q: 'xxx' })).toSorted()).toEqual([idOf(1), idOf(2)])
  })
})

describe('A search among many runs', () => {
  beforeAll(async () => {
    await clearRuns()
    // The oldest one alone has another label, and the newest one has failed.
    await addRuns({ from: 1, to: 30_000, label: "'campaign', 'spring'", failed: 'n = 30000' })
    await env.DB.prepare(
      `INSERT INTO dogear_run_labels SELECT 'needle', 'hay', created_at, id FROM dogear_runs WHERE id = ?`,
    )
      .bind(idOf(1))
      .run()
  })

  it('gives each run once, in order, page by page', async () => {
    const { ids, sizes } = await pages({ q: 'spring', since: at(29_990) }, 4)
    expect(ids).toEqual(Array.from({ length: 11 }, (_, i) => idOf(30_000 - i)))
    expect(sizes).toEqual([4, 4, 3])
    const forwards = await pages({ q: 'many spring', until: at(6) }, 2, 'oldest')
    expect(forwards.ids).toEqual([1, 2, 3, 4, 5].map(idOf))
  })

  it('stops looking after a while, and goes on from there', async () => {
    const sought: Sought = { q: 'spring', status: 'failed' }
    expect(await pages(sought, 10)).toEqual({ sizes: [1, 0], ids: [idOf(30_000)] })
    expect(await pages(sought, 10, 'oldest')).toEqual({ sizes: [0, 1], ids: [idOf(30_000)] })
    const label = { name: 'campaign', value: 'spring' }
    expect(await pages({ label, status: 'failed' }, 10)).toMatchObject({ ids: [idOf(30_000)] })
  })

  it('walks along what is rare, whichever word comes first', async () => {
    expect(await pages({ q: 'many hay' }, 10)).toEqual({ sizes: [1], ids: [idOf(1)] })
    expect(await pages({ q: 'hay many' }, 10)).toEqual({ sizes: [1], ids: [idOf(1)] })
  })
})

function at(n: number): string {
  return new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString()
}
