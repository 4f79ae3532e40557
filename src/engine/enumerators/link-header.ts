/** A link: its target in angle brackets, then its parameters. */
const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^",;\s]*))?)*)/g
const PARAMETER = /;\s*([^\s=;,"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*)))?/g
/** Characters that may stand between links and around them: a list may have empty members (RFC 9110, 5.6.1). */
const BETWEEN = /^[\s,;]*$/

/**
 * The target of the first link with this relation in a Link header (RFC 8288), as it stands there;
 * null when there is none. Of a link's `rel` parameters the first one counts, as the RFC has it.
 */
export function linkTarget(header: string | null, relation: string): string | null {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(LINK)) {
    if (relationsOf(parameters).includes(relation)) return target
  }
  return null
}

function relationsOf(parameters: string): string[] {
  const rel = [...parameters.matchAll(PARAMETER)].find(([, name]) => name?.toLowerCase() === 'rel')
  return (rel?.[2] ?? rel?.[3] ?? '').trim().toLowerCase().split(/\s+/)
}

/** The name of a relation, or the URL of one that is somebody's own. No quotes of the wrong kind: `rel='next'`. */
const RELATION = /^[a-z][\w.-]*$|^[a-z][a-z\d+.-]*:\S+$/

/**
 * True when all of a Link header is links, each with a relation, which the RFC demands: what cannot be read
 * may be the link to the next page.
 */
export function isLinkHeader(header: string): boolean {
  const links = [...header.matchAll(LINK)]
  const related = links.every(([, , parameters = '']) =>
    relationsOf(parameters).every((relation) => RELATION.test(relation)),
  )
  return related && BETWEEN.test(header.replaceAll(LINK, ''))
}
