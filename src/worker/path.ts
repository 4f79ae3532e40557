import { DogearError } from '../engine/errors.ts'

/** What is below the path. Whoever mounts a Dogear may take the path away, so it must not begin like one of these. */
const TAKEN: ReadonlySet<string> = new Set([
  'api',
  'health',
  'metrics',
  'doctor',
  'openapi.json',
  'assets',
  'icon.svg',
  'runs',
  'start',
  'alerts',
  'audit',
])

/** The path below which a Dogear answers, without a slash at its end: '' for all of the Worker. */
export class BasePath {
  readonly base: string

  /** Throws `invalid_options` for a path that no request could have. */
  constructor(path: string) {
    if (!/^\/(?:[\w.~-]+(?:\/[\w.~-]+)*\/?)?$/.test(path)) {
      throw new DogearError(
        'invalid_options',
        `createDogear got the path '${path}'; expected one like '/dogear', or '/' for all of the Worker`,
      )
    }
    const [, first = ''] = path.split('/')
    if (TAKEN.has(first)) {
      throw new DogearError(
        'invalid_options',
        `createDogear got the path '${path}', and has a '/${first}' of its own below its path; expected another one, like '/dogear'`,
      )
    }
    this.base = path.replace(/\/$/, '')
  }

  owns(request: Request): boolean {
    return this.#isBelow(new URL(request.url).pathname)
  }

  /** The request as if it were for the root. Whoever has mounted this may have taken the path away before. */
  inner(request: Request): Request {
    const url = new URL(request.url)
    if (this.base === '' || !this.#isBelow(url.pathname)) return request
    url.pathname = url.pathname.slice(this.base.length) || '/'
    return new Request(url, request)
  }

  /** The request as browsers send it. */
  outer(request: Request): Request {
    const url = new URL(request.url)
    if (this.#isBelow(url.pathname)) return request
    url.pathname = this.base + url.pathname
    return new Request(url, request)
  }

  #isBelow(pathname: string): boolean {
    return pathname === this.base || pathname.startsWith(`${this.base}/`)
  }
}
