import { exports } from 'cloudflare:workers'

/** One Server-Sent Event. */
export interface SentEvent {
  id?: string
  event: string
  data: Record<string, unknown>
}

/** Watches a run as a browser does; close it. */
export class EventStream {
  readonly #reader: ReadableStreamDefaultReader<string>
  #rest = ''

  private constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader()
  }

  static async open(
    run: string,
    headers: Record<string, string> = {},
    query = '',
  ): Promise<EventStream> {
    const response = await exports.default.fetch(
      new Request(`http://localhost/api/runs/${run}/events${query}`, { headers }),
    )
    if (!response.body || response.headers.get('content-type') !== 'text/event-stream') {
      throw new Error(`no event stream: ${response.status} ${await response.text()}`)
    }
    return new EventStream(response.body)
  }

  /** The events up to the first one that is meant, that one included. */
  async until(isMeant: (event: SentEvent) => boolean): Promise<SentEvent[]> {
    const seen: SentEvent[] = []
    for (;;) {
      for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
        const event = parse(this.#rest.slice(0, end))
        this.#rest = this.#rest.slice(end + 2)
        seen.push(event)
        if (isMeant(event)) return seen
      }
      const { value, done } = await this.#reader.read()
      if (done) throw new Error(`the stream ended after ${JSON.stringify(seen)}`)
      this.#rest += value
    }
  }

  close(): Promise<void> {
    return this.#reader.cancel()
  }
}

function parse(text: string): SentEvent {
  const fields = Object.fromEntries(
    text.split('\n').map((line) => {
      const at = line.indexOf(': ')
      return [line.slice(0, at), line.slice(at + 2)]
    }),
  )
  const { id, event = 'message', data = '{}' } = fields
  return {
    ...(id !== undefined && { id }),
    event,
    data: JSON.parse(data) as Record<string, unknown>,
  }
}
