import { headerText } from './header-text.ts'
import { Connection, type CallOptions, type ClientOptions } from './connection.ts'

/** For requests that start a run. */
export interface StartCallOptions extends CallOptions {
  /**
   * The same key starts one run, however often it is sent: so it may be sent again when no answer came.
   * Any text of up to 200 characters: what is not ASCII is encoded on its way.
   */
  idempotencyKey?: string | undefined
}

/** How a client asks one Worker: what `Client` is made of, and a subclass with methods for routes of its own. */
export class Requests {
  readonly #connection: Connection

  /** `url`: where the Worker is; empty for the origin of the page that asks. */
  constructor(url = '', options: ClientOptions = {}) {
    this.#connection = new Connection(url, options)
  }

  get url(): string {
    return this.#connection.url
  }

  /** Sends requests; for a subclass with methods for routes of its own, as `get` and `post` are. */
  protected get connection(): Connection {
    return this.#connection
  }

  protected get<T>(target: string, options: CallOptions = {}): Promise<T> {
    return this.#connection.json('GET', target, options)
  }

  protected async post<T>(
    target: string,
    body?: object,
    options: StartCallOptions = {},
  ): Promise<T> {
    const { idempotencyKey, ...rest } = options
    return this.#connection.json('POST', target, {
      ...rest,
      body,
      ...(idempotencyKey !== undefined && {
        headers: { 'idempotency-key': headerText(idempotencyKey) },
      }),
    })
  }
}

/** A path with each of its parts encoded: ``path`/api/runs/${id}` ``. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  // Half a surrogate pair names nothing; the Worker says so.
  const texts = values.map((value) => encodeURIComponent(String(value).toWellFormed()))
  return String.raw({ raw: parts }, ...texts)
}

/** The query of an address, empty when nothing is asked for. */
export function search(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  if (given.length === 0) return ''
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`
}
