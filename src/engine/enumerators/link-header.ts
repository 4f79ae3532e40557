/** A link: its target in angle brackets, then its parameters. */
const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^",;\s]*))?)*)/g
const PARAMETER = /;\s*([^\s=;,"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*)))?/g
/** What may stand between links and around them: a list may have empty members (RFC 9110, 5.6.1). */
const BETWEEN = /^[\s,;]*$/

/**
 * The target of the first link with this relation in a Link header (RFC 8288), as it stands there;
 * null when there is none. Of a link's `rel` parameters the first one counts, as the RFC has it.
 */
export function linkTarget(header: string | null, relation: string): string | null {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(LINK)) {
    const rel = [...parameters.matchAll(PARAMETER)].find(
      ([, name]) => name?.toLowerCase() === 'rel',
    )
    const relations = (rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/)
    if (relations.includes(relation)) return target
  }
  return null
}

/** Whether all of a Link header is links: what cannot be read may be the link to the next page. */
export function isLinkHeader(header: string): boolean {
  return BETWEEN.test(header.replaceAll(LINK, ''))
}
