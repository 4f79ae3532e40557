import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob } from '../../../src/engine/index.ts'
import { listCommits, runObjects } from '../../../src/engine/runs/index.ts'
import { prepareRun } from '../../../src/engine/runs/start.ts'
import { failRun, reopenRun } from '../../../src/engine/store/d1/by-fence.ts'
import { createRun } from '../../../src/engine/store/d1/create-run.ts'
import { markClosed } from '../../../src/engine/store/d1/ended-run.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import {
  createTables,
  deliver,
  drain,
  driving,
  passTime,
  setDriving,
  start,
  truth,
  view,
} from '../../support/drive.ts'
import { append, appendSteps } from '../../support/jobs.ts'
import { type Death, deliverAndDie, isCommit, nth } from '../../support/mortal.ts'
import { forked, runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const three = { params: { items: 3 } }
const everyItem = { commit: { everyItems: 1 } }
const LONG_AGO = '2026-01-01T00:00:00.000Z'
const GIVEN_UP = { name: 'DogearError', code: 'attempts_exhausted', message: 'Given up' }

/** The run's own rows, whole. */
async function rowsOf(run: string): Promise<unknown[]> {
  const rows = await env.DB.batch([
    env.DB.prepare('SELECT * FROM dogear_runs WHERE id = ?').bind(run),
    env.DB.prepare('SELECT * FROM dogear_lanes WHERE run_id = ?').bind(run),
  ])
  return rows.flatMap(({ results }) => results)
}

/** Each fails when its guard is taken away, which no other test notices. */
describe('a guard that nothing else looks at', () => {
  it('a late reopening does nothing to a run that was cancelled again (mutation M25)', async () => {
    const run = await start(appendSteps, three)
    await runObjects(env)(run).command('cancel', {})
    await runObjects(env)(run).command('retry', {})
    const late = (await driving(run)).fence
    await runObjects(env)(run).command('cancel', {})
    await reopenRun(env.DB, { run, fence: late, at: new Date().toISOString() })
    expect(await truth(run)).toMatchObject({ status: 'cancelled' })
  })

  it.each([
    ['is under way', async (run: string) => deliver(run, { wallMs: 0 })],
    ['has ended', drain],
  ])('a late creation does nothing to a run that %s (mutation M28)', async (state, goOn) => {
    const options = { ...three, ...everyItem, idempotencyKey: state }
    const run = await start(appendSteps, options)
    await goOn(run)
    const before = await rowsOf(run)
    const again = await prepareRun(appendSteps, options)
    expect(await createRun(env.DB, again, LONG_AGO, '')).toBe(false)
    expect(await rowsOf(run)).toEqual(before)
  })

  it('a retry does not open a run again that D1 has as completed (mutation reopen-end)', async () => {
    const run = await start(appendSteps, three)
    await drain(run)
    const { commits } = await truth(run)
    await setDriving(run, { status: 'failed', finishedAt: null })
    await runObjects(env)(run).command('retry', {})
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await truth(run)).toMatchObject({ status: 'completed', commits })
  })

  it('a late giving up does nothing to a run that was reopened (mutation fail-fence)', async () => {
    const run = await start(appendSteps, three)
    await runObjects(env)(run).command('cancel', {})
    const late = (await driving(run)).fence
    await runObjects(env)(run).command('retry', {})
    await failRun(env.DB, { run, fence: late, at: LONG_AGO }, { closed: true, error: GIVEN_UP })
    expect(await truth(run)).toMatchObject({ status: 'active' })
  })

  it('giving up does nothing to a run that has ended, unheard (mutation fail-end)', async () => {
    const run = await start(appendSteps, three)
    await drain(run)
    await failRun(env.DB, { run, fence: 40, at: LONG_AGO }, { closed: true, error: GIVEN_UP })
    expect(await truth(run)).toMatchObject({ status: 'completed' })
  })

  it('a late mark of an old closing does not close a run that was reopened (mutation M33)', async () => {
    const run = await start(appendSteps, three)
    await runObjects(env)(run).command('cancel', {})
    await runObjects(env)(run).command('retry', {})
    await markClosed(env.DB, run, LONG_AGO)
    expect(await truth(run)).toMatchObject({ status: 'active', closed_at: null })
  })

  it('slices that report commits and then die use up no attempts, however many they are (mutation M17)', async () => {
    const run = await start(appendSteps, { params: { items: 24 }, ...everyItem })
    for (let slices = 0; slices < 8; slices++) {
      // From the third on a slice is so small that it comes to its release.
      const death: Death =
        slices < 2
          ? { d1: nth(2, isCommit), when: 'before' }
          : { object: 'release', when: 'before' }
      await deliverAndDie(run, death)
      await passTime(run, 1_000_000)
      expect((await driving(run)).seen.commits).toBeGreaterThan(0)
    }
    expect(await drain(run)).toMatchObject({ status: 'completed', attempts: 0 })
  })

  it('a slice whose commits are never answered gives up, though its raises are (mutation M54)', async () => {
    const run = await start(appendSteps, three)
    let commits = 0
    const db = new FaultyDatabase(env.DB, (call) =>
      isCommit(call) && ++commits < 200 ? 'never_lands' : undefined,
    )
    await deliver(run, { DB: db.binding })
    expect(commits).toBeLessThan(10)
    expect(await view(run)).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      attempts: 0,
    })
  })

  it('the lease is renewed while D1 hangs for longer than the patience (mutation M35)', async () => {
    const run = await start(appendSteps, { ...three, ...everyItem })
    await setDriving(run, { patienceMs: 300 })
    const leases: number[] = []
    const hang = nth(2, isCommit)
    const db = new FaultyDatabase(env.DB, async (call) => {
      if (!hang(call)) return undefined
      // The report of the first commit has long been heard when the looking begins.
      await scheduler.wait(400)
      for (let look = 0; look < 4; look++) {
        leases.push((await driving(run)).lease?.until ?? 0)
        await scheduler.wait(2_000)
      }
      return undefined
    })
    await deliver(run, { DB: db.binding })
    expect(leases.at(-1)).toBeGreaterThan(leases[0] ?? Infinity)
    expect(await view(run)).toMatchObject({ status: 'completed' })
  })

  it('a commit while another step waits cannot be forked: its ledger would have a gap (mutation M40)', async () => {
    const job = (added: boolean) =>
      defineJob({
        name: 'added-before',
        ...(added && { steps: { added: ['check'] } }),
        async perform({ step, effects, run: { id } }) {
          const walk = async (name: string) =>
            step(name, { start: 1 }, async (step) => {
              while (step.cursor <= 4) {
                append(effects, id, step.cursor)
                await step.advance()
              }
            })
          if (added) await walk('check')
          await walk('process')
        },
      })
    const run = await runOf(job(false), { interrupt: { afterItems: 2 }, ...everyItem })
    await run.slice()
    run.deploy(job(true))
    await run.drain()
    const { commits } = await listCommits(env.DB, run.id, { limit: 100 })
    const within = commits.filter(({ step }) => step === 'check').sort((a, b) => a.seq - b.seq)
    expect(within.length).toBeGreaterThan(2)
    for (const { seq } of within.slice(0, 2)) {
      await expect(forked(job(true), run, { seq })).rejects.toMatchObject({ code: 'not_forkable' })
    }
  })
})
