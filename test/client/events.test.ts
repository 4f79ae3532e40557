import { beforeAll, describe, expect, it } from 'vitest'
import { isEnded } from '../../src/engine/runs/index.ts'
import type { RunNews } from '../../src/client/index.ts'
import { clientOf, toWorker, type Fetch } from '../support/client.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

const types = (news: readonly RunNews[]) =>
  news.map((one) => (one.kind === 'event' ? one.event.type : one.kind))

/** The news up to the first of the run as it ended. */
async function untilEnded(news: AsyncIterable<RunNews>): Promise<RunNews[]> {
  const heard: RunNews[] = []
  for await (const one of news) {
    heard.push(one)
    if (one.kind === 'run' && isEnded(one.run.status)) break
  }
  return heard
}

/** Cuts the first answers off after so many bytes each, within an event; tells after which event each request goes on. */
function cutting(...afterBytes: number[]): { fetch: Fetch; asked: (string | null)[] } {
  const asked: (string | null)[] = []
  const fetch: Fetch = async (url, init) => {
    asked.push(new Headers(init.headers).get('last-event-id'))
    const answer = await toWorker(url, init)
    const left = afterBytes.shift()
    return left === undefined ? answer : new Response(firstOf(answer, left), answer)
  }
  return { fetch, asked }
}

function firstOf(
  { body }: Response,
  bytes: number,
  onCancel: () => void = () => {},
): ReadableStream<Uint8Array> {
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  let left = bytes
  return new ReadableStream({
    async pull(controller) {
      const { value } = await reader.read()
      if (value) controller.enqueue(value.subarray(0, left))
      left -= value?.length ?? 0
      if (left > 0) return
      await reader.cancel()
      controller.error(new Error('cut'))
    },
    async cancel() {
      onCancel()
      await reader.cancel()
    },
  })
}

describe('the events of a run, through the client,', () => {
  it('are reported live, with the run as it then is', async () => {
    const run = await start(appendSteps, { params: { items: 2 }, ...everyItem })
    const heard = untilEnded(clientOf().events(run))
    await drain(run)
    const news = await heard
    expect(types(news).slice(0, 2)).toEqual(['run.created', 'run'])
    expect(types(news)).toContain('run.ended')
    expect(news.at(-1)).toMatchObject({ run: { status: 'completed', progress: { done: 2 } } })
  })

  it('go on after the one that is known', async () => {
    const run = await start(appendSteps, { params: { items: 2 }, ...everyItem })
    await drain(run)
    const all = await untilEnded(clientOf().events(run))
    const ids = all.flatMap((one) => (one.kind === 'event' ? [one.id] : []))
    const after = ids.at(-2) ?? 0
    expect(types(await untilEnded(clientOf().events(run, { after })))).toEqual([
      'run.changed',
      'run',
    ])
  })

  it('come back where the connection was lost: none is missing, none comes twice', async () => {
    const run = await start(appendSteps, { params: { items: 2 }, ...everyItem })
    await drain(run)
    const whole = await untilEnded(clientOf().events(run))
    const { fetch, asked } = cutting(600, 1_000)
    const parted = await untilEnded(clientOf(fetch).events(run, { retryMs: 1 }))
    expect(asked).toHaveLength(3)
    expect(asked[0]).toBe('0')
    expect(parted.filter(({ kind }) => kind === 'event')).toEqual(
      whole.filter(({ kind }) => kind === 'event'),
    )
    expect(types(parted).filter((type) => type === 'lost' || type === 'regained')).toEqual([
      'lost',
      'regained',
      'lost',
      'regained',
    ])
  })

  it('are waited for while nobody answers, which is reported once', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await drain(run)
    let tries = 0
    const fetch: Fetch = (url, init) => {
      tries += 1
      if (tries === 1) return Promise.reject(new TypeError('connection refused'))
      if (tries === 2) return Promise.resolve(new Response('starting', { status: 503 }))
      return toWorker(url, init)
    }
    const news = await untilEnded(clientOf(fetch).events(run, { retryMs: 1 }))
    expect(types(news).slice(0, 3)).toEqual(['lost', 'regained', 'run.created'])
    expect(news[0]).toMatchObject({ because: { code: 'unreachable' } })
    expect(types(news).filter((type) => type === 'lost')).toHaveLength(1)
  })

  it('are not asked for again where that would be no use', async () => {
    const asked = clientOf().events('f'.repeat(32))
    await expect(asked.next()).rejects.toMatchObject({ status: 404, code: 'unknown_run' })
  })

  it('end with the wish to hear them, also between two tries', async () => {
    const gone = new AbortController()
    const dead: Fetch = () => Promise.reject(new TypeError('connection refused'))
    const asked = clientOf(dead).events('f'.repeat(32), { signal: gone.signal })
    expect((await asked.next()).value).toMatchObject({ kind: 'lost' })
    const next = asked.next()
    gone.abort(new Error('seen enough'))
    await expect(next).rejects.toThrow('seen enough')
  })

  it('give their connection up when nobody reads on', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    let cancelled = false
    const fetch: Fetch = async (url, init) => {
      const answer = await toWorker(url, init)
      return new Response(
        firstOf(answer, Infinity, () => (cancelled = true)),
        answer,
      )
    }
    for await (const { kind } of clientOf(fetch).events(run)) if (kind === 'run') break
    expect(cancelled).toBe(true)
  })
})
