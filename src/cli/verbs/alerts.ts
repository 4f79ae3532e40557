import type { Command } from 'commander'
import { alertsText, webhooksText } from '../text/alerts-text.ts'
import { parseCount } from '../args.ts'
import { contextOf } from '../context.ts'
import { examples } from '../help.ts'
import { visible } from '../../engine/plain-text.ts'

interface PageOptions {
  run?: string
  limit: number
  cursor?: string
}

/** The verbs on what reaches people: alerts, webhooks. */
export function addAlertVerbs(program: Command): void {
  withPage(program.command('alerts'))
    .description('list what people should look at, the newest first')
    .option('--all', 'also those that are cleared')
    .addHelpText('after', examples('alerts', 'alerts --run last --all'))
    .action(async ({ run, all, ...page }: PageOptions & { all?: boolean }, command) => {
      const { client, look, print, wholeRunId } = contextOf(command)
      const answer = await client.alerts({
        ...page,
        ...(run !== undefined && { run: await wholeRunId(run) }),
        ...(!all && { open: true }),
      })
      print(answer, alertsText(answer.alerts, look) + more(answer))
    })

  withPage(program.command('webhooks'))
    .description('list who is notified of runs, and of what, the newest first')
    .addHelpText('after', examples('webhooks', 'webhooks --run last'))
    .action(async ({ run, ...page }: PageOptions, command) => {
      const { client, look, print, wholeRunId } = contextOf(command)
      const answer = await client.webhooks({
        ...page,
        ...(run !== undefined && { run: await wholeRunId(run) }),
      })
      print(answer, webhooksText(answer, look) + more(answer))
    })
}

function withPage(verb: Command): Command {
  return verb
    .option('--run <run>', 'of this run only: its id or 6 characters of it, or `last`')
    .option('--limit <n>', 'at most this many', parseCount, 20)
    .option('--cursor <cursor>', 'go on where an earlier list ended')
}

function more({ nextCursor }: { nextCursor: string | null }): string {
  return nextCursor === null ? '' : `\nMore: --cursor ${visible(nextCursor)}`
}
