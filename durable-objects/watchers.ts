import type { WatchFrame } from '../src/engine/events.ts'

/**
 * Those who watch a run live, by WebSockets that hibernate: while nothing happens, the object need not
 * be in memory.
 */
export class Watchers {
  readonly #ctx: DurableObjectState

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx
  }

  get none(): boolean {
    return this.#ctx.getWebSockets().length === 0
  }

  /** Accepts a watcher, who is first sent `frames`. */
  accept(frames: readonly WatchFrame[]): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server)
    for (const frame of frames) server.send(JSON.stringify(frame))
    return new Response(null, { status: 101, webSocket: client })
  }

  tell(frame: WatchFrame): void {
    const text = JSON.stringify(frame)
    for (const socket of this.#ctx.getWebSockets()) {
      try {
        socket.send(text)
      } catch {
        // It is closing: who comes back says what was seen last.
      }
    }
  }
}
