import type { Command } from 'commander'
import { isEnded } from '../../engine/run.ts'
import { followStarted } from '../follow-started.ts'
import { skipsText } from '../text/render.ts'
import { runText } from '../text/run-text.ts'
import { gathered, moreText, withPaging } from './paging.ts'
import { addRunVerb } from './run.ts'
import { atRest, requireCompleted } from './runs.ts'

/** The verbs on items that a run has passed over: skips, redrive. */
export function addSkipVerbs(program: Command): void {
  const verb = addRunVerb(
    program,
    'skips',
    'list the items that a run has recorded as failed and passed over',
    async (id, { client, look, print }, wanted) => {
      const page = await gathered('skips', wanted, (one) => client.skips(id, one))
      print(page, skipsText(page.skips, look) + moreText(page))
    },
  )
  withPaging(verb, 100)

  addRunVerb(
    program,
    'redrive',
    'start a run of just the skipped items; the same one when asked twice',
    async (id, context, { wait }) => {
      const { client, paint, print } = context
      let run = await client.redrive(id)
      if (wait) run = await followStarted(run, context, atRest)
      print(run, runText(run, paint))
      if (wait && isEnded(run.status)) requireCompleted(run)
    },
  ).option('--wait', 'wait until the new run ends; exit 1 if it ends uncompleted')
}
