import { ApiError, type ProblemDocument } from './api-error.ts'
import { retryAfterMs } from '../engine/retry-after.ts'
import { notSent, requireSendable } from './header-text.ts'

export interface ClientOptions {
  /** Sent as bearer token. A page needs none: the browser sends its session. */
  token?: string | undefined
  /** Sends a request. @default the global fetch */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** The longest that a read may take. Writes may take their time: a run that is waited for does. @default 30 s */
  readWithinMs?: number
}

/** The options that each method takes last. */
export interface CallOptions {
  /** Ends this request; what is thrown then is the signal's own reason. */
  signal?: AbortSignal | undefined
}

export interface Call extends CallOptions {
  headers?: Record<string, string>
  /** Sent as JSON, or as it is when `contentType` says what it is. */
  body?: unknown
  contentType?: string
}

/** Sends requests to one Worker, and makes an `ApiError` of whatever is no success. */
export class Connection {
  /** Without a slash at its end; empty for the page's own origin. */
  readonly url: string
  readonly #options: ClientOptions

  constructor(url: string, options: ClientOptions) {
    this.url = url.replace(/\/+$/, '')
    this.#options = options
  }

  /** The answer's JSON. */
  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const text = await this.text(method, path, call)
    const document = parse(text)
    if (document === undefined) {
      throw new ApiError('invalid_answer', 200, `${this.#named(method, path)} did not answer JSON`)
    }
    return document as T
  }

  async text(method: string, path: string, call: Call = {}): Promise<string> {
    const { readWithinMs = 30_000 } = this.#options
    // Who polls must not hang because one poll does.
    const limit = method === 'GET' ? [AbortSignal.timeout(readWithinMs)] : []
    const response = await this.open(method, path, call, limit)
    try {
      return await response.text()
    } catch (error) {
      throw this.noAnswer(error, call)
    }
  }

  /** The answer with its body unread. Throws an `ApiError` for one that is no success. */
  async open(
    method: string,
    path: string,
    call: Call,
    signals: readonly AbortSignal[] = [],
  ): Promise<Response> {
    const { fetch: send = (url, init) => fetch(url, init), token } = this.#options
    const given = [call.signal, ...signals].filter((one) => one !== undefined)
    if (token !== undefined) requireSendable(token)
    // Before it is sent: what cannot be written down is nothing that nobody answers.
    const body = call.body === undefined ? undefined : encode(call)
    let response: Response
    try {
      response = await send(this.url + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(call.body !== undefined && {
            'content-type': call.contentType ?? 'application/json',
          }),
          ...call.headers,
        },
        ...(body !== undefined && { body }),
        ...(given.length > 0 && { signal: AbortSignal.any(given) }),
      })
    } catch (error) {
      throw this.noAnswer(error, call)
    }
    if (response.ok) return response
    const { status } = response
    const problem = problemFrom(await response.text().catch(() => ''))
    const detail = problem?.detail ?? `${this.#named(method, path)} answered ${status}`
    throw new ApiError(problem?.code ?? `http_${status}`, status, detail, {
      problem,
      retryAfterMs: retryAfterMs(response),
    })
  }

  #named(method: string, path: string): string {
    return `${method} ${path} at ${this.url || 'this address'}`
  }

  /** The error of a call without an answer: the caller did not want it any more, or nobody gave it. */
  noAnswer(cause: unknown, { signal }: CallOptions): unknown {
    if (signal?.aborted) return signal.reason
    return new ApiError('unreachable', 0, `No answer from ${this.url || 'the Worker'}`, { cause })
  }
}

function encode({ body, contentType }: Call): BodyInit {
  if (contentType !== undefined) return body as BodyInit
  try {
    return JSON.stringify(body)
  } catch (error) {
    throw notSent(
      `the body is no JSON (${error instanceof Error ? error.message : String(error)})`,
      error,
    )
  }
}

function problemFrom(text: string): ProblemDocument | undefined {
  const document = parse(text)
  const isProblem = typeof document === 'object' && document !== null && 'code' in document
  return isProblem ? (document as ProblemDocument) : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
