import { cutText } from '../engine/cut-text.ts'
import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { plainJson } from '../engine/plain-text.ts'

/** An error as RFC 9457 wants it; `code` is stable. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
}

const STATUS: Record<string, [status: ContentfulStatusCode, title: string]> = {
  invalid_json: [400, 'Malformed JSON'],
  invalid_request: [400, 'Invalid request'],
  invalid_query: [400, 'Invalid query'],
  unauthenticated: [401, 'Not authenticated'],
  access_unconfigured: [401, 'Access is not configured'],
  forbidden: [403, 'Not allowed'],
  cross_site: [403, 'From another site'],
  not_found: [404, 'Not found'],
  unknown_job: [404, 'Unknown job'],
  unknown_run: [404, 'Unknown run'],
  unknown_alert: [404, 'Unknown alert'],
  unknown_delivery: [404, 'Unknown delivery'],
  unknown_endpoint: [404, 'Unknown endpoint'],
  idempotency_conflict: [409, 'Idempotency key in use'],
  invalid_transition: [409, 'Not possible in this status'],
  not_forkable: [409, 'Not forkable'],
  webhooks_misconfigured: [409, 'Webhooks are misconfigured'],
  body_too_large: [413, 'Body too large'],
  invalid_params: [422, 'Invalid params'],
  invalid_options: [422, 'Invalid options'],
  import_empty: [422, 'Empty import'],
  import_name_wrong: [422, 'Wrong import name'],
  import_unreadable: [422, 'Unreadable file'],
  import_too_large: [413, 'File too large'],
  import_columns_wrong: [422, 'Wrong columns'],
  import_row_broken: [422, 'Broken row'],
  rate_limited: [429, 'Too many requests'],
  too_many_streams: [429, 'Too many streams'],
  access_misconfigured: [500, 'Access is misconfigured'],
  audit_unavailable: [503, 'No audit trail'],
  access_keys_unreachable: [503, 'No keys to check by'],
  invalid_job: [500, 'Malformed job'],
  internal: [500, 'Internal error'],
}

/** Every code that a problem document of the API may have. */
export const PROBLEM_CODES: readonly string[] = Object.keys(STATUS)

/** Raised by a route to answer with a problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: string

  constructor(code: string, detail: string) {
    super(detail)
    this.code = code
  }
}

/** A detail may quote what somebody has sent. */
const MAX_DETAIL = 4_000

export function problem(c: Context, code: string, detail: string): Response {
  const [status, title] = STATUS[code] ?? [500, 'Internal error']
  const told = cutText(detail, MAX_DETAIL, '…')
  const body: Problem = {
    type: `urn:dogear:problem:${code}`,
    title,
    status,
    detail: told,
    code,
  }
  return c.json(body, status, { 'content-type': 'application/problem+json' })
}

export const notFound: NotFoundHandler = (c) =>
  problem(c, 'not_found', `No route ${c.req.method} ${cutText(c.req.path, 200)}`)

/** Every error leaves as a problem document. What we did not foresee is logged, not shown. */
export const onError: ErrorHandler = (error, c) => {
  const { code } = error as Error & { code?: unknown }
  if (typeof code === 'string' && STATUS[code]) return problem(c, code, error.message)
  if (error instanceof HTTPException && error.status < 500) {
    const known =
      error.status === 413
        ? 'body_too_large'
        : error.message.includes('JSON')
          ? 'invalid_json'
          : 'invalid_request'
    return problem(c, known, error.message || 'The request is not valid')
  }
  // eslint-disable-next-line no-console -- the log is where an unforeseen error is to be found
  console.error(
    plainJson({
      event: 'request.failed',
      path: c.req.path,
      error: String(error),
      stack: error.stack,
    }),
  )
  return problem(c, 'internal', 'Something unforeseen happened; the log has it')
}
