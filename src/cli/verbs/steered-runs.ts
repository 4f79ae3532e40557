import type { Client, Run, RunFilter, RunTotals } from '../../client/index.ts'
import { allows, type Command, STATUSES } from '../../engine/run.ts'
import { inert } from '../text/inert.ts'
import { idText, type Look } from '../text/look.ts'
import { countText, shorten } from '../text/text.ts'

const NAMED = 5
const NAMED_ERRORS = 3
const MESSAGE = 60

/** The runs that a filter finds just now. */
export interface SteeredRuns extends Required<Pick<RunTotals, 'statuses' | 'errors'>> {
  count: number
  /** There are more than were counted. */
  more: boolean
  /** The first of them. */
  runs: Pick<Run, 'id' | 'job' | 'status'>[]
}

export async function steeredRuns(client: Client, filter: RunFilter): Promise<SteeredRuns> {
  const [{ total, more, statuses = {}, errors = [] }, { runs }] = await Promise.all([
    client.runTotals({ ...filter, details: true }),
    client.runs({ ...filter, limit: 2 * NAMED }),
  ])
  // Those that steer are passed over by the one that steers.
  const named = runs.filter(({ job }) => job !== 'steer-runs').slice(0, NAMED)
  return {
    count: total,
    more,
    statuses,
    errors,
    runs: named.map(({ id, job, status }) => ({ id, job, status })),
  }
}

/** `201 runs`, `more than 10000 runs`. */
export function countOf({ count, more }: Pick<SteeredRuns, 'count' | 'more'>): string {
  return `${more ? 'more than ' : ''}${countText(count, 'run')}`
}

/** `198 failed (150 page_failed: HTTP 503, 48 TypeError: no total), 3 completed, which do not allow it`. */
export function kindsText(what: Command, { statuses, errors }: SteeredRuns): string {
  const named = errors
    .slice(0, NAMED_ERRORS)
    .map(
      ({ error, message, runs }) =>
        `${runs} ${error}${message ? `: ${shorten(message, MESSAGE)}` : ''}`,
    )
  const reasons = [...named, ...(errors.length > NAMED_ERRORS ? ['others'] : [])].join(', ')
  const kinds = (allowed: boolean) =>
    STATUSES.filter((status) => statuses[status] && allows(status, what) === allowed).map(
      (status) =>
        `${statuses[status]} ${status}${status === 'failed' && reasons !== '' ? ` (${reasons})` : ''}`,
    )
  const refused = kinds(false)
  return [
    ...kinds(true),
    ...(refused.length === 0 ? [] : [`${refused.join(', ')}, which do not allow it`]),
  ].join(', ')
}

/** What `--dry-run` says. */
export function dryRunText(what: Command, given: SteeredRuns, look: Look): string {
  const found = inert(given)
  const rest = found.count - found.runs.length
  return [
    `Would ${what} ${countOf(found)}; nothing was done.`,
    ...(found.count === 0 ? [] : [`  ${kindsText(what, found)}`]),
    ...found.runs.map(({ id, job, status }) => `  ${idText(id, look)}  ${job}, ${status}`),
    ...(rest > 0 ? [`  … and ${found.more ? 'more than ' : ''}${rest} more`] : []),
  ].join('\n')
}
