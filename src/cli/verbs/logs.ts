import { type Command, Option } from 'commander'
import type { Client, LogLine } from '../../client/index.ts'
import { LOG_LEVELS, type LogLevel } from '../../engine/log-level.ts'
import { isEnded } from '../../engine/run.ts'
import { standingText } from '../text/bar.ts'
import { inert } from '../text/inert.ts'
import { lineText, linesText } from '../text/log-text.ts'
import type { Look } from '../text/look.ts'
import { complain, say } from '../output.ts'
import { UsageError } from '../errors.ts'
import { gathered, withLane, withPaging } from './paging.ts'
import { addRunVerb } from './run.ts'

const LIMIT = 200
const NOT_FOLLOWED = 'one lane cannot be followed; expected --lane without --follow'
/** No event has such a number: the job's own lines alone are asked for. */
const NO_EVENTS = Number.MAX_SAFE_INTEGER

/** The verb that shows what a run's own code has written: `run.log`. */
export function addLogsVerb(program: Command): void {
  const verb = addRunVerb(
    program,
    'logs',
    "show the lines that a run's job has written by run.log",
    async (id, { client, json, look, print }, wanted) => {
      const { level, lane, follow = false } = wanted
      if (follow && lane !== undefined) throw new UsageError(NOT_FOLLOWED)
      const page = await gathered('lines', wanted, (one) =>
        client.logs(id, { ...one, ...(level && { level }) }),
      )
      const past = { ...page, lines: page.lines.toReversed() }
      print(past, linesText(past, look))
      if (follow && !json) await tail(client, id, past.lines.at(-1)?.id ?? 0, { level, look })
    },
  )
    .option('-f, --follow', 'go on with what is written until the run has ended')
    .addOption(
      new Option('--level <level>', 'that level, and what matters more').choices(LOG_LEVELS),
    )
  withLane(withPaging(verb, LIMIT))
}

async function tail(
  client: Client,
  id: string,
  after: number,
  { level = 'info', look }: { level: LogLevel | undefined; look: Look },
): Promise<void> {
  const least = LOG_LEVELS.indexOf(level)
  const isShown = (line: LogLine) => LOG_LEVELS.indexOf(line.level) >= least
  for await (const news of client.events(id, { after: NO_EVENTS, logs: after })) {
    if (news.kind === 'line' && isShown(news.line)) say(lineText(news.line, look))
    if (news.kind === 'lost') complain('No answer; waiting for the Worker to come back.')
    if (news.kind === 'run' && isEnded(news.run.status)) {
      say(`Run ${news.run.id} ${standingText(inert(news.run))}.`)
      return
    }
  }
}
