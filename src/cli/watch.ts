import { setTimeout as wait } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { ApiError } from '../client/index.ts'
import { parseCount } from './args.ts'
import type { Context } from './context.ts'
import { errorLine } from './errors.ts'
import { complain, say } from './output.ts'

const EVERY_S = 2
const HOME_AND_CLEAR = '\u001B[H\u001B[J'

export interface WatchOption {
  /** Seconds between two looks. */
  watch?: number | undefined
}

/** Lets a verb that lists go on showing what it lists. */
export function withWatch(verb: Command): Command {
  return verb.addOption(
    new Option('-w, --watch [seconds]', `show it again every ${EVERY_S} s, or as often as given`)
      .preset(`${EVERY_S}`)
      .argParser(parseCount),
  )
}

/** What a look has found: the document, and its text. */
type Found = readonly [document: unknown, text: string]

/** Prints what is found; with `--watch` again and again, until Ctrl-C, in place of what was printed before. */
export async function printed(
  { print, json }: Pick<Context, 'print' | 'json'>,
  { watch }: WatchOption,
  look: () => Promise<Found>,
): Promise<void> {
  if (watch === undefined) return print(...(await look()))
  const inPlace = process.stdout.isTTY && !json
  for (;;) {
    const found = await lookAgain(look)
    if (inPlace) process.stdout.write(HOME_AND_CLEAR)
    if (found && json) print(...found)
    else if (found) say(`${headLine(watch)}\n\n${inPlace ? onScreen(found[1]) : found[1]}\n`)
    await wait(watch * 1_000)
  }
}

/** A Worker that is out of reach for a while, or has had enough, is asked again at the next turn. */
async function lookAgain(look: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await look()
  } catch (error) {
    const passes =
      error instanceof ApiError &&
      (error.code === 'unreachable' || error.status === 429 || error.status >= 500)
    if (!passes) throw error
    complain(errorLine(error.code, error.message))
    return undefined
  }
}

const headLine = (seconds: number) =>
  `Every ${seconds} s; ${new Date().toISOString().slice(11, 19)} UTC; Ctrl-C ends`

/** As many lines as the terminal has room for. */
function onScreen(text: string): string {
  const lines = text.split('\n')
  const room = Math.max(1, (process.stdout.rows ?? 24) - 4)
  if (lines.length <= room) return text
  return [...lines.slice(0, room - 1), `... ${lines.length - room + 1} more lines`].join('\n')
}
