import { type Command, Option } from 'commander'
import type { RunFilter } from '../../client/index.ts'
import { STATUSES } from '../../engine/run.ts'
import { parseLabel, parseTime } from '../args.ts'

/** Gives a verb the options that say which runs are meant, as the API's filter names them. */
export function withRunFilter(verb: Command): Command {
  return verb
    .addOption(new Option('--status <status>', 'only those in this status').choices(STATUSES))
    .option('--job <job>', 'only those of this job')
    .option('--label <name:value>', 'only those with this label', requireLabel)
    .option('--schedule <name>', 'only those that this schedule has started')
    .option('--error <code>', 'only those that failed with this code (or name) of an error')
    .option('--group <id>', 'only those that are failed in this group of errors')
    .option('--since <time>', 'only those created since: 2026-02-02, or 2h or 3d (ago)', asTime)
    .option('--until <time>', 'only those created before', asTime)
    .option(
      '--search <text>',
      'only those with each word in job, label, error, or at the start of the id',
    )
}

/** The options as the filter that the API takes. */
export function filterOf<Options extends RunFilterOptions>({
  search,
  ...rest
}: Options): Omit<Options, 'search'> & { q?: string } {
  return { ...rest, ...(search !== undefined && { q: search }) }
}

export type RunFilterOptions = Omit<RunFilter, 'q'> & { search?: string }

function requireLabel(text: string): string {
  parseLabel(text)
  return text
}

const asTime = (text: string): string => parseTime(text)
