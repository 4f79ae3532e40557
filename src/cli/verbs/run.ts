import type { Command as Verb } from 'commander'
import type { EventKind } from '../../engine/event-kinds.ts'
import type { LogLevel } from '../../engine/log-level.ts'
import { type Command, COMMANDS } from '../../engine/run.ts'
import { standingText } from '../text/bar.ts'
import { type Context, contextOf } from '../context.ts'
import { errorAtItem } from '../../engine/errors.ts'
import { CliError } from '../errors.ts'
import { examples } from '../help.ts'
import { checkpointText, slicesText, verificationText } from '../text/render.ts'
import { runText } from '../text/run-text.ts'
import { failedItemWords } from '../../sentences/failed-item.ts'
import { visible } from '../../engine/plain-text.ts'
import { inert } from '../text/inert.ts'
import { gathered, moreText, type Wanted, withLane, withPaging } from './paging.ts'

const STEERING: Record<Command, string> = {
  interrupt: 'end the slice under way at its next checkpoint; the run goes on by itself',
  pause: 'stop a run at its next checkpoint, until `resume`',
  resume: 'let a paused or held run go on from its checkpoint',
  cancel: 'end a run for good at its next checkpoint',
  retry: 'take up a failed or cancelled run again from its checkpoint',
}

/** The examples beside the plain `dogear VERB last`. */
const MORE_EXAMPLES: Partial<Record<string, string>> = {
  show: 'show last --json',
  checkpoint: 'checkpoint last --json',
  verify: 'verify last && echo exactly once',
  interrupt: 'interrupt last --hold',
  resume: 'resume last --now',
  retry: 'retry last --pass-over',
  logs: 'logs last --follow --level warn',
  events: 'events last --only errors --all',
}

/** The verbs on one run: show, slices, checkpoint, verify, those that steer it, and the one that kills. */
export function addRunVerbs(program: Verb): void {
  addReadingVerbs(program)
  for (const name of COMMANDS) addSteeringVerb(program, name)
  addKillVerb(program)
}

function addReadingVerbs(program: Verb): void {
  addRunVerb(program, 'show', 'show all there is to know of a run', async (id, context) => {
    const run = await context.client.run(id)
    context.print(run, runText(run, context.paint))
  })

  const slices = addRunVerb(
    program,
    'slices',
    'list the slices of a run, the oldest first',
    async (id, { client, look, print }, wanted) => {
      const page = await gathered('slices', wanted, (one) => client.slices(id, one))
      const answer = { ...page, slices: page.slices.toSorted((a, b) => a.fence - b.fence) }
      print(answer, slicesText(answer, look) + moreText(answer))
    },
  )
  withLane(withPaging(slices, 200))

  addRunVerb(program, 'checkpoint', 'show where a run would go on', async (id, context) => {
    const checkpoint = await context.client.checkpoint(id)
    context.print(checkpoint, checkpointText(checkpoint))
  })

  addRunVerb(
    program,
    'verify',
    'check that a run did everything exactly once; exit 1 if not',
    async (id, context) => {
      const verification = await context.client.verification(id)
      context.print(verification, verificationText(verification, context.paint))
      if (!verification.ok) process.exitCode = 1
    },
  )
}

function addSteeringVerb(program: Verb, name: Command): void {
  const verb = addRunVerb(program, name, STEERING[name], async (id, context, options) => {
    const { passOver, ...given } = options
    const item = passOver ? await itemToPassOver(id, context) : undefined
    const run = await context.client.command(id, name, {
      ...given,
      ...(item && { passOver: item.place }),
    })
    const shown = inert(run)
    const over = item ? `, and passes over ${inert(failedItemWords(item))}` : ''
    context.print(run, `Run ${shown.id} ${standingText(shown)}${over}.`)
  })
  if (name === 'cancel') verb.alias('stop')
  if (name === 'interrupt') verb.option('--hold', 'stay interrupted until `resume`')
  if (name === 'resume') verb.option('--now', 'also if it waits for a time, as an API asked it to')
  if (name === 'retry')
    verb.option('--pass-over', 'without the item that it failed at, which is recorded as skipped')
}

/** The item that a run has stopped at. The API refuses it when the run stops at another one by then. */
async function itemToPassOver(id: string, { client }: Context) {
  const { error } = await client.run(id)
  const at = errorAtItem(error)?.at
  if (at?.place !== undefined) return { ...at, place: at.place }
  throw new CliError(
    'no_item_to_pass_over',
    `run ${id} has not failed at an item of a walk that could be passed over; see 'dogear show ${id}'`,
  )
}

function addKillVerb(program: Verb): void {
  addRunVerb(
    program,
    'kill',
    'kill the slice that works on a run, as a crash would; the run comes back by itself',
    async (id, context) => {
      const run = await context.client.kill(id)
      const text = `The slice of run ${visible(run.id)} dies; the run comes back once its lease has run out.`
      context.print(run, text)
    },
  )
}

/** What stands for a run. */
export const RUN_MEANING =
  'its id, or 6 or more characters it begins with, or `last` for the newest'

/** The options that some of these verbs take beside the run. */
interface RunVerbOptions extends Wanted {
  hold?: boolean
  now?: boolean
  passOver?: boolean
  groups?: boolean
  group?: string
  csv?: boolean
  jsonl?: boolean
  yes?: boolean
  wait?: boolean
  after?: number
  only?: EventKind
  follow?: boolean
  level?: LogLevel
}

/** A verb on one run, which is given by its id or as `last`. */
export function addRunVerb(
  program: Verb,
  name: string,
  description: string,
  act: (id: string, context: Context, options: RunVerbOptions) => Promise<void>,
): Verb {
  return program
    .command(name)
    .description(description)
    .argument('<run>', RUN_MEANING)
    .addHelpText('after', verbExamples(name))
    .action(async (run: string, options: RunVerbOptions, command) => {
      const context = contextOf(command)
      await act(await context.runId(run), context, options)
    })
}

function verbExamples(name: string): string {
  const more = MORE_EXAMPLES[name]
  return more === undefined ? examples(`${name} last`) : examples(`${name} last`, more)
}
