import { Argument, type Command } from 'commander'
import { visible } from '../../engine/plain-text.ts'
import { type Context, contextOf } from '../context.ts'
import { UsageError } from '../errors.ts'
import { examples } from '../help.ts'
import { overviewText, schedulesText } from '../text/overview-text.ts'

/** What can be done with a schedule, and what is printed then. */
const STEERING = {
  async run({ client, print }: Context, name: string): Promise<void> {
    const run = await client.runSchedule(name)
    print(run, `Run ${visible(run.id)} of ${visible(run.job)} is started.`)
  },
  async pause({ client, print }: Context, name: string): Promise<void> {
    const schedule = await client.pauseSchedule(name)
    print(schedule, `Schedule ${visible(schedule.name)} is paused: its ticks start nothing.`)
  },
  async resume({ client, print, look }: Context, name: string): Promise<void> {
    const schedule = await client.resumeSchedule(name)
    print(schedule, schedulesText([schedule], look))
  },
}
type Steered = keyof typeof STEERING

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
    .description('list the jobs that are started by the clock, or steer one')
    .addArgument(
      new Argument('[what]', 'what to do with one of them').choices(Object.keys(STEERING)),
    )
    .argument('[name]', 'the name of the schedule')
    .addHelpText('after', examples('schedules', 'schedules run nightly-orders'))
    .action(async (what: Steered | undefined, name: string | undefined, _options, command) => {
      const context = contextOf(command)
      if (what === undefined) return list(context)
      if (name === undefined) {
        throw new UsageError(
          `Found no name after '${what}'; expected one, like \`schedules ${what} nightly-orders\``,
        )
      }
      await STEERING[what](context, name)
    })
}

async function list({ client, look, print }: Context): Promise<void> {
  const answer = await client.schedules()
  print(answer, schedulesText(answer.schedules, look))
}
