import { ProblemError } from '../problem.ts'

/** The origin of a request, by the word of a browser; other clients say nothing. */
function originOf(request: Request): 'same' | 'cross' | 'unknown' {
  const site = request.headers.get('sec-fetch-site')
  // Only a browser can set it, no page can.
  if (site !== null) return site === 'same-origin' ? 'same' : 'cross'
  const origin = request.headers.get('origin')
  if (origin === null) return 'unknown'
  return origin === new URL(request.url).origin ? 'same' : 'cross'
}

/**
 * Throws `cross_site` for a request of another site: what a browser adds by itself (a cookie, what Cloudflare
 * Access makes of one, its place on a developer's machine) it adds to those, too. Clients that are no
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
 * True for a request that was sent to a loopback name. By the name, not the address: a page of another site
 * may have its own name resolve to this machine, and then it is that name that is sent.
 */
export function isLoopback(request: Request): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(request.url).hostname)
}

/**
 * True for a request from the machine on which the Worker runs: `wrangler dev`. Cloudflare sets the address of
 * whoever asks itself, so that a deployed Worker never sees such a one; and a request that another Worker makes up has none.
 * What a proxy or a tunnel on this machine passes on comes from elsewhere, and says so.
 */
export function isFromHere(request: Request): boolean {
  const address = request.headers.get('cf-connecting-ip') ?? ''
  const passedOn = PASSED_ON.some((name) => request.headers.has(name))
  return isLoopback(request) && ['127.0.0.1', '::1'].includes(address) && !passedOn
}

const PASSED_ON = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'cf-ray']
