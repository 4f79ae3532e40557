import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import { append, appendSteps } from '../support/jobs.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  object,
  start,
  truth,
  upTo,
  view,
} from '../support/drive.ts'
import { runOf } from '../support/run-of.ts'
import { Bookmark, forgetRows, loseStorage, sweptTomorrow } from '../support/time-travel.ts'

beforeAll(createTables)

const three = { params: { items: 3 } }

/** What the object of a run knows. */
const OBJECTS = {
  'lost its storage': (run: string) => loseStorage(run),
  waits: async () => undefined,
  'is paused': (run: string) => runObjects(env)(run).command('pause', {}),
  'is held': async (run: string) => {
    await runObjects(env)(run).command('interrupt', { hold: true })
    await deliver(run)
  },
  'has completed': (run: string) => drain(run),
  'has failed': async (run: string) => {
    await deliver(run, { jobs: new Registry([]) })
  },
  'is cancelled': (run: string) => runObjects(env)(run).command('cancel', {}),
}

const END = `UPDATE dogear_runs SET status = 'completed', result = '{"appended":3}', error = NULL, finished_at = '2026-11-01T00:00:00.000Z'`

/** What D1 has of it then. `begun` is as it was before anything was done. */
const D1 = {
  active: (begun: Bookmark) => begun.restore(),
  'active, ahead': async (begun: Bookmark, run: string) => {
    await begun.restore()
    await env.DB.prepare('UPDATE dogear_lanes SET fence = 40 WHERE run_id = ?').bind(run).run()
  },
  'ended, not closed': async (begun: Bookmark, run: string) => {
    await begun.restore()
    await env.DB.prepare(`${END}, closed_at = NULL WHERE id = ?`).bind(run).run()
  },
  'ended and closed': async (begun: Bookmark, run: string) => {
    await begun.restore()
    await env.DB.prepare(`${END}, closed_at = finished_at WHERE id = ?`).bind(run).run()
  },
  gone: (_begun: Bookmark, run: string) => forgetRows(run),
}

type Pair = [object: keyof typeof OBJECTS, d1: keyof typeof D1, shown: string | null, done: boolean]

/** What is shown once somebody has looked and driven the run, and whether its work is done (again). */
const PAIRS: Pair[] = [
  ['lost its storage', 'active', 'completed', true],
  ['lost its storage', 'active, ahead', 'completed', true],
  ['lost its storage', 'ended, not closed', 'completed', false],
  ['lost its storage', 'ended and closed', 'completed', false],
  ['lost its storage', 'gone', null, false],
  ['waits', 'active', 'completed', true],
  ['waits', 'active, ahead', 'completed', true],
  ['waits', 'ended, not closed', 'completed', false],
  ['waits', 'ended and closed', 'completed', false],
  ['waits', 'gone', 'failed', false],
  ['is paused', 'active', 'paused', false],
  ['is paused', 'active, ahead', 'paused', false],
  ['is paused', 'ended, not closed', 'completed', false],
  ['is paused', 'ended and closed', 'completed', false],
  ['is paused', 'gone', 'paused', false],
  ['is held', 'active', 'interrupted', false],
  ['is held', 'active, ahead', 'interrupted', false],
  ['is held', 'ended, not closed', 'completed', false],
  ['is held', 'ended and closed', 'completed', false],
  ['is held', 'gone', 'interrupted', false],
  ['has completed', 'active', 'completed', true],
  ['has completed', 'active, ahead', 'completed', true],
  ['has completed', 'ended, not closed', 'completed', false],
  ['has completed', 'ended and closed', 'completed', false],
  ['has completed', 'gone', 'completed', false],
  ['has failed', 'active', 'completed', true],
  ['has failed', 'active, ahead', 'completed', true],
  ['has failed', 'ended, not closed', 'completed', false],
  ['has failed', 'ended and closed', 'completed', false],
  ['has failed', 'gone', 'failed', false],
  ['is cancelled', 'active', 'completed', true],
  ['is cancelled', 'active, ahead', 'completed', true],
  ['is cancelled', 'ended, not closed', 'completed', false],
  ['is cancelled', 'ended and closed', 'completed', false],
  ['is cancelled', 'gone', 'cancelled', false],
]

async function drainAndClose(run: string): Promise<void> {
  await drain(run)
  if ((await driving(run)).closing) await deliver(run)
}

describe('a run whose object and D1 differ', () => {
  it.each(PAIRS)('object %s, D1 %s: ends up %s', async (knows, has, shown, done) => {
    const run = await start(appendSteps, three)
    const begun = await Bookmark.of(run)
    await OBJECTS[knows](run)
    await D1[has](begun, run)
    await object(run).poke(run)
    if (shown !== null) await drainAndClose(run)
    expect((await runObjects(env)(run).describe())?.status ?? null).toBe(shown)
    expect(await appended(run)).toEqual(done ? upTo(3) : [])
    if (has === 'gone') return
    const { status, closed_at } = await truth(run)
    const ended = shown === 'completed'
    expect(status).toBe(ended ? 'completed' : 'active')
    expect(closed_at).toEqual(ended ? expect.any(String) : null)
    const { lease, sendAt, overdueAt } = await driving(run)
    expect({ lease, sendAt, overdueAt }).toEqual({
      lease: null,
      sendAt: null,
      overdueAt: null,
    })
  })

  it('H12 is found by the sweep, and every later look finds nothing to do', async () => {
    const run = await start(appendSteps, three)
    const begun = await Bookmark.of(run)
    await drain(run)
    await begun.restore()
    expect(await sweptTomorrow(run)).toBe(true)
    expect(await drain(run)).toMatchObject({ status: 'completed', progress: { done: 3 } })
    expect(await appended(run)).toEqual(upTo(3))
    expect(await sweptTomorrow(run, 2)).toBe(false)
    const { rev, slices } = await driving(run)
    await object(run).poke(run)
    expect(await driving(run)).toMatchObject({ rev, slices, sendAt: null })
  })

  it('H90 goes on from where D1 stands, and shows that, when it was restored in mid-run', async () => {
    const options = { commit: { everyItems: 1 }, hold: true, interrupt: { afterItems: 3 } }
    const run = await start(appendSteps, { params: { items: 10 }, ...options })
    await deliver(run)
    const atThree = await Bookmark.of(run)
    await runObjects(env)(run).command('resume', {})
    await deliver(run, { wallMs: 0 })
    await deliver(run, { wallMs: 0 })
    await runObjects(env)(run).command('pause', {})
    await atThree.restore()
    await object(run).poke(run)
    expect(await view(run)).toMatchObject({ status: 'paused', progress: { done: 3 } })
    const listed = 'SELECT shown_status FROM dogear_runs WHERE id = ?'
    expect(await env.DB.prepare(listed).bind(run).first('shown_status')).toBe('paused')
    await runObjects(env)(run).command('resume', {})
    expect(await drain(run)).toMatchObject({ status: 'completed', progress: { done: 10 } })
    expect(await appended(run)).toEqual(upTo(10))
  })

  it('is started once more by its key when D1 has forgotten it', async () => {
    const keyed = { ...three, idempotencyKey: 'time-travel' }
    const run = await start(appendSteps, keyed)
    await drain(run)
    const { fence } = await driving(run)
    await forgetRows(run)
    expect(await start(appendSteps, keyed)).toBe(run)
    expect(await view(run)).toMatchObject({ status: 'queued', progress: { done: 0 } })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(3))
    expect((await truth(run)).fence).toBeGreaterThan(fence)
    expect(await start(appendSteps, keyed)).toBe(run)
    expect(await appended(run)).toEqual(upTo(3))
  })
})

describe('H56 a child whose rows D1 has forgotten', () => {
  const parent = defineJob({
    name: 'parent',
    async perform({ step, effects, run }) {
      await step('append', () => append(effects, run.id, 1))
    },
    continuations({ enqueue }) {
      enqueue(appendSteps, { items: 2 })
      enqueue.afterAll(appendSteps, { items: 7 })
    },
  })
  const jobs = new Registry([parent, appendSteps])

  async function family() {
    const { id: run } = await runOf(parent)
    const { children } = await drain(run, { jobs })
    const [child = '', follower = ''] = children
    return { run, child, follower }
  }
  const reopenParent = (run: string) =>
    env.DB.prepare('UPDATE dogear_runs SET closed_at = NULL WHERE id = ?').bind(run).run()

  it.each([
    ['before it began', async (_child: string, _run: string): Promise<unknown> => undefined],
    ['when it had completed', (child: string) => drain(child)],
    [
      'when its object has given it up',
      async (child: string, run: string) => {
        await forgetRows(child)
        await forgetRows(run)
        await deliver(child)
        expect(await view(child)).toMatchObject({ error: { code: 'state_lost' } })
      },
    ],
    ['when its object has lost its storage', (child: string) => loseStorage(child)],
  ])('%s is started again by its parent, and so is what follows it', async (_when, doing) => {
    const { run, child, follower } = await family()
    const before = await Bookmark.of(run)
    await doing(child, run)
    await forgetRows(child)
    await forgetRows(follower)
    await before.restore()
    await reopenParent(run)
    expect(await sweptTomorrow(run)).toBe(true)
    await deliver(run, { jobs })
    expect(await drain(child)).toMatchObject({ status: 'completed' })
    expect(await appended(child)).toEqual([1, 2])
    expect(await drain(follower)).toMatchObject({ status: 'completed' })
    expect(await appended(follower)).toEqual(upTo(7))
    expect((await truth(run)).closed_at).not.toBeNull()
  })

  it('is started again by a sibling that ends, when its object does not stir', async () => {
    const two = defineJob({
      name: 'parent-of-two',
      async perform({ step }) {
        await step('nothing', () => undefined)
      },
      continuations({ enqueue }) {
        enqueue(appendSteps, { items: 1 })
        enqueue(appendSteps, { items: 2 })
        enqueue.afterAll(appendSteps, { items: 3 })
      },
    })
    const { id: run } = await runOf(two)
    const { children } = await drain(run, { jobs: new Registry([two, appendSteps]) })
    const [one = '', other = '', follower = ''] = children
    await drain(one)
    await forgetRows(one)
    await drain(other)
    expect(await drain(one)).toMatchObject({ status: 'completed' })
    expect(await drain(follower)).toMatchObject({ status: 'completed' })
    expect(await appended(follower)).toEqual(upTo(3))
  })

  it('begins again by itself when its parent lists it and is closed', async () => {
    const { child, follower } = await family()
    await forgetRows(child)
    await deliver(child)
    expect(await view(child)).toMatchObject({ status: 'queued' })
    expect(await drain(child)).toMatchObject({ status: 'completed' })
    expect(await drain(follower)).toMatchObject({ status: 'completed' })
  })
})
