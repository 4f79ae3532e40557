import { type Command as Verb, Option } from 'commander'
import { visible } from '../../engine/plain-text.ts'
import { parseDuration, parseTime } from '../args.ts'
import { type Context, contextOf } from '../context.ts'
import { UsageError } from '../errors.ts'
import { followStarted } from '../follow-started.ts'
import { examples } from '../help.ts'
import { complain, say } from '../output.ts'
import { confirmed, isAnswered } from '../question.ts'
import { errorsText, errorText } from '../text/errors-text.ts'
import { runText } from '../text/run-text.ts'
import { countText, timeText } from '../text/text.ts'
import { gathered, moreText, type Wanted, withPaging } from './paging.ts'
import { requireCompleted } from './runs.ts'

const STATES = ['open', 'dismissed', 'muted', 'resolved', 'any'] as const

interface ErrorOptions extends Wanted {
  state: (typeof STATES)[number]
  job?: string
  since?: string
  for?: string
  until?: string
  dryRun?: boolean
  yes?: boolean
  wait: boolean
}

type Act = (context: Context, group: string, options: ErrorOptions) => Promise<void>

/** What can be done with a group, and what is printed then. */
const ACTS: Readonly<Record<string, Act>> = {
  retry: retryGroup,
  async dismiss({ client, print }, id) {
    const group = await client.dismissError(id)
    print(
      group,
      `Group ${visible(group.id)} is ${group.state}${group.state === 'dismissed' ? ', until it occurs again' : ''}.`,
    )
  },
  async mute({ client, print }, id, { for: duration, until }) {
    if ((duration === undefined) === (until === undefined)) {
      throw new UsageError(
        'mute wants to know until when: expected one of --for 8h and --until 2026-02-02T10:00Z',
      )
    }
    const group = await client.muteError(id, duration ?? until ?? '')
    print(group, `Group ${visible(group.id)} is muted until ${timeText(group.mutedUntil ?? '')}.`)
  },
  async unmute({ client, print }, id) {
    const group = await client.unmuteError(id)
    print(group, `Group ${visible(group.id)} is ${group.state}.`)
  },
}

/** `errors`: what runs have failed with, equal errors as one. */
export function addErrorsVerb(program: Verb): void {
  const verb = program
    .command('errors')
    .description(
      'list what runs have failed with, equal errors as one group; show one, or steer it',
    )
    .argument(
      '[what]',
      `a group, to see it; or what to do with one: ${Object.keys(ACTS).join(', ')}`,
    )
    .argument('[group]', 'the id of the group, or 6 or more characters it begins with')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices(STATES).default('open'),
    )
    .option('--job <job>', 'only those of this job')
    .option(
      '--since <time>',
      'only those that occurred since: 2026-02-02, or 2h or 3d (ago)',
      (text) => parseTime(text),
    )
    .option('--for <duration>', 'mute: for so long, like 8h', asDuration)
    .option('--until <time>', 'mute: until then, like 2026-02-02T10:00Z', (text) => parseTime(text))
    .option('--dry-run', 'retry: say how many runs that is, and do nothing')
    .option('--yes', 'retry: do not ask before, as it does on a terminal')
    .option('--no-wait', 'retry: start it and return')
  withPaging(verb, 20)
    .addHelpText(
      'after',
      examples(
        'errors',
        'errors 3f9c01d2',
        'errors retry 3f9c01d2 --dry-run',
        'errors mute 3f9c01d2 --for 8h',
      ),
    )
    .action(
      async (
        what: string | undefined,
        group: string | undefined,
        options: ErrorOptions,
        command,
      ) => {
        const context = contextOf(command)
        if (what === undefined) return list(context, options)
        const act = Object.hasOwn(ACTS, what) ? ACTS[what] : undefined
        if (act === undefined && group !== undefined) {
          throw new UsageError(
            `Found '${visible(what)}' before a group; expected one of ${Object.keys(ACTS).join(', ')}`,
          )
        }
        if (act === undefined) return show(context, what)
        if (group === undefined) {
          throw new UsageError(
            `Found no group after '${what}'; expected one, like \`errors ${what} 3f9c01d2\``,
          )
        }
        await act(context, group, options)
      },
    )
}

async function list(context: Context, options: ErrorOptions): Promise<void> {
  const { client, look, print } = context
  const { state, job, since, limit, all, cursor } = options
  const filter = { ...(state !== 'any' && { state }), job, since }
  const wanted = { limit, ...(all && { all }), ...(cursor !== undefined && { cursor }) }
  const answer = await gathered('groups', wanted, (page) => client.errors({ ...page, ...filter }))
  const { totals } = answer
  const others = STATES.flatMap((one) =>
    one === 'any' || one === state || totals[one] === 0 ? [] : [`${totals[one]} ${one}`],
  )
  const hidden = state === 'any' || others.length === 0 ? '' : `\nNot shown: ${others.join(', ')}`
  print(answer, errorsText(answer.groups, look) + moreText(answer) + hidden)
}

async function show({ client, look, print }: Context, id: string): Promise<void> {
  const group = await client.error(id)
  print(group, errorText(group, look))
}

async function retryGroup(context: Context, id: string, options: ErrorOptions): Promise<void> {
  const { client, json, paint, print } = context
  if (options.dryRun) {
    const would = await client.retryErrorDryRun(id)
    print(would, `Would retry ${countText(would.runs, 'run')}; nothing was done.`)
    return
  }
  if (!options.yes && !json && isAnswered() && !(await agreed(context, id))) return
  const started = await client.retryError(id)
  const run = options.wait ? await followStarted(started, context) : started
  print(run, runText(run, paint))
  if (options.wait) requireCompleted(run)
}

/** Asks, and says so when nothing is done. */
async function agreed({ client }: Context, id: string): Promise<boolean> {
  const { runs } = await client.retryErrorDryRun(id)
  if (runs === 0) say('No run is failed with it now; nothing was done.')
  else if (await confirmed(`retry ${countText(runs, 'run')}?`)) return true
  else {
    complain('Nothing was done.')
    process.exitCode = 1
  }
  return false
}

function asDuration(text: string): string {
  parseDuration(text)
  return text
}
