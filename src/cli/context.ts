import type { Command } from 'commander'
import { Client, type ClientOptions } from '../client/index.ts'
import { type Display, lineDisplay, silentDisplay, terminalDisplay } from './text/display.ts'
import { CliError, UsageError } from './errors.ts'
import { type Look, lookFor } from './text/look.ts'
import type { Paint } from './text/paint.ts'
import { say, sayJson } from './output.ts'

/** The tools of each verb: the API, and the means to show what it says. */
export interface Context<C extends Client = Client> {
  client: C
  json: boolean
  paint: Paint
  /** What tables are laid out for. */
  look: Look
  /** With `--json` the document, else the text. Called once by each verb that succeeds. */
  print: (document: unknown, text: string) => void
  /** For people only: nothing is shown with `--json`. */
  display: () => Display
  /** What the API finds RUN by: an id or its beginning as it is, for `last` the newest run's. */
  runId: (run: string) => Promise<string>
  /** All of that id, for a filter. */
  wholeRunId: (run: string) => Promise<string>
}

/** The means of a verb that asks no Worker. */
export function displayContext(
  command: Command,
): Pick<Context, 'json' | 'look' | 'paint' | 'print'> {
  const given = command.optsWithGlobals<{ json?: boolean; output?: string }>()
  const json = given.json === true || given.output === 'json'
  const look = lookFor(process.stdout, given.output === 'wide')
  return {
    json,
    look,
    paint: look.paint,
    print: (document, text) => (json ? sayJson(document) : say(text)),
  }
}

/** `connect` makes the client of a command whose Worker has routes of its own. */
export function contextOf<C extends Client>(
  command: Command,
  connect: (url: string, options: ClientOptions) => C,
): Context<C>
export function contextOf(command: Command): Context
export function contextOf(
  command: Command,
  connect = (url: string, options: ClientOptions) => new Client(url, options),
): Context {
  const { url, token } = command.optsWithGlobals<{ url: string; token?: string }>()
  const shown = displayContext(command)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`'${url}' is not a URL; expected one like http://localhost:8787`)
  }
  const client = connect(url, { token })
  const runId = async (run: string) => {
    if (run !== 'last') return run
    const [newest] = (await client.runs({ limit: 1 })).runs
    if (newest === undefined) throw new CliError('unknown_run', 'there are no runs yet')
    return newest.id
  }
  return {
    ...shown,
    client,
    display: () => displayFor(shown.json),
    runId,
    wholeRunId: async (run) =>
      /^[0-9a-f]{6,31}$/.test(run) ? (await client.run(run)).id : runId(run),
  }
}

/** Live bars on a terminal, lines elsewhere, nothing beside a JSON document. */
export function displayFor(json: boolean): Display {
  if (json) return silentDisplay
  return process.stdout.isTTY ? terminalDisplay(process.stdout) : lineDisplay(say)
}
