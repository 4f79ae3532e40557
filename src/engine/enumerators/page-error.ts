import { DogearError } from '../errors.ts'

/** An API did not give a page. Names the URL without its query, which may hold secrets. */
export class PageError extends DogearError {
  override readonly name = 'PageError'
  readonly url: string
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null

  constructor(url: string, status: number | null, problem: string, options?: ErrorOptions) {
    const shown = withoutSecrets(url)
    super('page_failed', `${shown}: ${problem}`, options)
    this.url = shown
    this.status = status
  }

  /**
   * True when the next request may well be answered: there was no answer, one of a server in trouble, or
   * one that is no page. Any other status from 300 to 499 says that the request itself is wrong.
   */
  get passing(): boolean {
    const { status } = this
    return status === null || status < 300 || status >= 500 || PASSING.includes(status)
  }
}

/** Timeout, too early, too many requests. */
const PASSING = [408, 425, 429]

/** Neither query, fragment nor user and password. */
export function withoutSecrets(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null) return url.replace(/[?#].*$/s, '')
  return `${parsed.origin}${parsed.pathname}${parsed.search ? '?…' : ''}`
}
