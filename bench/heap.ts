import { once } from 'node:events'

/** Memory that the Worker's own isolate still needs: consumer and Durable Objects, but not local D1. */
export type HeapProbe = () => Promise<number>

interface HeapUsage {
  usedSize: number
  backingStorageSize?: number
}

const ANSWER_WITHIN_MS = 10_000

/** Asks workerd's inspector, which speaks the Chrome DevTools protocol. */
export function heapProbe(inspectorPort: number): HeapProbe {
  return async () => {
    const socket = connect(`ws://127.0.0.1:${inspectorPort}/ws`)
    try {
      await once(socket, 'open', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
      // What nobody needs any more is no growth.
      await ask(socket, 1, 'HeapProfiler.collectGarbage')
      const usage = await ask<HeapUsage>(socket, 2, 'Runtime.getHeapUsage')
      return usage.usedSize + (usage.backingStorageSize ?? 0)
    } finally {
      socket.close()
    }
  }
}

/** wrangler's inspector serves known origins only; headers are an extension of Node's WebSocket. */
function connect(url: string): WebSocket {
  const init = { headers: { Origin: 'http://localhost' } }
  return new WebSocket(url, init as unknown as string[])
}

function ask<T>(socket: WebSocket, id: number, method: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no answer to ${method} within ${ANSWER_WITHIN_MS} ms`)),
      ANSWER_WITHIN_MS,
    )
    socket.addEventListener('message', function onMessage({ data }) {
      const message = JSON.parse(String(data)) as { id?: number; result?: T }
      if (message.id !== id) return
      clearTimeout(timer)
      socket.removeEventListener('message', onMessage)
      resolve(message.result as T)
    })
    socket.send(JSON.stringify({ id, method }))
  })
}
