import type { Client, Run, RunFilter } from '../../client/index.ts'
import type { Command } from '../../engine/run.ts'
import { inert } from '../text/inert.ts'
import { idText, type Look } from '../text/look.ts'

/** To count more would take a request for each hundred of them. */
const COUNTED = 1_000
const NAMED = 5

/** The runs that a filter finds just now. */
export interface SteeredRuns {
  count: number
  /** There are more than were counted. */
  more: boolean
  /** The first of them. */
  runs: Pick<Run, 'id' | 'job' | 'status'>[]
}

export async function steeredRuns(client: Client, filter: RunFilter): Promise<SteeredRuns> {
  const runs: SteeredRuns['runs'] = []
  let count = 0
  for await (const { id, job, status } of client.eachRun({ ...filter, limit: 100 })) {
    // Those that steer are passed over by the one that steers.
    if (job === 'steer-runs') continue
    if (count === COUNTED) return { count, more: true, runs }
    count += 1
    if (runs.length < NAMED) runs.push({ id, job, status })
  }
  return { count, more: false, runs }
}

/** `201 runs`, `more than 1000 runs`. */
export function countOf({ count, more }: SteeredRuns): string {
  return `${more ? 'more than ' : ''}${count} run${count === 1 ? '' : 's'}`
}

/** What `--dry-run` says. */
export function dryRunText(what: Command, found: SteeredRuns, look: Look): string {
  const rest = found.count - found.runs.length
  return [
    `Would ${what} ${countOf(found)}; nothing was done.`,
    ...inert(found.runs).map(({ id, job, status }) => `  ${idText(id, look)}  ${job}, ${status}`),
    ...(rest > 0 ? [`  … and ${found.more ? 'more than ' : ''}${rest} more`] : []),
  ].join('\n')
}
