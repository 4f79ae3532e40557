import type { Command } from 'commander'
import { isEnded } from '../../engine/run.ts'
import { parseCount } from '../args.ts'
import { follow } from '../follow.ts'
import { skipsText } from '../text/render.ts'
import { runText } from '../text/run-text.ts'
import { addRunVerb } from './run.ts'
import { atRest, requireCompleted } from './runs.ts'
import { visible } from '../../engine/plain-text.ts'

/** The verbs on items that a run has passed over: skips, redrive. */
export function addSkipVerbs(program: Command): void {
  addRunVerb(
    program,
    'skips',
    'list the items that a run has recorded as failed and passed over',
    async (id, { client, look, print }, { limit, cursor }) => {
      const page = await client.skips(id, {
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
      })
      const more = page.nextCursor === null ? '' : `\nMore: --cursor ${visible(page.nextCursor)}`
      print(page, skipsText(page.skips, look) + more)
    },
  )
    .option('--limit <n>', 'at most this many', parseCount, 100)
    .option('--cursor <cursor>', 'go on where an earlier list ended')

  addRunVerb(
    program,
    'redrive',
    'start a run of just the skipped items; the same one when asked twice',
    async (id, { client, display, paint, print }, { wait }) => {
      let run = await client.redrive(id)
      if (wait) run = await follow(client, run.id, { display: display(), until: atRest })
      print(run, runText(run, paint))
      if (wait && isEnded(run.status)) requireCompleted(run)
    },
  ).option('--wait', 'wait until the new run ends; exit 1 if it ends uncompleted')
}
