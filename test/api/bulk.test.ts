import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../src/engine/runs/index.ts'
import { call } from '../support/api.ts'
import { createTables, deliver, drain, passTime, start, view } from '../support/drive.ts'
import { appendIteration, appendSteps } from '../support/jobs.ts'
import { deliverAndDie, isCommit, nth } from '../support/mortal.ts'

beforeAll(createTables)

const items = { params: { items: 1 } }

async function listed(query: string): Promise<unknown[]> {
  const { json } = await call('GET', `/api/runs?${query}`)
  return (json['runs'] as { id: string }[]).map(({ id }) => id)
}

async function bulk(body: object, headers: Record<string, string> = {}) {
  const answer = await call('POST', '/api/runs/bulk', body, headers)
  return { ...answer, id: String(answer.json['id']) }
}

describe('labels of runs', () => {
  it('are given at the start, shown, and found by', async () => {
    const labels = { campaign: 'spring', customer: '42' }
    const { json } = await call('POST', '/api/jobs/append-steps/runs', { ...items, labels })
    expect(json).toMatchObject({ labels })
    const run = String(json['id'])
    await start(appendSteps, { ...items, labels: { campaign: 'autumn' } })
    expect(await listed('label=campaign:spring')).toEqual([run])
    expect(await listed('label=customer:42&job=append-steps&status=queued')).toEqual([run])
    expect(await listed('label=customer:42&status=failed')).toEqual([])
    const [shown] = (await call('GET', '/api/runs?label=customer:42')).json['runs'] as object[]
    expect(shown).toMatchObject({ labels })
  })

  it.each([
    [{ 'Bad Name': 'x' }, "found the label name 'Bad Name'"],
    [{ name: '' }, "the value of label 'name'"],
    [Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`l${i}`, 'x'])), 'found 11 labels'],
  ])('that cannot be looked for are refused: %j', async (labels, detail) => {
    const answer = await call('POST', '/api/jobs/append-steps/runs', { ...items, labels })
    expect(answer).toMatchObject({ status: 422, json: { code: 'invalid_options' } })
    expect(answer.json['detail']).toContain(detail)
  })
})

describe('a list of runs by time', () => {
  it('has those created from one time on and before another', async () => {
    const labels = { test: 'times' }
    const one = await start(appendSteps, { ...items, labels })
    await scheduler.wait(2)
    const other = await start(appendSteps, { ...items, labels })
    const { createdAt } = await view(other)
    expect(await listed(`label=test:times&since=${createdAt}`)).toEqual([other])
    expect(await listed(`label=test:times&until=${createdAt}`)).toEqual([one])
    // To the second is as good as to the millisecond.
    const second = `${createdAt.slice(0, 19)}Z`
    expect(await listed(`label=test:times&since=${second}`)).toContain(other)
    expect(await listed(`label=test:times&until=${second}`)).not.toContain(other)
  })

  it.each(['since=yesterday', 'until=1', 'label=nameless', 'label=:x'])(
    'refuses %s',
    async (query) => {
      expect(await call('GET', `/api/runs?${query}`)).toMatchObject({
        status: 400,
        json: { code: 'invalid_query' },
      })
    },
  )
})

describe('P11 a command to many runs', () => {
  it('reaches those that fit the filter, and no other', async () => {
    const labels = { test: 'pause' }
    const meant = [
      await start(appendSteps, { ...items, labels }),
      await start(appendIteration, { ...items, labels }),
    ]
    const other = await start(appendSteps, items)
    const ended = await start(appendSteps, { ...items, labels })
    await drain(ended)
    const { status, id } = await bulk({ command: 'pause', filter: { label: 'test:pause' } })
    expect(status).toBe(201)
    expect(await drain(id)).toMatchObject({
      status: 'completed',
      result: { obeyed: 2, refused: 1 },
      progress: { done: 3, total: 3 },
    })
    for (const run of meant) expect(await view(run)).toMatchObject({ status: 'paused' })
    expect(await view(other)).toMatchObject({ status: 'queued' })
    expect(await view(ended)).toMatchObject({ status: 'completed' })
  })

  it('takes all failed runs of a job up again', async () => {
    const labels = { test: 'retry' }
    const runs = await Promise.all(
      Array.from({ length: 3 }, () => start(appendSteps, { ...items, labels })),
    )
    for (const run of runs) await runObjects(env)(run).command('cancel', {})
    const filter = { status: 'cancelled', job: 'append-steps', label: 'test:retry' }
    const { id } = await bulk({ command: 'retry', filter })
    expect(await drain(id)).toMatchObject({ result: { obeyed: 3, refused: 0 } })
    for (const run of runs) expect(await drain(run)).toMatchObject({ status: 'completed' })
  })

  it('goes on where it was killed', async () => {
    const labels = { test: 'killed' }
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => start(appendSteps, { ...items, labels })),
    )
    const { id } = await bulk({ command: 'cancel', filter: { label: 'test:killed' } })
    await deliverAndDie(id, { d1: nth(1, isCommit), when: 'before' })
    await passTime(id)
    const ended = await drain(id)
    expect(ended).toMatchObject({ status: 'completed', slices: 2, progress: { done: 4, total: 4 } })
    for (const run of runs) expect(await view(run)).toMatchObject({ status: 'cancelled' })
  })

  it('leaves alone what was started after it, and other commands to many', async () => {
    const labels = { test: 'later' }
    // All by the API, and so by one clock.
    await call('POST', '/api/jobs/append-steps/runs', { ...items, labels })
    const { id } = await bulk({ command: 'pause', filter: { since: '2020-01-01T00:00:00Z' } })
    const { id: second } = await bulk({ command: 'pause', filter: { label: 'test:later' } })
    await deliver(second)
    expect(await view(second)).toMatchObject({ status: 'completed', result: { obeyed: 1 } })
    // Its first slice comes late: what was started meanwhile is none of its business.
    const { json } = await call('POST', '/api/jobs/append-steps/runs', items)
    const meanwhile = String(json['id'])
    await drain(id)
    expect(await view(meanwhile)).toMatchObject({ status: 'queued' })
    expect(await view(second)).toMatchObject({ status: 'completed' })
    const later = await start(appendSteps, { ...items, labels })
    expect(await view(later)).toMatchObject({ status: 'queued' })
  })

  it('is never meant for all runs there are by leaving the filter out', async () => {
    const params = { command: 'cancel' }
    expect(await call('POST', '/api/jobs/steer-runs/runs', { params })).toMatchObject({
      status: 422,
      json: { code: 'invalid_params' },
    })
  })

  it('is marked as the own business of the Worker, of which no webhook hears', async () => {
    const { id } = await bulk({ command: 'pause', filter: { label: 'test:none' } })
    const marked = env.DB.prepare(
      "SELECT options ->> '$.internal' AS mark FROM dogear_runs WHERE id = ?",
    )
    expect(await marked.bind(id).first('mark')).toBe(1)
    const other = await start(appendSteps, items)
    expect(await marked.bind(other).first('mark')).toBeNull()
  })

  it('is given once per idempotency key', async () => {
    const key = { 'idempotency-key': 'bulk-once' }
    const body = { command: 'pause', filter: { label: 'test:none' } }
    const first = await bulk(body, key)
    expect(await bulk(body, key)).toMatchObject({ status: 200, id: first.id })
    expect(await bulk({ ...body, command: 'resume' }, key)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    })
  })

  it.each([
    [{ command: 'pause', filter: {} }, 400, 'invalid_request'],
    [{ command: 'pause' }, 400, 'invalid_request'],
    [{ command: 'explode', filter: { job: 'append-steps' } }, 400, 'invalid_request'],
    [{ command: 'pause', filter: { job: 'nobody' } }, 404, 'unknown_job'],
    [{ command: 'pause', filter: { label: "x' OR 1=1" } }, 400, 'invalid_request'],
  ])('is refused for %j', async (body, status, code) => {
    expect(await bulk(body)).toMatchObject({ status, json: { code } })
  })
})
