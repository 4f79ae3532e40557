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
}

/** Neither query, fragment nor user and password. */
function withoutSecrets(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null) return url.replace(/[?#].*$/s, '')
  return `${parsed.origin}${parsed.pathname}${parsed.search ? '?…' : ''}`
}
