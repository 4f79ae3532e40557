import { cutText } from '../engine/cut-text.ts'
import type { ErrorCode } from '../engine/errors.ts'
import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { log } from '../engine/log.ts'

/** An error as RFC 9457 wants it; `code` is stable. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
}

/** The codes of what the API itself refuses. */
type ApiCode =
  | 'invalid_json'
  | 'invalid_request'
  | 'invalid_query'
  | 'unauthenticated'
  | 'access_unconfigured'
  | 'access_misconfigured'
  | 'access_keys_unreachable'
  | 'forbidden'
  | 'cross_site'
  | 'not_found'
  | 'ambiguous_run'
  | 'unknown_alert'
  | 'unknown_error_group'
  | 'ambiguous_error_group'
  | 'error_group_resolved'
  | 'unknown_schedule'
  | 'unknown_delivery'
  | 'unknown_endpoint'
  | 'webhooks_misconfigured'
  | 'body_too_large'
  | 'rate_limited'
  | 'too_many_streams'
  | 'object_outdated'
  | 'audit_unavailable'
  | 'internal'

/** No request is the cause of it: it is what a run fails with, or a mistake of the Worker's. */
const UNFORESEEN = null

const PROBLEMS = {
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
  unknown_error_group: [404, 'Unknown group of errors'],
  unknown_schedule: [404, 'Unknown schedule'],
  unknown_delivery: [404, 'Unknown delivery'],
  unknown_endpoint: [404, 'Unknown endpoint'],
  ambiguous_run: [409, 'Several runs'],
  ambiguous_error_group: [409, 'Several groups of errors'],
  error_group_resolved: [409, 'No run is failed with it'],
  idempotency_conflict: [409, 'Idempotency key in use'],
  invalid_transition: [409, 'Not possible in this status'],
  not_forkable: [409, 'Not forkable'],
  no_item_to_pass_over: [409, 'No item to pass over'],
  other_item: [409, 'Stopped at another item'],
  webhooks_misconfigured: [409, 'Webhooks are misconfigured'],
  body_too_large: [413, 'Body too large'],
  invalid_params: [422, 'Invalid params'],
  invalid_options: [422, 'Invalid options'],
  rate_limited: [429, 'Too many requests'],
  too_many_streams: [429, 'Too many streams'],
  access_misconfigured: [500, 'Access is misconfigured'],
  audit_unavailable: [503, 'No audit trail'],
  object_outdated: [503, "The run's object runs older code"],
  access_keys_unreachable: [503, 'No keys to check by'],
  invalid_job: [500, 'Malformed job'],
  schema_outdated: [503, 'Tables are outdated'],
  schema_too_new: [503, 'Tables are newer than this code'],
  schema_strange: [503, 'Tables are of no version'],
  schema_failed: [503, 'Tables could not be upgraded'],
  internal: [500, 'Internal error'],
  invalid_schedule: UNFORESEEN,
  invalid_cursor: UNFORESEEN,
  unadvanceable_cursor: UNFORESEEN,
  invalid_step: UNFORESEEN,
  step_mismatch: UNFORESEEN,
  step_not_awaited: UNFORESEEN,
  checkpoint_not_awaited: UNFORESEEN,
  invalid_result: UNFORESEEN,
  invalid_attribute: UNFORESEEN,
  invalid_effect: UNFORESEEN,
  effect_too_large: UNFORESEEN,
  too_many_statements: UNFORESEEN,
  effect_outside_step: UNFORESEEN,
  invalid_enumerator: UNFORESEEN,
  invalid_record: UNFORESEEN,
  item_gone: UNFORESEEN,
  page_failed: UNFORESEEN,
  run_released: UNFORESEEN,
  attempts_exhausted: UNFORESEEN,
  resumptions_exhausted: UNFORESEEN,
  errors_exhausted: UNFORESEEN,
  skips_exhausted: UNFORESEEN,
  state_lost: UNFORESEEN,
  missing_binding: UNFORESEEN,
} as const satisfies Record<
  ApiCode | ErrorCode,
  readonly [status: ContentfulStatusCode, title: string] | typeof UNFORESEEN
>

type Problems = typeof PROBLEMS

/** A code that a problem document of the API may have. */
export type ProblemCode = {
  [Code in keyof Problems]: Problems[Code] extends null ? never : Code
}[keyof Problems]

function isProblemCode(code: unknown): code is ProblemCode {
  return (
    typeof code === 'string' &&
    Object.hasOwn(PROBLEMS, code) &&
    PROBLEMS[code as keyof Problems] !== UNFORESEEN
  )
}

/** Problems of routes that are added to the API: status and title by code. */
export type AddedProblems = Readonly<
  Record<string, readonly [status: ContentfulStatusCode, title: string]>
>

/** Every code that a problem document of the API may have. */
export const PROBLEM_CODES: readonly string[] = Object.keys(PROBLEMS).filter(isProblemCode)

/** Raised by a route to answer with a problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ProblemCode

  constructor(code: ProblemCode, detail: string) {
    super(detail)
    this.code = code
  }
}

/** A detail may quote what somebody has sent. */
const MAX_DETAIL = 4_000

export function problem(c: Context, code: ProblemCode, detail: string): Response {
  return document(c, code, PROBLEMS[code], detail)
}

function document(
  c: Context,
  code: string,
  [status, title]: AddedProblems[string],
  detail: string,
): Response {
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
export function onError(added: AddedProblems = {}): ErrorHandler {
  return (error, c) => {
    const { code } = error as Error & { code?: unknown }
    if (isProblemCode(code)) return problem(c, code, error.message)
    const own = typeof code === 'string' && Object.hasOwn(added, code) ? added[code] : undefined
    return own ? document(c, String(code), own, error.message) : unforeseen(error, c)
  }
}

const unforeseen: ErrorHandler = (error, c) => {
  if (error instanceof HTTPException && error.status < 500) {
    const known =
      error.status === 413
        ? 'body_too_large'
        : error.message.includes('JSON')
          ? 'invalid_json'
          : 'invalid_request'
    return problem(c, known, error.message || 'The request is not valid')
  }
  log.error('request.failed', { path: c.req.path, error, stack: error.stack })
  return problem(c, 'internal', 'Something unforeseen happened; the log has it')
}
