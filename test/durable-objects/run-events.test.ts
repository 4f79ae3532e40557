import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { isEnded, runObjects } from '../../src/engine/runs/index.ts'
import type { LoggedEvent } from '../../src/engine/events.ts'
import type { Status } from '../../src/engine/index.ts'
import { call } from '../support/api.ts'
import {
  createTables,
  deliver,
  drain,
  object,
  passTime,
  start,
  stub,
  view,
} from '../support/drive.ts'
import { EventStream, type SentEvent } from '../support/event-stream.ts'
import { appendSteps } from '../support/jobs.ts'
import { deliverAndDie, isCommit, nth } from '../support/mortal.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }
const isLast = ({ event, data }: SentEvent) => event === 'run' && isEnded(data['status'] as Status)

/** What the run's object keeps of what has happened. */
function logged(run: string): Promise<LoggedEvent[]> {
  return runInDurableObject(stub(run), (_instance: RunHost, state) =>
    state.storage.sql
      .exec<{ id: number; event: string }>('SELECT id, event FROM events ORDER BY id')
      .toArray()
      .map(({ id, event }) => ({ id, event: JSON.parse(event) as LoggedEvent['event'] })),
  )
}

async function types(run: string): Promise<string[]> {
  return (await logged(run)).map(({ event }) => event.type)
}

describe("the log of a run's object", () => {
  it('has what its slices told, and what only the object knows, in order', async () => {
    const run = await start(appendSteps, { params: { items: 2 }, ...everyItem })
    await drain(run)
    expect(await types(run)).toEqual([
      'run.created',
      'slice.claimed',
      'run.changed',
      'slice.started',
      'step.started',
      'step.completed',
      'step.started',
      'step.completed',
      'step.started',
      'step.completed',
      'run.ended',
      'slice.released',
      'run.changed',
    ])
  })

  it('tells of a slice that vanished, as its timeline does', async () => {
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    await deliverAndDie(run, { d1: nth(4, isCommit), when: 'after' })
    await passTime(run)
    expect(await types(run)).toContain('slice.vanished')
    await drain(run)
    const slices = await object(run).slices()
    expect(slices.map(({ outcome, items }) => [outcome, items])).toEqual([
      ['vanished', expect.any(Number)],
      ['ended', expect.any(Number)],
    ])
    expect(await types(run)).toContain('run.resumed')
  })

  it('has an event once that was told twice', async () => {
    const run = await start(appendSteps, { params: { items: 2 } })
    const claim = await object(run).claim(0, 1)
    const fence = claim.ok ? claim.fence : 0
    const at = new Date().toISOString()
    const told = {
      first: 0,
      events: [{ type: 'slice.started' as const, at, run, job: 'append-steps', fence, attempt: 1 }],
    }
    await object(run).release(null, fence - 1, { kind: 'superseded', fence: 0 }, told)
    expect(await types(run)).not.toContain('slice.started')
    const outcome = { kind: 'interrupted', reason: 'budget', directiveMet: false } as const
    await object(run).release(null, fence, outcome, told)
    await object(run).release(null, fence, outcome, told)
    expect((await types(run)).filter((type) => type === 'slice.started')).toHaveLength(1)
  })

  it('ends a slice on the timeline also when older code released it', async () => {
    const run = await start(appendSteps, { params: { items: 2 } })
    const claim = await object(run).claim(0, 1)
    const error = { name: 'Error', message: 'old' }
    await object(run).release(null, claim.ok ? claim.fence : 0, { kind: 'errored', error })
    expect(await object(run).slices()).toMatchObject([{ outcome: 'errored', error }])
  })
})

describe('the events of a run, as Server-Sent Events', () => {
  it('are reported live, with the run as it then is', async () => {
    const run = await start(appendSteps, { params: { items: 2 }, ...everyItem })
    const stream = await EventStream.open(run)
    await drain(run)
    const seen = await stream.until(isLast)
    await stream.close()
    expect(seen[0]).toMatchObject({ id: '1', event: 'run.created', data: { run } })
    expect(seen.find(({ event }) => event === 'run')).toMatchObject({ data: { status: 'queued' } })
    expect(seen.map(({ event }) => event)).toContain('run.ended')
    expect(seen.at(-1)?.data).toMatchObject({ status: 'completed', progress: { done: 2 } })
  })

  it('go on after the one that was seen last', async () => {
    const run = await start(appendSteps, { params: { items: 2 }, ...everyItem })
    await drain(run)
    const last = (await logged(run)).at(-2)?.id
    const stream = await EventStream.open(run, { 'last-event-id': `${last}` })
    const seen = await stream.until(isLast)
    await stream.close()
    expect(seen.map(({ event }) => event)).toEqual(['run.changed', 'run'])
  })

  it('are reported to each of several watchers, and to none who left', async () => {
    const run = await start(appendSteps, { params: { items: 2 } })
    const [one, other] = await Promise.all([EventStream.open(run), EventStream.open(run)])
    await one.until(({ event }) => event === 'run')
    await one.close()
    await runObjects(env)(run).command('pause', {})
    const seen = await other.until(({ data }) => data['status'] === 'paused')
    await other.close()
    expect(seen.map(({ event }) => event)).toContain('run.commanded')
    await runObjects(env)(run).command('resume', {})
    await deliver(run)
    expect(await view(run)).toMatchObject({ status: 'completed' })
  })

  it.each([
    ['an unknown run', 'f'.repeat(32), {}, 404, 'unknown_run'],
    ['an id that no run can have', 'nobody', {}, 404, 'unknown_run'],
    ['a number that is none', 'f'.repeat(32), { 'last-event-id': 'x' }, 400, 'invalid_request'],
  ])('are refused for %s', async (_what, run, headers, status, code) => {
    expect(await call('GET', `/api/runs/${run}/events`, undefined, headers)).toMatchObject({
      status,
      type: 'application/problem+json',
      json: { code },
    })
  })
})
