/** A link: its target in angle brackets, then its parameters. */
const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^",;\s]*))?)*)/g
const PARAMETER = /;\s*([^\s=;,"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*)))?/g

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
