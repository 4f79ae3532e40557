import type { Command } from 'commander'
import { contextOf } from '../context.ts'
import { examples } from '../help.ts'
import { overviewText, schedulesText } from '../text/overview-text.ts'

/** The verbs on all runs together: overview, schedules. */
export function addOverviewVerbs(program: Command): void {
  program
    .command('overview')
    .description('show how all runs are doing, and which need a look')
    .addHelpText('after', examples('overview', 'overview --json'))
    .action(async (_options, command) => {
      const { client, look, print } = contextOf(command)
      const overview = await client.overview()
      print(overview, overviewText(overview, look))
    })

  program
    .command('schedules')
    .description('list the jobs that are started by the clock')
    .addHelpText('after', examples('schedules', 'schedules --json'))
    .action(async (_options, command) => {
      const { client, look, print } = contextOf(command)
      const answer = await client.schedules()
      print(answer, schedulesText(answer.schedules, look))
    })
}
