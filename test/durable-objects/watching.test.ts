import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { eventPipe } from '../../src/api/event-pipe.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import type { RunView } from '../../src/engine/run.ts'
import { Watchers } from '../../durable-objects/watchers.ts'
import { deployed } from '../support/access.ts'
import { appendSteps } from '../support/jobs.ts'
import { createTables, object, start, stub, view } from '../support/drive.ts'

beforeAll(createTables)

const MB = 1_000_000
const bytesOf = (text: string) => new TextEncoder().encode(text).byteLength

/** A run that has been told of so many items that failed, each with much to say. */
async function talkative(items: number): Promise<string> {
  const run = await start(appendSteps, { params: { items: 2 } })
  const claim = await object(run).claim(0, 1)
  const fence = claim.ok ? claim.fence : 0
  const at = new Date().toISOString()
  const error = { name: 'Error', message: 'm'.repeat(2_000), stack: 's'.repeat(8_000) }
  const events = Array.from({ length: items }, (_, item): EngineEvent => ({
    type: 'iteration.skipped',
    at,
    run,
    job: 'append-steps',
    fence,
    cursor: 'ü'.repeat(item === 0 ? 3 * MB : 10),
    attempts: 1,
    error: { ...error, cause: { ...error, cause: { ...error, cause: error } } },
  }))
  const outcome = { kind: 'errored', error: { ...error, cause: error } } as const
  const released = { type: 'slice.released', at, run, job: 'append-steps', fence } as const
  events.push({ ...released, outcome: 'errored', error: outcome.error })
  await object(run).release(null, fence, outcome, { first: 0, events })
  return run
}

/** The messages that a new watcher is sent at first. */
async function firstMessages(run: string): Promise<string[]> {
  const { webSocket } = await object(run).fetch('https://run/', {
    headers: { Upgrade: 'websocket' },
  })
  if (!webSocket) throw new Error('no socket')
  const messages: string[] = []
  webSocket.addEventListener('message', ({ data }) => void messages.push(data as string))
  webSocket.accept()
  while (!messages.some((text) => text.includes('event: run\n'))) await scheduler.wait(5)
  webSocket.close()
  return messages
}

describe('H32 the log of a run that has much to tell', () => {
  it('stays small, and is sent in messages that anybody can take', async () => {
    const run = await talkative(990)
    const kept = await runInDurableObject(stub(run), (_instance, { storage }) =>
      storage.sql
        .exec<{ bytes: number; events: number }>(
          'SELECT sum(length(CAST(event AS BLOB))) AS bytes, count(*) AS events FROM events',
        )
        .one(),
    )
    expect(kept.bytes).toBeLessThanOrEqual(2 * MB)
    expect(kept.events).toBeGreaterThan(100)
    const messages = await firstMessages(run)
    expect(messages.length).toBeGreaterThan(1)
    for (const message of messages) expect(bytesOf(message)).toBeLessThanOrEqual(MB)
    const ids = messages.join('').match(/^id: \d+$/gm) ?? []
    expect(ids).toHaveLength(kept.events)
  })

  it('keeps what an error is, and the whole of the last one with the run', async () => {
    const run = await talkative(3)
    const [slice] = await object(run).slices()
    expect(JSON.stringify(slice).length).toBeLessThan(5_000)
    expect(slice?.error).toMatchObject({ name: 'Error', message: expect.stringMatching(/^m+…$/) })
    expect((await view(run)).error?.message).toHaveLength(2_000)
  })
})

describe('S7 a reader that does not read', () => {
  it('is let go once too much waits for it, and the run’s object with it', async () => {
    const { 0: client, 1: server } = new WebSocketPair()
    server.accept()
    const closed = new Promise((resolve) => server.addEventListener('close', resolve))
    let ended = 0
    const stream = eventPipe(client, () => void (ended += 1))
    for (let sent = 0; sent < 6; sent++) server.send('x'.repeat(MB))
    await closed
    expect(ended).toBe(1)
    await expect(stream.getReader().read()).rejects.toThrow()
  })

  it('is served as long as it reads', async () => {
    const { 0: client, 1: server } = new WebSocketPair()
    server.accept()
    const reader = eventPipe(client).getReader()
    let read = 0
    for (let sent = 0; sent < 6; sent++) {
      server.send('x'.repeat(MB))
      while (read < (sent + 1) * MB) read += ((await reader.read()).value as Uint8Array).byteLength
    }
    expect(read).toBe(6 * MB)
    await reader.cancel()
  })
})

/** Somebody who has been sent the first message, and hears the others. */
async function watching(run: string): Promise<{ messages: string[]; webSocket: WebSocket }> {
  const { webSocket } = await object(run).fetch('https://run/', {
    headers: { Upgrade: 'websocket' },
  })
  if (!webSocket) throw new Error('no socket')
  const messages: string[] = []
  webSocket.addEventListener('message', ({ data }) => void messages.push(data as string))
  webSocket.accept()
  while (messages.length === 0) await scheduler.wait(5)
  return { messages, webSocket }
}

describe('One who watches a run at full speed', () => {
  it('hears all of it, in five messages a second', async () => {
    const run = await start(appendSteps)
    const { messages, webSocket } = await watching(run)
    const since = Date.now()
    const told = 100
    await runInDurableObject(stub(run), async (_instance, ctx) => {
      const watchers = new Watchers(ctx)
      for (let id = 0; id < told; id++) {
        const event = { type: 'run.changed', at: `${id}`, run, job: 'append-steps' }
        watchers.tell({ id, event: event as EngineEvent })
        watchers.show(() => ({ id: run, slices: id }) as RunView)
        await scheduler.wait(5)
      }
    })
    while (!messages.join('').includes(`id: ${told - 1}\n`)) await scheduler.wait(5)
    expect(messages.join('').match(/^event: run\.changed$/gm)).toHaveLength(told)
    expect(messages.at(-1)).toContain(`"slices":${told - 1}`)
    // The first message, that of the watcher's own start, came before.
    expect(messages.length - 1).toBeLessThanOrEqual((Date.now() - since) / 200 + 1)
    webSocket.close()
  })
})

describe('One who watches a run in many lanes', () => {
  it('hears 16,000 characters of it a second', async () => {
    const run = await start(appendSteps)
    const { messages, webSocket } = await watching(run)
    const since = Date.now()
    await runInDurableObject(stub(run), async (_instance, ctx) => {
      const watchers = new Watchers(ctx)
      const lanes = Array.from({ length: 64 }, (_, lane) => ({ lane, error: 'e'.repeat(100) }))
      for (let told = 0; told < 300; told++) {
        watchers.show(() => ({ id: run, lanes }) as unknown as RunView)
        await scheduler.wait(5)
      }
    })
    const elapsed = Date.now() - since
    const characters = messages.slice(1).reduce((sum, { length }) => sum + length, 0)
    const longest = Math.max(...messages.map(({ length }) => length))
    // The first of them comes at once.
    expect(characters).toBeLessThanOrEqual(elapsed * 16 + 2 * longest)
    expect(messages.length).toBeGreaterThan(2)
    webSocket.close()
  })
})

describe('S7 the watchers of one run', () => {
  const watch = (run: string, caller: string) =>
    object(run).fetch(`https://run/?caller=${encodeURIComponent(caller)}`, {
      headers: { Upgrade: 'websocket' },
    })

  it('are 50 of one caller at most; others still may', async () => {
    const run = await start(appendSteps)
    const sockets: WebSocket[] = []
    for (let count = 0; count < 50; count++) {
      const { status, webSocket } = await watch(run, 'token viewer-1')
      expect(status).toBe(101)
      if (webSocket) sockets.push(webSocket)
      webSocket?.accept()
    }
    expect((await watch(run, 'token viewer-1')).status).toBe(429)
    const { ask, app, bindings } = deployed()
    const path = `/api/runs/${run}/events`
    expect(await ask('GET', path, { as: 'viewer' })).toMatchObject({
      status: 429,
      json: { code: 'too_many_streams' },
    })
    const other = await app.request(
      `https://dogear.example${path}`,
      { headers: { authorization: 'Bearer operator-77ab31e0c4' } },
      bindings,
    )
    expect(other.status).toBe(200)
    await other.body?.cancel()
    for (const socket of sockets) socket.close()
    await scheduler.wait(50)
    expect((await watch(run, 'token viewer-1')).status).toBe(101)
  })
})
