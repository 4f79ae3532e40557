import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunHost } from '../../../durable-objects/run-host.ts'
import { runObjects } from '../../../src/engine/drive/run-objects.ts'
import { closedRuns } from '../../../src/engine/store/d1/purge.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import {
  appended,
  bench,
  createTables,
  deliver,
  drain,
  driving,
  object,
  passTime,
  start,
  stub,
  truth,
  upTo,
  view,
} from '../../support/drive.ts'
import { appendIteration, appendThenFollow } from '../../support/jobs.ts'
import { deliverAndDie, isClose, isEnd, nth } from '../../support/mortal.ts'

beforeAll(createTables)

describe('I11 the end of a run is a commit', () => {
  it.each(['lost_answer', 'never_lands'] as const)(
    'whose effects happen once when its answer is lost (%s)',
    async (fault) => {
      const run = await start(appendIteration, { params: { items: 3 } })
      const first = nth(1, isEnd)
      const db = new FaultyDatabase(env.DB, (call) => (first(call) ? fault : undefined))
      await deliver(run, { DB: db.binding })
      expect(await appended(run)).toEqual([0, ...upTo(3)])
      expect(await view(run)).toMatchObject({ status: 'completed', slices: 1 })
    },
  )

  it('and is the same whichever moment the slice dies at', async () => {
    for (const death of [
      { d1: nth(1, isEnd), when: 'before' },
      { d1: nth(1, isEnd), when: 'after' },
      { d1: nth(1, isClose), when: 'before' },
      { d1: nth(1, isClose), when: 'after' },
      { object: 'release', when: 'before' },
      { object: 'release', when: 'after' },
    ] as const) {
      const run = await start(appendIteration, { params: { items: 3 } })
      await deliverAndDie(run, death)
      await passTime(run)
      expect(await drain(run)).toMatchObject({ status: 'completed' })
      expect(await appended(run)).toEqual([0, ...upTo(3)])
      expect(await truth(run)).toMatchObject({ status: 'completed', closed_at: expect.any(String) })
    }
  })

  it('M13 M58 that stands: a cancel after it finds the run completed', async () => {
    const run = await start(appendIteration, { params: { items: 3 } })
    await deliverAndDie(run, { d1: nth(1, isEnd), when: 'after' })
    const answer = await runObjects(env)(run).command('cancel', {})
    expect(answer).toMatchObject({ ok: true, run: { status: 'queued' } })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual([0, ...upTo(3)])
  })
})

describe('I12 end, children, release, in this order', () => {
  const childIds = async (run: string): Promise<string[]> => (await view(run)).children

  it('P12 starts each child once, with ids that follow from the parent', async () => {
    const run = await start(appendThenFollow)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    const [now, later] = (await childIds(run)) as [string, string]
    expect(await view(now)).toMatchObject({
      job: 'append-steps',
      params: { items: 2 },
      parent: run,
    })
    expect(await driving(later)).toMatchObject({ sendAt: expect.any(Number), overdueAt: null })
    expect((await driving(later)).sendAt).toBeGreaterThan(bench.clock.now() + 290_000)
    expect(await drain(now)).toMatchObject({ status: 'completed' })
  })

  it.each([
    ['after the end commit', { d1: nth(1, isEnd), when: 'after' }],
    ['after the first child', { object: 'create', when: 'after' }],
    ['before the run is marked closed', { d1: nth(1, isClose), when: 'before' }],
    ['before the release', { object: 'release', when: 'before' }],
  ] as const)('loses and doubles no child when the slice dies %s', async (_when, death) => {
    const run = await start(appendThenFollow)
    await deliverAndDie(run, death)
    const closed = death.when === 'before' && 'object' in death
    expect((await truth(run)).closed_at !== null).toBe(closed)
    await passTime(run)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    const { results } = await env.DB.prepare(
      'SELECT id FROM dogear_runs WHERE parent = ? ORDER BY id',
    )
      .bind(run)
      .all<{ id: string }>()
    expect(results.map(({ id }) => id)).toEqual([...(await childIds(run))].sort())
    expect(results).toHaveLength(2)
    expect(await truth(run)).toMatchObject({ closed_at: expect.any(String) })
  })

  it('starts no child of a cancelled or failed run', async () => {
    const run = await start(appendThenFollow)
    await runObjects(env)(run).command('cancel', {})
    expect(await drain(run)).toMatchObject({ status: 'cancelled', children: [] })
    expect(
      await env.DB.prepare('SELECT count(*) AS n FROM dogear_runs WHERE parent = ?')
        .bind(run)
        .first('n'),
    ).toBe(0)
  })
})

describe('I15 a purge that is cut off', () => {
  async function purgeCutOff(fault: 'lost_answer' | 'never_lands'): Promise<string> {
    const run = await start(appendIteration, { params: { items: 2 } })
    await drain(run)
    const DB = new FaultyDatabase(env.DB, () => fault).binding
    await runInDurableObject(stub(run), async (instance: RunHost) => {
      Object.assign(instance, { env: { ...env, DB } })
      await expect(instance.purge(run)).rejects.toThrow('Network connection lost')
      Object.assign(instance, { env })
    })
    return run
  }
  const closed = () => closedRuns(env.DB, new Date(bench.clock.now() + 1_000).toISOString(), 1_000)

  it('after D1 has forgotten the run has left nothing in its object', async () => {
    const run = await purgeCutOff('lost_answer')
    expect(await runObjects(env)(run).describe()).toBeNull()
  })

  it('before that is found by the next sweep, which finishes it', async () => {
    const run = await purgeCutOff('never_lands')
    expect(await closed()).toContain(run)
    await object(run).purge(run)
    expect(await closed()).not.toContain(run)
    expect(await runObjects(env)(run).describe()).toBeNull()
  })
})

describe('who listens to the object of a run', () => {
  it('is called once per end, and may fail', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const run = await start(appendIteration, { params: { items: 2 } })
    const ended = vi.fn(() => Promise.reject(new Error('out of order')))
    await runInDurableObject(stub(run), (instance: RunHost) => {
      Object.assign(instance, { ended })
    })
    await drain(run)
    await passTime(run)
    expect(ended).toHaveBeenCalledOnce()
    expect(await view(run)).toMatchObject({ status: 'completed' })
    expect(said.mock.calls.flat().join()).toContain('out of order')
    said.mockRestore()
  })
})
