import { type Command as Verb, Option } from 'commander'
import type { Client, RunFilter, RunPage, RunsQuery } from '../../client/index.ts'
import { contextOf } from '../context.ts'
import { examples } from '../help.ts'
import { histogramText } from '../text/histogram-text.ts'
import { runsText } from '../text/runs-text.ts'
import { printed, type WatchOption, withWatch } from '../watch.ts'
import { gathered, moreText, type Wanted, withPaging } from './paging.ts'
import { filterOf, type RunFilterOptions, withRunFilter } from './run-filter.ts'

type ListVerbOptions = RunFilterOptions &
  Pick<RunsQuery, 'sort' | 'ids'> &
  Wanted &
  WatchOption & { histogram?: boolean }

/** As many stretches of time as a screen has lines. */
const BUCKETS = 24

/** `runs`: the list of runs, or when they were created. */
export function addListVerb(program: Verb): void {
  const verb = withRunFilter(
    program.command('runs').aliases(['list', 'ls', 'ps']).description('list runs'),
  )
    .addOption(new Option('--sort <order>', 'which first').choices(['newest', 'oldest']))
    .option('--ids <ids>', 'just these, by their whole ids with commas between')
    .option('--histogram', 'how many of them were created when, instead of the runs')
  withWatch(withPaging(verb, 20))
    .addHelpText(
      'after',
      examples(
        'runs',
        'runs --status failed --since 2h --sort oldest',
        'runs --label campaign:spring',
        'runs --search "import acme"',
        'runs --status running --watch',
        'runs --status failed --all --json',
        'runs --since 24h --histogram',
      ),
    )
    .action(async (options: ListVerbOptions, command) => {
      const { limit, all, cursor, sort, ids, histogram, watch, ...given } = options
      const context = contextOf(command)
      const { client, json, look } = context
      const filter = filterOf(given)
      const wanted = { limit, ...(all && { all }), ...(cursor !== undefined && { cursor }) }
      await printed(context, { watch }, async () => {
        if (histogram) {
          const answer = await client.runHistogram({ ...filter, buckets: BUCKETS })
          return [answer, histogramText(answer, look)]
        }
        const answer = await gathered('runs', wanted, (page) =>
          client.runs({ ...page, ...filter, sort, ids }),
        )
        const rest = json ? '' : await restText(answer, client, filter)
        return [answer, runsText(answer.runs, look) + rest]
      })
    })
}

/** Below a list that goes on, or that nothing was found for. */
async function restText(page: RunPage, client: Client, filter: RunFilter): Promise<string> {
  if (page.nextCursor === null) {
    return page.runs.length === 0 && filter.q !== undefined ? `\n${SEARCHED}` : ''
  }
  const { total, more } = await client.runTotals(filter)
  return `\n${page.runs.length} of ${more ? 'more than ' : ''}${total}.${moreText(page).replace('\n', ' ')}`
}

const SEARCHED =
  '--search looks for each word in jobs, label values, and codes, names and messages of errors, and for ids by 6 characters or more; words of 1 or 2 characters for the beginning of a job.'
