import { type Command, Option } from 'commander'
import type { Client, HistoryPage, HistoryQuery } from '../../client/index.ts'
import { EVENT_KINDS, isOfKind, type EventKind } from '../../engine/event-kinds.ts'
import { isEnded } from '../../engine/run.ts'
import { parseEventNumber } from '../args.ts'
import { standingText } from '../text/bar.ts'
import { dayText, eventText, leftOutText, pastText } from '../text/event-text.ts'
import type { Look } from '../text/look.ts'
import { gathered, type Wanted, withLane, withPaging } from './paging.ts'
import { addRunVerb } from './run.ts'
import { inert } from '../text/inert.ts'
import { complain, say } from '../output.ts'

const LIMIT = 200

/** The verb that tells what happens to a run. */
export function addEventsVerb(program: Command): void {
  const verb = addRunVerb(
    program,
    'events',
    'say what happens to a run until it has ended; with --json or --lane what has happened so far',
    async (id, { client, json, look, print }, wanted) => {
      const { after, only, lane } = wanted
      const query = { ...(after !== undefined && { after }), ...(only && { only }) }
      const past = await soFar(client, id, wanted, query)
      if (json) print({ run: (await client.run(id)).id, ...past }, '')
      else await tell(client, id, past, { after, only, look, live: lane === undefined })
    },
  )
    .option('--after <n>', 'only what came after the event of this number', parseEventNumber)
    .addOption(new Option('--only <kind>', 'only events of this kind').choices(EVENT_KINDS))
  withLane(withPaging(verb, LIMIT))
}

/** The events that are kept, the oldest first. */
async function soFar(
  client: Client,
  id: string,
  wanted: Wanted,
  query: HistoryQuery,
): Promise<HistoryPage> {
  const page = await gathered('events', wanted, (one) => client.history(id, { ...query, ...one }))
  return { ...page, events: page.events.toReversed() }
}

interface Telling {
  after: number | undefined
  only: EventKind | undefined
  look: Look
  /** Goes on with what happens until the run has ended. */
  live: boolean
}

async function tell(
  client: Client,
  id: string,
  past: HistoryPage,
  { after = 0, only = 'all', look, live }: Telling,
): Promise<void> {
  let day = ''
  const sayEvent = (number: number, event: HistoryPage['events'][number]['event']) => {
    if (dayText(event) !== day) say(dayText(event))
    day = dayText(event)
    say(eventText(number, event, look))
  }
  for (const line of [...pastText(past), ...past.leftOut.map((one) => leftOutText(one, look))])
    say(line)
  for (const { id: number, event } of past.events) sayEvent(number, event)
  if (!live) return
  const last = past.events.at(-1)?.id ?? after
  for await (const news of client.events(id, { after: last })) {
    if (news.kind === 'event' && isOfKind(news.event, only)) sayEvent(news.id, news.event)
    if (news.kind === 'lost') complain('No answer; waiting for the Worker to come back.')
    if (news.kind === 'run' && isEnded(news.run.status)) {
      say(`Run ${news.run.id} ${standingText(inert(news.run))}.`)
      return
    }
  }
}
