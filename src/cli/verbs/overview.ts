import { Argument, type Command } from 'commander'
import { visible } from '../../engine/plain-text.ts'
import { type Context, contextOf } from '../context.ts'
import { UsageError } from '../errors.ts'
import { examples } from '../help.ts'
import { printed, type WatchOption, withWatch } from '../watch.ts'
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
  withWatch(program.command('overview'))
    .description('show how all runs are doing, and which need a look')
    .addHelpText('after', examples('overview', 'overview --watch', 'overview --json'))
    .action(async (options: WatchOption, command) => {
      const context = contextOf(command)
      await printed(context, options, async () => {
        const overview = await context.client.overview()
        return [overview, overviewText(overview, context.look)]
      })
    })

  withWatch(program.command('schedules'))
    .description('list the jobs that are started by the clock, or steer one')
    .addArgument(
      new Argument('[what]', 'what to do with one of them').choices(Object.keys(STEERING)),
    )
    .argument('[name]', 'the name of the schedule')
    .addHelpText('after', examples('schedules', 'schedules run nightly-orders'))
    .action(
      async (
        what: Steered | undefined,
        name: string | undefined,
        options: WatchOption,
        command,
      ) => {
        const context = contextOf(command)
        if (what === undefined) return list(context, options)
        if (name === undefined) {
          throw new UsageError(
            `Found no name after '${what}'; expected one, like \`schedules ${what} nightly-orders\``,
          )
        }
        await STEERING[what](context, name)
      },
    )
}

async function list(context: Context, options: WatchOption): Promise<void> {
  await printed(context, options, async () => {
    const answer = await context.client.schedules()
    return [answer, schedulesText(answer.schedules, context.look)]
  })
}
