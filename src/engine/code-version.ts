import { bindingsOf } from './bindings.ts'

/** Of a Worker without `[version_metadata]`. Sorts before every version, so that adding it is a deploy. */
const UNVERSIONED = '#unversioned'

/**
 * The code that is running. Sorts by upload time, so that older code can be told from newer. A Worker that
 * binds no version is always the same code: what it cannot follow at a deploy fails the run, retryable,
 * where it would have waited for the newer code.
 */
export function codeVersion(env: Cloudflare.Env): string {
  const { version } = bindingsOf(env)
  return version ? `${version.timestamp ?? ''}#${version.id ?? ''}` : UNVERSIONED
}
