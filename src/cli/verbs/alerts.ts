import type { Command } from 'commander'
import { alertsText, webhooksText } from '../text/alerts-text.ts'
import { contextOf } from '../context.ts'
import { examples } from '../help.ts'
import { printed, type WatchOption, withWatch } from '../watch.ts'
import { gathered, moreText, withLimit } from './paging.ts'

interface PageOptions {
  run?: string
  limit: number
  cursor?: string
}

type AlertOptions = PageOptions & WatchOption & { all?: boolean }

/** The verbs on what reaches people: alerts, webhooks. */
export function addAlertVerbs(program: Command): void {
  withWatch(withPage(program.command('alerts')))
    .description('list what people should look at, the newest first')
    .option('--all', 'also those that are cleared')
    .addHelpText('after', examples('alerts', 'alerts --run last --all'))
    .action(async ({ run, all, watch, ...page }: AlertOptions, command) => {
      const context = contextOf(command)
      const { client, look, wholeRunId } = context
      const filter = {
        ...(run !== undefined && { run: await wholeRunId(run) }),
        ...(!all && { open: true }),
      }
      await printed(context, { watch }, async () => {
        const answer = await gathered('alerts', page, (one) => client.alerts({ ...one, ...filter }))
        return [answer, alertsText(answer.alerts, look) + moreText(answer)]
      })
    })

  withPage(program.command('webhooks'))
    .description('list who is notified of runs, and of what, the newest first')
    .addHelpText('after', examples('webhooks', 'webhooks --run last'))
    .action(async ({ run, ...page }: PageOptions, command) => {
      const { client, look, print, wholeRunId } = contextOf(command)
      const filter = run === undefined ? {} : { run: await wholeRunId(run) }
      const answer = await gathered('deliveries', page, (one) =>
        client.webhooks({ ...one, ...filter }),
      )
      print(answer, webhooksText(answer, look) + moreText(answer))
    })
}

function withPage(verb: Command): Command {
  const ofRun = verb.option(
    '--run <run>',
    'of this run only: its id or 6 characters of it, or `last`',
  )
  return withLimit(ofRun, 20)
}
