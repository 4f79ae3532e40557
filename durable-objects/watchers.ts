import type { WatchFrame } from '../src/engine/events.ts'
import type { RunView } from '../src/engine/run.ts'

/**
 * To show a run to one more watcher takes a quarter of a millisecond in a local Worker, streams included.
 * So all of them together take a fortieth of the time, however many there are.
 */
const PAUSE_PER_WATCHER_MS = 10

/**
 * Those who watch a run live, by WebSockets that hibernate: while nothing happens, the object need not
 * be in memory.
 */
export class Watchers {
  readonly #ctx: DurableObjectState
  #shownAt = 0
  #due: ReturnType<typeof setTimeout> | undefined

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx
  }

  /** Accepts a watcher, who is first sent `frames`. */
  accept(frames: readonly WatchFrame[]): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server)
    for (const frame of frames) server.send(sse(frame))
    return new Response(null, { status: 101, webSocket: client })
  }

  /**
   * Shows the run as it is: news at once, mere progress as often as so many watchers allow, the latest
   * always in the end.
   */
  show(view: () => RunView | null, isNews: boolean): void {
    const { length: count } = this.#ctx.getWebSockets()
    if (count === 0 || (this.#due !== undefined && !isNews)) return
    const wait = this.#shownAt + count * PAUSE_PER_WATCHER_MS - Date.now()
    clearTimeout(this.#due)
    if (isNews || wait <= 0) this.#show(view)
    else this.#due = setTimeout(() => this.#show(view), wait)
  }

  #show(view: () => RunView | null): void {
    this.#due = undefined
    this.#shownAt = Date.now()
    const run = view()
    if (run) this.tell({ run })
  }

  tell(frame: WatchFrame): void {
    const sockets = this.#ctx.getWebSockets()
    if (sockets.length === 0) return
    const text = sse(frame)
    for (const socket of sockets) {
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
