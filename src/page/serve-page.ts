import { FILES, HEADERS, type PageFile } from './files.js'

/** Where the API answers, whoever asks. */
const API = /^\/(api(\/|$)|health$|metrics$|doctor$|openapi\.json$)/

/** Their names hold a digest of what is in them. */
const NEVER_CHANGE = '/assets/'

/**
 * The page's answer to a request: one of its files, or the document for a browser that opens a view.
 * Undefined for what is not the page's: another method, a path that is not below `base`, the API's paths,
 * a file that is not there, and any other path when what is wanted is not HTML (so a mistyped path of the
 * API gets the API's own 404).
 *
 * `base`: the path that the page is mounted under, as URLs have it: `/dogear`; empty for the origin's root.
 */
export function servePage(request: Request, base: string): Response | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
  const path = pathWithin(base, new URL(request.url).pathname)
  if (path === undefined || API.test(path)) return undefined
  const file = FILES.get(path)
  if (file && path !== DOCUMENT) {
    const cached = path.startsWith(NEVER_CHANGE)
      ? 'public, max-age=31536000, immutable'
      : 'no-cache'
    return answer(request, file, { 'Cache-Control': cached })
  }
  const wantsHtml = request.headers.get('accept')?.includes('text/html') ?? false
  if (path !== '/' && !wantsHtml) return undefined
  return answer(request, documentFor(base), { 'Cache-Control': 'no-cache', Vary: 'Accept' })
}

const DOCUMENT = '/index.html'

function pathWithin(base: string, path: string): string | undefined {
  if (path === base) return '/'
  return path.startsWith(`${base}/`) ? path.slice(base.length) : undefined
}

/** The document, with the path that it is mounted under written in. */
function documentFor(base: string): PageFile {
  const file = FILES.get(DOCUMENT)
  if (!file) throw new Error('The page is not built: npm run build')
  const { type, etag, text = '' } = file
  return {
    type,
    etag: `${etag}${encodeURI(base)}`,
    text: text.replaceAll('{base}', () => escaped(base)),
  }
}

/** As text and in a quoted attribute. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

function answer(request: Request, file: PageFile, more: Record<string, string>): Response {
  const etag = `"${file.etag}"`
  const headers = { ...HEADERS, ...more, ETag: etag }
  if (knows(request.headers.get('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers })
  }
  const body = request.method === 'HEAD' ? null : bodyOf(file)
  return new Response(body, { headers: { ...headers, 'Content-Type': file.type } })
}

function bodyOf({ text, deflated = '' }: PageFile): BodyInit {
  if (text !== undefined) return text
  const bytes = Uint8Array.from(atob(deflated), (char) => char.charCodeAt(0))
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
}

/** Whether it is among the entity tags of an `If-None-Match`, which caches compare weakly. */
function knows(known: string | null, etag: string): boolean {
  const tags = (known ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}
