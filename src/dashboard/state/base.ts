/** The document, as far as it is read here; there is none in a test without a browser. */
interface Place {
  querySelector(selector: string): { content?: string } | null
}

/**
 * The path below which the page and the API are: `/dogear`; empty at the root of an origin. The document
 * says it, since one and the same page is built for all Workers.
 */
export const base = baseOf((globalThis as { document?: Place }).document)

function baseOf(document: Place | undefined): string {
  const said = document?.querySelector('meta[name="dogear-base"]')?.content ?? ''
  return said.replace(/\/+$/, '')
}

/** The address of a view or file of the page: `href('/runs')` is `/dogear/runs`. */
export function href(path: string): string {
  return `${base}${path}`
}

/** The path within the page, from its `/` on; undefined for one that is not below the base. */
export function within(path: string): string | undefined {
  if (path === base) return '/'
  return path.startsWith(`${base}/`) ? path.slice(base.length) : undefined
}
