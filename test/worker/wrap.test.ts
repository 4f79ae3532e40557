import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createDogear, type Authorize } from '../../src/worker/index.ts'
import { createTables, driving, start, view } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const NAMES = { runs: 'RUNS', queue: 'QUEUE', version: 'VERSION' } as const
const dogear = createDogear({ jobs: [appendSteps], ...NAMES })
const ctx = { waitUntil: () => undefined } as unknown as ExecutionContext

function message(body: unknown) {
  return { body, ack: vi.fn<() => void>(), retry: vi.fn<() => void>() }
}

async function batchWith(...foreign: ReturnType<typeof message>[]) {
  const run = await start(appendSteps, { params: { items: 1 } })
  const own = message({ run, lane: 0, n: (await driving(run)).n })
  const batch = { queue: 'shared', messages: [own, ...foreign] } as unknown as MessageBatch
  return { run, own, batch }
}

describe('A host that shares its queue', () => {
  it('handles its own messages at once, and all that it does to them it does to them alone', async () => {
    const mail = message('a mail')
    const { run, own, batch } = await batchWith(mail)
    const statuses: string[] = []
    const worker = dogear.wrap({
      async queue(mails) {
        statuses.push((await view(run)).status)
        expect(mails.messages).toEqual([mail])
        mails.retryAll()
      },
    })
    await worker.queue(batch, env, ctx)
    expect(statuses).not.toEqual(['completed'])
    expect(own.ack).toHaveBeenCalledOnce()
    expect(own.retry).not.toHaveBeenCalled()
    expect(mail.retry).toHaveBeenCalledOnce()
    expect(await view(run)).toMatchObject({ status: 'completed' })
  })

  it('fails by itself: the runs of the same delivery are worked to their ends', async () => {
    const { run, own, batch } = await batchWith(message('a mail'))
    const worker = dogear.wrap({
      queue: () => Promise.reject(new Error('the mailer is down')),
    })
    await expect(worker.queue(batch, env, ctx)).rejects.toThrow('the mailer is down')
    expect(own.ack).toHaveBeenCalledOnce()
    expect(await view(run)).toMatchObject({ status: 'completed' })
  })
})

describe('A Worker has one Dogear', () => {
  it('and says so when a second one is put around it', () => {
    const once = dogear.wrap({})
    expect(() => createDogear({ jobs: [], ...NAMES }).wrap(once)).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    )
  })
})

describe('The tick', () => {
  const minute = (cron: string) => ({ cron, scheduledTime: Date.now(), noRetry: () => undefined })

  it('is Dogear’s, and all others the host’s', async () => {
    const scheduled = vi.fn<() => void>()
    const worker = dogear.wrap({ scheduled })
    await worker.scheduled(minute('* * * * *'), env, ctx)
    expect(scheduled).not.toHaveBeenCalled()
    await worker.scheduled(minute('0 3 * * *'), env, ctx)
    expect(scheduled).toHaveBeenCalledOnce()
  })

  it('of the host’s own makes no work for Dogear', async () => {
    const touched = vi.fn<() => never>(() => {
      throw new Error('touched')
    })
    const watched = {
      ...env,
      DB: { prepare: touched, batch: touched },
    } as unknown as Cloudflare.Env
    expect(await dogear.scheduled(minute('0 3 * * *'), watched)).toBe(false)
    expect(touched).not.toHaveBeenCalled()
  })

  it('of the host’s own stays with the host where Dogear has another', async () => {
    const scheduled = vi.fn<() => void>()
    const cron = '*/1 * * * *'
    const worker = createDogear({ jobs: [appendSteps], ...NAMES, cron }).wrap({ scheduled })
    await worker.scheduled(minute('* * * * *'), env, ctx)
    expect(scheduled).toHaveBeenCalledOnce()
    await worker.scheduled(minute(cron), env, ctx)
    expect(scheduled).toHaveBeenCalledOnce()
  })

  it('tells of everything that fails in it', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const down = () => {
      throw new Error('down')
    }
    const failing = { ...env, DB: { prepare: down, batch: down } } as unknown as Cloudflare.Env
    const manual = createDogear({ jobs: [], ...NAMES, schema: 'manual' })
    await expect(manual.scheduled(minute('* * * * *'), failing)).rejects.toThrow()
    const told = said.mock.calls.flat().filter((line) => String(line).includes('tick.failed'))
    expect(told.length).toBeGreaterThan(2)
    said.mockRestore()
  })
})

describe('The host’s authorize', () => {
  it('sees the address that the browser has, for page and API, mounted or not', async () => {
    const asked: string[] = []
    const authorize: Authorize = (request) => {
      asked.push(new URL(request.url).pathname)
      return null
    }
    const guest = createDogear({ jobs: [], ...NAMES, authorize, path: '/jobs' })
    const ask = (path: string) =>
      guest.fetch(
        new Request(`https://acme.example${path}`, { headers: { accept: 'text/html' } }),
        env,
        ctx,
      )
    for (const path of ['/jobs', '/jobs/api/runs', '/api/runs']) await ask(path)
    expect(asked).toEqual(['/jobs', '/jobs/api/runs', '/jobs/api/runs'])
  })

  it('that throws lets nobody in, and the log says why', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const authorize = () => Promise.reject(new Error('no sessions'))
    const guest = createDogear({ jobs: [], ...NAMES, authorize, path: '/jobs' })
    for (const path of ['/jobs', '/jobs/api/runs']) {
      const request = new Request(`https://acme.example${path}`, {
        headers: { accept: 'text/html' },
      })
      expect((await guest.fetch(request, env, ctx)).status).toBe(500)
    }
    expect(said.mock.calls.flat().join()).toContain('no sessions')
    said.mockRestore()
  })
})
