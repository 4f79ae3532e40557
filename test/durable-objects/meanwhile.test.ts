import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { prepareRun } from '../../src/engine/runs/start.ts'
import { interceptedDatabase } from '../../src/testing/intercepted-database.ts'
import {
  appended,
  createTables,
  drain,
  driving,
  start,
  stub,
  truth,
  upTo,
  view,
} from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'
import { forgetRows } from '../support/time-travel.ts'

beforeAll(createTables)

const three = { params: { items: 3 } }

/** What the run's object is asked, and what happens between D1's answer to its first such statement and its hearing it. */
interface Course {
  asked: (host: RunHost) => Promise<unknown>
  statement: RegExp
  meanwhile: (host: RunHost) => unknown
}

async function take(run: string, { asked, statement, meanwhile }: Course): Promise<void> {
  await runInDurableObject(stub(run), async (host: RunHost) => {
    let met = false
    const DB = interceptedDatabase(env.DB, async ({ sql }, work) => {
      const answer = await work()
      if (met || !sql.some((text) => statement.test(text))) return answer
      met = true
      await meanwhile(host)
      return answer
    })
    Object.assign(host, { env: { ...env, DB } })
    await asked(host)
    Object.assign(host, { env })
    expect(met).toBe(true)
  })
}

describe('what happens while an object waits for D1 stands', () => {
  it('a run that is cancelled during a look is not reopened by it (mutation look-meanwhile)', async () => {
    const run = await start(appendSteps, three)
    await take(run, {
      asked: (host) => host.poke(run),
      statement: /closed_at AS closedAt/,
      meanwhile: (host) => host.command('cancel', {}),
    })
    expect(await view(run)).toMatchObject({ status: 'cancelled' })
    expect(await truth(run)).toMatchObject({ status: 'cancelled' })
  })

  it('a cancel is obeyed although the answer to a pause comes after it (mutation pause-cancelled)', async () => {
    const run = await start(appendSteps, three)
    let cancelled: Promise<unknown> | undefined
    await take(run, {
      asked: async (host) => {
        await host.command('pause', {})
        await cancelled
      },
      statement: /UPDATE dogear_lanes SET fence/,
      // It waits for what is being asked of D1.
      meanwhile: (host) => void (cancelled = host.command('cancel', {})),
    })
    expect(await view(run)).toMatchObject({ status: 'cancelled' })
    expect(await truth(run)).toMatchObject({ status: 'cancelled' })
  })

  it('a run that is begun again by two at once is begun once (mutations gone-rows, begun-meanwhile)', async () => {
    const keyed = { ...three, idempotencyKey: 'by-two-at-once' }
    const run = await start(appendSteps, keyed)
    await drain(run)
    const { n } = await driving(run)
    await forgetRows(run)
    const again = await prepareRun(appendSteps, keyed)
    await take(run, {
      asked: (host) => host.create(again),
      statement: /DELETE FROM dogear_ledger/,
      meanwhile: async (host) => {
        expect(await host.create(again)).toMatchObject({ created: true })
      },
    })
    expect(await truth(run)).toMatchObject({ status: 'active' })
    expect((await driving(run)).n).toBe(n + 1)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(3))
  })
})
