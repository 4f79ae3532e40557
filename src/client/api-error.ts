/** A problem document (RFC 9457), as far as a client can count on it. */
export interface ProblemDocument {
  type?: string
  title?: string
  status?: number
  detail?: string
  code?: string
}

interface ApiErrorOptions extends ErrorOptions {
  problem?: ProblemDocument | undefined
  retryAfterMs?: number | undefined
}

/**
 * A refusal of the API, or the lack of an answer. `code` is stable: compare it. Besides the API's own
 * codes there are `unreachable` (no answer at all; `status` is 0), `invalid_request` with `status` 0 (what was
 * given cannot be sent, and nothing was), `invalid_answer` (not what the API
 * answers: is something else at this address?) and `http_<status>` (an error that is no problem document,
 * as a proxy gives one).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly status: number

  /** The time for which the API asks to be left alone, where it does. */
  readonly retryAfterMs: number | undefined

  /** The problem document: the API's own, or one made of the rest. */
  readonly problem: ProblemDocument

  constructor(
    code: string,
    status: number,
    detail: string,
    { problem, retryAfterMs, ...options }: ApiErrorOptions = {},
  ) {
    super(detail, options)
    this.code = code
    this.status = status
    this.retryAfterMs = retryAfterMs
    const title = code.replaceAll('_', ' ')
    this.problem = problem ?? { type: 'about:blank', title, detail, code }
  }

  /** The problem in a sentence; the same as `message`. */
  get detail(): string {
    return this.message
  }
}
