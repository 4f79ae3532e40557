/** Proxies drop a connection on which nothing is said for long. */
const KEEP_ALIVE_MS = 25_000
/** The most that may wait for one reader. Who reads more slowly than the run tells comes back for the rest. */
const MAX_WAITING_BYTES = 4_000_000

/**
 * Passes on what a run's object tells one watcher, as a body. A WebSocket cannot be known to wait: a reader
 * that has fallen too far behind is let go, and finds all it has missed by `Last-Event-ID`.
 */
export function eventPipe(webSocket: WebSocket, onEnd: () => void = () => {}): ReadableStream {
  // Made of bytes: Hono's own stream passes each chunk through two more in JavaScript, per watcher.
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  const bytes = new TextEncoder()
  let waiting = 0
  let over = false
  const end = (how: () => Promise<void>) => {
    if (over) return
    over = true
    clearInterval(keepAlive)
    how().catch(() => undefined)
    onEnd()
  }
  const leave = () =>
    end(async () => {
      webSocket.close()
      await writer.abort('the reader has fallen behind')
    })
  const send = (text: string) => {
    if (over) return
    const chunk = bytes.encode(text)
    waiting += chunk.byteLength
    if (waiting > MAX_WAITING_BYTES) return leave()
    const sent = () => void (waiting -= chunk.byteLength)
    writer.write(chunk).then(sent, () => undefined)
  }
  const keepAlive = setInterval(() => send(': still here\n\n'), KEEP_ALIVE_MS)
  webSocket.addEventListener('message', ({ data }) => send(data as string))
  webSocket.addEventListener('close', () => end(() => writer.close()))
  webSocket.addEventListener('error', () => end(() => writer.close()))
  // The watcher has left.
  writer.closed.catch(leave)
  webSocket.accept()
  return readable
}
