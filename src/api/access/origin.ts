import { ProblemError } from '../problem.ts'

/** Where a browser says that a request comes from; other clients say nothing. */
function originOf(request: Request): 'same' | 'cross' | 'unknown' {
  const site = request.headers.get('sec-fetch-site')
  // Only a browser can set it, no page can.
  if (site !== null) return site === 'same-origin' ? 'same' : 'cross'
  const origin = request.headers.get('origin')
  if (origin === null) return 'unknown'
  return origin === new URL(request.url).origin ? 'same' : 'cross'
}

/**
 * What a browser adds by itself (a cookie, what Cloudflare Access makes of one, its place on a developer's
 * machine) it adds to requests of other sites too. Throws `cross_site` for those. Clients that are no
 * browsers do not say where they come from: refused where nobody but a browser should ask.
 */
export function requireOwnPage(request: Request, others: 'allowed' | 'refused'): void {
  const origin = originOf(request)
  if (origin === 'same' || (origin === 'unknown' && others === 'allowed')) return
  throw new ProblemError(
    'cross_site',
    "The request does not come from this Worker's own page; ask from there, or send a bearer token",
  )
}

/**
 * Whether the request was sent to a loopback name. By the name, not the address: a page of another site
 * may have its own name resolve to this machine, and then it is that name that is sent.
 */
export function isLoopback(request: Request): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(request.url).hostname)
}
