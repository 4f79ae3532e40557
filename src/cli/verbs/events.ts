import type { Command } from 'commander'
import type { Client, EngineEvent } from '../../client/index.ts'
import { isEnded } from '../../engine/run.ts'
import { parseEventNumber } from '../args.ts'
import { standingText } from '../text/bar.ts'
import { dayText, eventText } from '../text/event-text.ts'
import type { Look } from '../text/look.ts'
import { addRunVerb } from './run.ts'
import { inert } from '../text/inert.ts'
import { complain, say } from '../output.ts'

/** The verb that tells what happens to a run. */
export function addEventsVerb(program: Command): void {
  addRunVerb(
    program,
    'events',
    'say what happens to a run until it has ended; with --json what has happened so far',
    async (id, { client, json, look, print }, { after = 0 }) => {
      if (json) print(await soFar(client, id, after), '')
      else await tell(client, id, after, look)
    },
  )
    .alias('logs')
    .option('--after <n>', 'only what came after the event of this number', parseEventNumber)
}

async function tell(client: Client, id: string, after: number, look: Look): Promise<void> {
  let day = ''
  for await (const news of client.events(id, { after })) {
    if (news.kind === 'event') {
      if (dayText(news.event) !== day) say(dayText(news.event))
      day = dayText(news.event)
      say(eventText(news.id, news.event, look))
    }
    if (news.kind === 'lost') complain('No answer; waiting for the Worker to come back.')
    if (news.kind === 'run' && isEnded(news.run.status)) {
      say(`Run ${news.run.id} ${standingText(inert(news.run))}.`)
      return
    }
  }
}

async function soFar(client: Client, id: string, after: number) {
  let run = id
  const events: { id: number; event: EngineEvent }[] = []
  for await (const news of client.events(id, { after })) {
    if (news.kind === 'event') events.push({ id: news.id, event: news.event })
    // The run as it is comes after the events that were there when it was asked.
    else if (news.kind === 'run') {
      run = news.run.id
      break
    } else if (news.kind === 'lost') throw news.because
  }
  return { run, events }
}
