import type { WatchFrame } from '../src/engine/events.ts'
import type { RunView } from '../src/engine/run.ts'

/**
 * To send something to one more watcher takes up to half a millisecond in a local Worker, streams included.
 * So all of them together take a thirtieth of the time, however many there are: one hears at once, and of
 * two hundred each hears every three seconds what has happened meanwhile.
 */
const PAUSE_PER_WATCHER_MS = 15

/**
 * Those who watch a run live, by WebSockets that hibernate: while nothing happens, the object need not
 * be in memory.
 */
export class Watchers {
  readonly #ctx: DurableObjectState
  #sentAt = 0
  #due: ReturnType<typeof setTimeout> | undefined
  /** What has happened since then. Should the object die with it, so do the connections: it is in the log. */
  #untold = ''
  #view: (() => RunView | null) | undefined

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx
  }

  /** Accepts a watcher, who is first sent `frames`. */
  accept(frames: readonly WatchFrame[]): Response {
    // What the others have not heard yet is among the frames.
    this.#send()
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server)
    server.send(frames.map(sse).join(''))
    return new Response(null, { status: 101, webSocket: client })
  }

  /** Shows the run as it then is. */
  show(view: () => RunView | null): void {
    const { length: count } = this.#ctx.getWebSockets()
    if (count === 0) return
    this.#view = view
    this.#sendSoon(count)
  }

  tell(frame: WatchFrame): void {
    const { length: count } = this.#ctx.getWebSockets()
    if (count === 0) return
    this.#untold += sse(frame)
    this.#sendSoon(count)
  }

  #sendSoon(watchers: number): void {
    if (this.#due !== undefined) return
    const wait = this.#sentAt + watchers * PAUSE_PER_WATCHER_MS - Date.now()
    if (wait <= 0) this.#send()
    else this.#due = setTimeout(() => this.#send(), wait)
  }

  #send(): void {
    clearTimeout(this.#due)
    const run = this.#view?.()
    const text = this.#untold + (run ? sse({ run }) : '')
    this.#due = this.#view = undefined
    this.#untold = ''
    if (text === '') return
    this.#sentAt = Date.now()
    for (const socket of this.#ctx.getWebSockets()) {
      try {
        socket.send(text)
      } catch {
        // It is closing: who comes back says what was seen last.
      }
    }
  }
}

/** A Server-Sent Event, made here once for all who watch: those who pass it on only copy it. */
function sse(frame: WatchFrame): string {
  return 'run' in frame
    ? `event: run\ndata: ${JSON.stringify(frame.run)}\n\n`
    : `event: ${frame.event.type}\nid: ${frame.id}\ndata: ${JSON.stringify(frame.event)}\n\n`
}
