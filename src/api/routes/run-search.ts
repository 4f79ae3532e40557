import { ID_START, type RunFilter } from '../../engine/store/d1/run-filter.ts'
import type { Registry } from '../../engine/job/registry.ts'
import { parseLabel } from '../../engine/labels.ts'

/**
 * The filter narrowed to what somebody has typed to find runs by; null when no run can fit both. What a
 * text means is decided by its form and the jobs there are, never by trying: so each search reads one index.
 */
export function searched(
  filter: RunFilter,
  text: string | undefined,
  registry: Registry,
): RunFilter | null {
  const typed = text?.trim() ?? ''
  if (typed === '') return filter
  const id = typed.toLowerCase()
  if (/^[0-9a-f]+$/.test(id) && id.length >= ID_START) return { ...filter, idStart: id }
  const label = parseLabel(typed)
  if (label) return filter.label ? { ...filter, alsoLabel: label } : { ...filter, label }
  const part = registry.get(typed) ? 'job' : 'error'
  if (filter[part] !== undefined && filter[part] !== typed) return null
  return { ...filter, [part]: typed }
}
