import type { Command } from 'commander'
import type { Client, EngineEvent } from '../../client/index.ts'
import type { RunError } from '../../engine/errors.ts'
import { isEnded } from '../../engine/run.ts'
import { parseEventNumber } from '../args.ts'
import { standingText } from '../text/bar.ts'
import { addRunVerb } from './run.ts'
import { visible } from '../../engine/plain-text.ts'
import { inert } from '../text/inert.ts'
import { complain, say } from '../output.ts'

/** The verb that tells what happens to a run. */
export function addEventsVerb(program: Command): void {
  addRunVerb(
    program,
    'events',
    'tell what happens to a run until it has ended; with --json what has happened so far',
    async (id, { client, json, print }, { after = 0 }) => {
      if (json) print(await soFar(client, id, after), '')
      else await tell(client, id, after)
    },
  ).option('--after <n>', 'only what came after the event of this number', parseEventNumber)
}

async function tell(client: Client, id: string, after: number): Promise<void> {
  for await (const news of client.events(id, { after })) {
    if (news.kind === 'event') say(eventText(news.id, news.event))
    else if (news.kind === 'lost') complain('No answer; waiting for the Worker to come back.')
    else if (news.kind === 'run' && isEnded(news.run.status)) {
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

/** `12 10:23:45.678 step.started fence 3 {"step":"load"}`. The stacks of errors are in the JSON alone. */
export function eventText(id: number, event: EngineEvent): string {
  const { type, at, run: _run, job: _job, fence, ...rest } = event
  const told = 'error' in rest && rest.error ? { ...rest, error: withoutStack(rest.error) } : rest
  const more = Object.keys(told).length === 0 ? '' : ` ${JSON.stringify(told)}`
  return visible(`${id} ${at.slice(11, 23)} ${type} fence ${fence}${more}`)
}

function withoutStack({ stack: _stack, cause, ...error }: RunError): RunError {
  return { ...error, ...(cause && { cause: withoutStack(cause) }) }
}
