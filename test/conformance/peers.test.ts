import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../src/engine/drive/run-objects.ts'
import { defineIteration, enumerators } from '../../src/engine/index.ts'
import { listRuns, startRun } from '../../src/engine/runs/index.ts'
import type { ListOptions } from '../../src/engine/runs/list.ts'
import { createTables, drain, passTime, start, upTo, view } from '../support/drive.ts'
import { append, appendSteps, appendThenFollow } from '../support/jobs.ts'
import { deliverAndDie, isEnd, nth } from '../support/mortal.ts'
import { plansOf } from '../support/query-plans.ts'
import { runOf } from '../support/run-of.ts'

/** Bugs that other systems have published; see the P rows of `docs/conformance.md`. */
beforeAll(createTables)

describe('a nested walk', () => {
  it('P01 is interrupted after every single item and still comes to its end, each item once', async () => {
    const run = await runOf(
      defineIteration({
        name: 'nested-one-by-one',
        budget: { items: 1 },
        buildEnumerator: ({ cursor }) =>
          enumerators.nested(
            [
              (outer) => enumerators.array([10, 20, 30], outer),
              (middle, ten) => enumerators.array(ten === 20 ? [] : [ten, ten + 2], middle),
              (inner, _ten, even) => enumerators.array([even, even + 1], inner),
            ],
            { cursor },
          ),
        eachIteration: (item, { effects, run: { id } }) => append(effects, id, item),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 8 } })
    expect(await run.appended()).toEqual([10, 11, 12, 13, 30, 31, 32, 33])
  })
})

describe('a plan of batches', () => {
  const inBatchesOf = (batchSize: number) =>
    defineIteration({
      name: 'replanned',
      budget: { items: 2 },
      buildEnumerator: ({ cursor, env: { DB } }) =>
        enumerators.batches(
          DB,
          { sql: 'SELECT id FROM numbers', row: { id: 0 } },
          { cursor, batchSize },
        ),
      eachIteration(batch, { effects, run: { id } }) {
        for (const row of batch) append(effects, id, row.id)
      },
    })

  it.each([
    [3, 4],
    [4, 3],
    [5, 1],
  ])(
    'P02 may change by a deploy, from %i to %i rows a batch: nothing is left out or done twice',
    async (before, after) => {
      await env.DB.batch([
        env.DB.prepare('DELETE FROM numbers'),
        env.DB.prepare('INSERT INTO numbers (id) SELECT value FROM json_each(?)').bind(
          JSON.stringify(upTo(23)),
        ),
      ])
      const run = await runOf(inBatchesOf(before))
      expect(await run.slice()).toMatchObject({ status: 'interrupted', cursor: 2 * before })
      run.deploy(inBatchesOf(after))
      expect(await run.drain()).toMatchObject({ status: 'completed' })
      expect(await run.appended()).toEqual(upTo(23))
    },
  )
})

describe('the rows of a run', () => {
  it('P09 are created later when D1 is away at first: nobody has a run that D1 never hears of', async () => {
    await env.DB.prepare('ALTER TABLE dogear_runs RENAME TO runs_away').run()
    const run = await start(appendSteps, { params: { items: 3 } })
    await env.DB.prepare('ALTER TABLE runs_away RENAME TO dogear_runs').run()
    const inD1 = () =>
      env.DB.prepare('SELECT shown_status FROM dogear_runs WHERE id = ?')
        .bind(run)
        .first('shown_status')
    expect(await inD1()).toBeNull()
    await passTime(run)
    expect(await inD1()).toBe('queued')
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await inD1()).toBe('completed')
  })

  it('P09 tell the list what the object knows, as soon as D1 can be written again', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await env.DB.prepare('ALTER TABLE dogear_lanes RENAME TO lanes_away').run()
    await runObjects(env)(run).command('pause', {})
    await env.DB.prepare('ALTER TABLE lanes_away RENAME TO dogear_lanes').run()
    await passTime(run)
    const { runs } = await listRuns(env.DB, { status: 'paused', limit: 10 })
    expect(runs.map(({ id }) => id)).toContain(run)
    expect(await view(run)).toMatchObject({ status: 'paused' })
  })
})

describe('a list of runs', () => {
  /** Each way to fill in the parts, as one object. */
  function combinations<T extends object>(parts: readonly (readonly T[])[]): T[] {
    return parts.reduce<T[]>(
      (all, options) => all.flatMap((one) => options.map((option) => ({ ...one, ...option }))),
      [{} as T],
    )
  }

  it('P11 reads by an index and sorts nothing, whatever it is filtered by, on every page', async () => {
    for (let runs = 0; runs < 3; runs++) await start(appendSteps, { labels: { team: 'a' } })
    const { next } = await listRuns(env.DB, { limit: 2 })
    const after = next ? { after: next } : {}
    const range = { since: '2026-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z' }
    const label = { name: 'team', value: 'a' }
    const all = combinations<Partial<ListOptions>>([
      [{}, { status: 'failed' }],
      [{}, { job: 'append-steps' }],
      [{}, { label }, { label, alsoLabel: { name: 'team', value: 'b' } }],
      [{}, { error: 'page_failed' }],
      [{}, { idStart: '3f9c0' }],
      [{}, { ...range, ...after }, { ...after, sort: 'oldest' }],
    ])
    for (const filter of all) {
      const plans = await plansOf((db) => listRuns(db, { limit: 2, ...filter }))
      const told = `${JSON.stringify(filter)}: ${plans.join('; ')}`
      expect(
        plans.filter((plan) => /B-TREE|AUTOMATIC/.test(plan)),
        told,
      ).toEqual([])
      // Without a filter a page is the first so many entries of an index; else they are sought there.
      const scans = plans.filter((plan) => /^SCAN (?!page\b)/.test(plan))
      expect(
        scans.filter(
          (plan) => plan !== 'SCAN dogear_runs USING COVERING INDEX dogear_runs_by_time',
        ),
        told,
      ).toEqual([])
      expect(plans, told).toContainEqual(
        expect.stringMatching(filter.idStart || !filter.label ? indexOf(filter) : /^SEARCH named/),
      )
    }
  })

  function indexOf({ idStart, error, status, job }: Partial<ListOptions>): RegExp {
    const { name } = [
      { given: idStart, name: 'id_start' },
      { given: error && job, name: 'error_job' },
      { given: error, name: 'error' },
      { given: status && job, name: 'job_status' },
      { given: status, name: 'status' },
      { given: job, name: 'job' },
    ].find(({ given }) => given !== undefined) ?? { name: 'time' }
    return new RegExp(
      `^(SEARCH|SCAN) dogear_runs USING (COVERING )?INDEX dogear_runs_by_${name}\\b`,
    )
  }

  it('P11 reads as many rows for a page among many runs as for one among few', async () => {
    const read = async () => {
      let rows = 0
      const db = new Proxy(env.DB, {
        get: (target, property) =>
          property === 'prepare'
            ? (sql: string) => ({
                bind: (...values: unknown[]) => ({
                  async all() {
                    const result = await target
                      .prepare(sql)
                      .bind(...values)
                      .all()
                    rows += result.meta.rows_read
                    return result
                  },
                }),
              })
            : Reflect.get(target, property),
      })
      expect((await listRuns(db, { limit: 5, job: 'append-steps' })).runs).toHaveLength(5)
      return rows
    }
    for (let runs = 0; runs < 6; runs++) await start(appendSteps)
    const few = await read()
    for (let runs = 0; runs < 40; runs++) await start(appendSteps)
    expect(await read()).toBe(few)
  })
})

describe('a key that was used before', () => {
  it('P12 gives the completed run back, and does nothing again', async () => {
    const run = await start(appendSteps, { params: { items: 2 }, idempotencyKey: 'once' })
    await drain(run)
    const again = await startRun(runObjects(env), appendSteps, {
      params: { items: 2 },
      idempotencyKey: 'once',
    })
    expect(again).toMatchObject({ ok: true, created: false, run: { id: run, status: 'completed' } })
    const handle = await runOf(appendSteps, { params: { items: 2 }, idempotencyKey: 'once' })
    await handle.slice()
    expect(await handle.appended()).toEqual(upTo(2))
  })

  it('P12 children are not started twice by a run that is taken up again in mid-end', async () => {
    const run = await start(appendThenFollow)
    await deliverAndDie(run, { d1: nth(1, isEnd), when: 'after' })
    await passTime(run)
    const { children } = await drain(run)
    expect(children).toHaveLength(2)
    const { results } = await env.DB.prepare('SELECT id FROM dogear_runs WHERE parent = ?')
      .bind(run)
      .all<{ id: string }>()
    expect(results.map(({ id }) => id).sort()).toEqual([...children].sort())
  })
})
