import type { RunFilter, RunsQuery } from '../state/api.ts'

/** A filter as its form has it and the address says it: what is not chosen is ''. */
export const FIELDS = [
  'q',
  'status',
  'job',
  'label',
  'schedule',
  'error',
  'group',
  'since',
  'until',
  'sort',
] as const
export type FilterForm = Record<(typeof FIELDS)[number], string>

export function filterOf(query: URLSearchParams): FilterForm {
  return Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ''])) as FilterForm
}

/** The chosen parts of it, as the API wants them. Times that have no zone are those of who looks. */
export function chosen(filter: FilterForm): RunsQuery {
  return Object.fromEntries(
    FIELDS.flatMap((name): [string, string][] => {
      const value = filter[name]
      if (value === '') return []
      return [[name, name === 'since' || name === 'until' ? instant(value) : value]]
    }),
  )
}

/** The filter as a bulk command takes it. */
export function bulkFilter(filter: FilterForm): RunFilter {
  return chosen({ ...filter, sort: '' })
}

export function isFiltered({ sort: _sort, ...filter }: FilterForm): boolean {
  return Object.values(filter).some((value) => value !== '')
}

/** The query of a page of the list. */
export function queryOf(filter: FilterForm, cursor?: string): string {
  const entries = FIELDS.filter((name) => filter[name] !== '').map((name) => [name, filter[name]])
  return new URLSearchParams([...entries, ...(cursor ? [['cursor', cursor]] : [])]).toString()
}

const AGO: Record<string, number> = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 }

function instant(value: string): string {
  const ago = AGO[value]
  // Whole minutes: a question that is another with each poll would never show its answer.
  const time =
    ago === undefined ? Date.parse(value) : Math.floor((Date.now() - ago) / 60_000) * 60_000
  return Number.isNaN(time) ? value : new Date(time).toISOString()
}
