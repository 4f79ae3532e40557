import { BYTE_ORDER_MARK, utf8Text } from './file-text.ts'
import { describeValue, DogearError, ensureError } from '../errors.ts'
import { Throttled } from './enumerator.ts'
import { PageError, withoutSecrets } from './page-error.ts'
import { jsonProblem, JsonProblem, parseExactly, type LargeIntegers } from './json-value.ts'
import { retryAfterMs } from '../retry-after.ts'

/** For one that does not say how long, or not so that it can be read. */
const DEFAULT_WAIT_MS = 60_000

const ACCEPTED = 202
/** There is no page: the walk is at its end. */
export const NO_CONTENT = 204
const FORBIDDEN = 403
const TOO_MANY_REQUESTS = 429
const RETRY_AFTER = 'retry-after'
/** Statuses that ask for a wait when they come with Retry-After: GitHub's limits answer 403, say. */
const WITH_RETRY_AFTER = [FORBIDDEN, TOO_MANY_REQUESTS, 503]

/** One request for a page. Throws `PageError` when there is no answer. */
export async function request(
  name: string,
  url: string,
  fetchPage: (url: string) => Promise<Response>,
): Promise<Response> {
  let response: unknown
  try {
    response = await fetchPage(url)
  } catch (thrown) {
    const cause = ensureError(thrown)
    throw new PageError(url, null, 'no answer to the request', { cause })
  }
  if (isResponse(response)) return response
  throw new DogearError(
    'invalid_enumerator',
    `enumerators.${name} got ${describeValue(response)} from 'fetch'; expected a Response, unread`,
  )
}

/** The stand-still that an API asks for; undefined when it does not. */
export function waitAsked(url: string, response: Response): Throttled | undefined {
  const { status } = response
  const why = `${withoutSecrets(url)} answered ${status}`
  // Not ready yet: asked again, with waits that grow unless it says when.
  if (status === ACCEPTED) return new Throttled(retryAfterMs(response), why)
  if (!WITH_RETRY_AFTER.includes(status)) return undefined
  const waitMs = retryAfterMs(response)
  if (waitMs !== undefined) return new Throttled(waitMs, why)
  // One that cannot be read asks for a wait, too; a server in trouble may as well be asked again.
  const asks =
    status === TOO_MANY_REQUESTS || (status === FORBIDDEN && response.headers.has(RETRY_AFTER))
  return asks ? new Throttled(DEFAULT_WAIT_MS, why) : undefined
}

/**
 * The JSON of a page. Throws `PageError` for what is no success or no JSON, and for null;
 * `invalid_enumerator` for a number that would lose digits.
 */
export async function bodyOf<Body>(
  url: string,
  response: Response,
  largeIntegers: LargeIntegers,
): Promise<Body> {
  const { status } = response
  if (!response.ok) {
    await response.body?.cancel()
    throw new PageError(url, status, `answered ${status}; expected a page`)
  }
  let body: Body | null
  try {
    const text = utf8Text(new Uint8Array(await response.arrayBuffer()))
    // Read leniently, as `json()` does, another encoding comes out with marks for what was lost.
    if (text === undefined) throw new PageError(url, status, 'the answer is not UTF-8')
    const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
    body = parseExactly(json, largeIntegers) as Body | null
  } catch (cause) {
    if (cause instanceof PageError) throw cause
    if (!(cause instanceof JsonProblem))
      throw new PageError(url, status, 'the answer broke off', { cause })
    if (cause.cause !== undefined)
      throw new PageError(url, status, 'the answer is not JSON', { cause: cause.cause })
    // Asked for again it would say the same.
    throw new DogearError('invalid_enumerator', `${withoutSecrets(url)}: ${jsonProblem(cause)}`)
  }
  if (body === null) throw new PageError(url, status, 'the answer is null; expected a page')
  return body
}

function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && 'status' in value && 'headers' in value
}
