import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../../src/engine/drive/run-objects.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  passTime,
  start,
  truth,
  upTo,
  view,
} from '../../support/drive.ts'
import { appendSteps } from '../../support/jobs.ts'
import { deliverAndDie, isCommit, nth } from '../../support/mortal.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

describe('I13 stopped means that D1 said so', () => {
  it.each(['cancel', 'pause'] as const)(
    'S53 M37 M38 %s while a commit is under way: nothing commits after it is shown',
    async (command) => {
      const run = await start(appendSteps, { params: { items: 300 }, ...everyItem })
      const fifth = nth(5, isCommit)
      const db: FaultyDatabase = new FaultyDatabase(env.DB, async (call) => {
        if (fifth(call)) {
          await runObjects(env)(run).command(command, {})
          return 'late'
        }
        return undefined
      })
      const slice = deliver(run, { DB: db.binding })
      await slice
      const shown = await view(run)
      expect(shown.status).toBe(command === 'cancel' ? 'cancelled' : 'paused')
      const before = await appended(run)
      expect((await db.land()).every(({ status }) => status === 'rejected')).toBe(true)
      await deliver(run)
      await passTime(run)
      expect(await appended(run)).toEqual(before)
      expect(before.length).toBeLessThan(300)
    },
  )

  it('shows cancelled only after D1 has answered, and asks again until it does', async () => {
    const run = await start(appendSteps, { params: { items: 5 } })
    await env.DB.prepare('ALTER TABLE dogear_runs RENAME TO runs_away').run()
    const answer = await runObjects(env)(run).command('cancel', {})
    expect(answer).toMatchObject({
      ok: true,
      pending: true,
      run: { status: 'queued', reason: 'cancel' },
    })
    await deliver(run)
    expect(await appended(run)).toEqual([])
    await env.DB.prepare('ALTER TABLE runs_away RENAME TO dogear_runs').run()
    await passTime(run, 1_001)
    expect(await view(run)).toMatchObject({ status: 'cancelled' })
    expect(await truth(run)).toMatchObject({ status: 'cancelled', closed_at: expect.any(String) })
  })

  it('M29 M31 P08 pauses a run whose slice has vanished only after raising D1', async () => {
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    await deliverAndDie(run, { d1: nth(3, isCommit), when: 'before' })
    await runObjects(env)(run).command('pause', {})
    expect(await view(run)).toMatchObject({ status: 'running', reason: 'pause' })
    const { fence } = await truth(run)
    await passTime(run)
    expect(await view(run)).toMatchObject({ status: 'paused' })
    expect((await truth(run)).fence).toBeGreaterThan(fence)
    await runObjects(env)(run).command('resume', {})
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(5))
  })

  it('reopens a failed or cancelled run from its checkpoint', async () => {
    const run = await start(appendSteps, {
      params: { items: 6 },
      ...everyItem,
      interrupt: { afterItems: 3 },
      hold: true,
    })
    await drain(run)
    await runObjects(env)(run).command('cancel', {})
    expect(await view(run)).toMatchObject({ status: 'cancelled', progress: { done: 3 } })
    const answer = await runObjects(env)(run).command('retry', {})
    expect(answer).toMatchObject({ ok: true, run: { status: 'queued' } })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(6))
  })

  it.each([
    ['completed', ['interrupt', 'pause', 'resume', 'cancel', 'retry']],
    ['queued', ['resume', 'retry']],
    ['paused', ['interrupt', 'pause', 'retry']],
  ] as const)(
    'M32 refuses what a %s run cannot do, and changes nothing',
    async (status, commands) => {
      const run = await start(appendSteps, { params: { items: 1 } })
      if (status === 'completed') await drain(run)
      if (status === 'paused') await runObjects(env)(run).command('pause', {})
      const before = await driving(run)
      for (const command of commands) {
        expect(await runObjects(env)(run).command(command, {})).toMatchObject({
          ok: false,
          code: 'invalid_transition',
          run: { status },
        })
      }
      expect(await driving(run)).toEqual(before)
    },
  )
})
