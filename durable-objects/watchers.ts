import type { WatchFrame } from '../src/engine/events.ts'
import type { RunView } from '../src/engine/run.ts'

/**
 * To send something to one more watcher takes up to half a millisecond in a local Worker, streams included.
 * So all of them together take a thirtieth of the time, however many there are: of
 * two hundred each hears every three seconds what has happened meanwhile.
 */
const PAUSE_PER_WATCHER_MS = 15
/**
 * From one message to the next, for one watcher alone. Most of a message is the run as it is, a kilobyte:
 * sent at each change, that would be 20 KB a second of a run at full speed.
 */
const PAUSE_MS = 200
/** A run in many lanes is long: so much of it a second, and no less often than this. */
const CHARACTERS_PER_MS = 16
const MAX_PAUSE_MS = 3_000
/** More would make each other wait. */
const MAX_WATCHERS = 250
/** One caller's: somebody's tabs, or a team that shares a token. */
const MAX_WATCHERS_OF_ONE = 50
/** Characters of a message: the platform takes up to 32 MiB, and everybody's memory is less. */
const MAX_MESSAGE = 500_000
/** Watchers that get the job's own lines, too. Callers' tags are of two words. */
const LINES = 'lines'

/**
 * Those who watch a run live, by WebSockets that hibernate: while nothing happens, the object need not
 * be in memory.
 */
export class Watchers {
  readonly #ctx: DurableObjectState
  #sentAt = 0
  /** The length of the message of then. */
  #sent = 0
  #due: ReturnType<typeof setTimeout> | undefined
  /** The events since then. Should the object die with it, so do the connections: it is in the log. */
  #untold = ''
  /** The same, and the job's own lines. */
  #untoldLines = ''
  #view: (() => RunView | null) | undefined

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx
  }

  /** Accepts a watcher, who is first sent `frames`; 429 when there are too many. */
  accept(
    frames: Iterable<string>,
    { caller, lines = false }: { caller?: string | undefined; lines?: boolean } = {},
  ): Response {
    const full = this.#ctx.getWebSockets().length >= MAX_WATCHERS
    const enough = caller !== undefined && this.#of(caller).length >= MAX_WATCHERS_OF_ONE
    if (full || enough) return new Response(null, { status: 429 })
    // What the others have not heard yet is among the frames.
    this.#send()
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server, [
      ...(caller === undefined ? [] : [tagOf(caller)]),
      ...(lines ? [LINES] : []),
    ])
    let text = ''
    for (const frame of frames) {
      if (text !== '' && text.length + frame.length > MAX_MESSAGE) {
        server.send(text)
        text = ''
      }
      text += frame
    }
    server.send(text)
    return new Response(null, { status: 101, webSocket: client })
  }

  #of(caller: string): WebSocket[] {
    return this.#ctx.getWebSockets(tagOf(caller))
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
    const text = sse(frame)
    if (this.#untoldLines.length + text.length > MAX_MESSAGE) this.#send()
    if (!('line' in frame)) this.#untold += text
    this.#untoldLines += text
    this.#sendSoon(count)
  }

  #sendSoon(watchers: number): void {
    if (this.#due !== undefined) return
    const long = Math.min(MAX_PAUSE_MS, this.#sent / CHARACTERS_PER_MS)
    const pauseMs = Math.max(PAUSE_MS, long, watchers * PAUSE_PER_WATCHER_MS)
    const wait = this.#sentAt + pauseMs - Date.now()
    if (wait <= 0) this.#send()
    else this.#due = setTimeout(() => this.#send(), wait)
  }

  #send(): void {
    clearTimeout(this.#due)
    const run = this.#view?.()
    const shown = run ? sse({ run }) : ''
    const text = this.#untold + shown
    const withLines = this.#untoldLines + shown
    this.#due = this.#view = undefined
    this.#untold = this.#untoldLines = ''
    if (withLines === '') return
    this.#sentAt = Date.now()
    this.#sent = withLines.length
    for (const socket of this.#ctx.getWebSockets()) {
      const told = this.#ctx.getTags(socket).includes(LINES) ? withLines : text
      try {
        if (told !== '') socket.send(told)
      } catch {
        // It is closing: who comes back says what was seen last.
      }
    }
  }
}

/** The platform takes tags of 256 characters. */
function tagOf(caller: string): string {
  return caller.slice(0, 256)
}

/** A Server-Sent Event, made here once for all who watch: those who pass it on only copy it. */
export function sse(frame: WatchFrame): string {
  if ('run' in frame) return `event: run\ndata: ${JSON.stringify(frame.run)}\n\n`
  // Its number is another list's: the stream goes on after the last event.
  if ('line' in frame) return `event: line\ndata: ${JSON.stringify(frame.line)}\n\n`
  return `event: ${frame.event.type}\nid: ${frame.id}\ndata: ${JSON.stringify(frame.event)}\n\n`
}
