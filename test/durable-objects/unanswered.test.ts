import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../src/engine/runs/index.ts'
import { listAlerts } from '../../src/monitoring/index.ts'
import { appendSteps } from '../support/jobs.ts'
import { createTables, deliver, object, passTime, start, stub, view } from '../support/drive.ts'

beforeAll(createTables)
afterEach(() => env.DB.prepare('DROP TRIGGER IF EXISTS refuses').run())

const MINUTE = 60_000

const openAlerts = async (run: string) =>
  (await listAlerts(env.DB, { run, open: true, limit: 5 })).alerts.map(({ kind, message }) => ({
    kind,
    message,
  }))

/** D1 answers to everything but this. */
const refuse = (what: string) =>
  env.DB.prepare(
    `CREATE TRIGGER refuses BEFORE UPDATE OF ${what} BEGIN SELECT RAISE(ABORT, 'no'); END`,
  ).run()

describe('a run that gets no answer says so after a while, and is heard when it does', () => {
  it.each([
    ['cancel', `status ON dogear_runs WHEN NEW.status = 'cancelled'`, 'cancelled'],
    ['pause', 'fence ON dogear_lanes', 'paused'],
  ] as const)('%s', async (command, refused, status) => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await refuse(refused)
    const { status: before } = await view(run)
    expect(await runObjects(env)(run).command(command, {})).toMatchObject({ pending: true })
    await passTime(run, 10 * MINUTE)
    expect(await openAlerts(run)).toEqual([])
    await passTime(run, 10 * MINUTE)
    const message = `D1 has not answered to '${command}' for more than 15 minutes; the run goes on asking it`
    expect(await view(run)).toMatchObject({ status: before, reason: command, attention: message })
    expect(await openAlerts(run)).toEqual([{ kind: 'attention', message }])
    await env.DB.prepare('DROP TRIGGER refuses').run()
    await passTime(run, MINUTE)
    const shown = await view(run)
    expect(shown.status).toBe(status)
    expect(shown.attention).toBeUndefined()
    expect(await openAlerts(run)).toEqual([])
  })

  it('a message that nobody takes', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await passTime(run, 100 * MINUTE)
    expect((await view(run)).attention).toBeUndefined()
    await passTime(run, 100 * MINUTE)
    const message = expect.stringContaining(`expected a consumer of its queue`)
    expect(await openAlerts(run)).toEqual([{ kind: 'attention', message }])
    await deliver(run)
    expect(await view(run)).toMatchObject({ status: 'completed' })
    expect((await view(run)).attention).toBeUndefined()
    expect(await openAlerts(run)).toEqual([])
  })
})

it('a poke arms the alarm again, whatever the object remembers of it', async () => {
  const run = await start(appendSteps, { params: { items: 1 } })
  await runInDurableObject(stub(run), (_instance, { storage }) => storage.deleteAlarm())
  await object(run).poke(run)
  const alarm = await runInDurableObject(stub(run), (_i, { storage }) => storage.getAlarm())
  expect(alarm).not.toBeNull()
})
