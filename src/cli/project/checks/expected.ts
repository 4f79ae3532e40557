import { isRead } from '../code.ts'
import type { DogearCall } from '../dogear-call.ts'
import type { Project } from '../project.ts'
import { DEFAULT_NAMES } from '../wiring.ts'
import { TICK } from '../worker-config.ts'

/** What the code expects of the configuration. A name that is not written down as a text is not known. */
export interface Expected {
  db: string | undefined
  runs: string | undefined
  queue: string | undefined
  version: string | undefined
  cron: string | undefined
  /** The code names its queue, so that it needs one. */
  needsQueue: boolean
  /** The class of the runs' objects, where the code exports it already under its own name. */
  className: string | undefined
  /** Where API and page are; empty for all of the Worker. */
  path: string
  /** Which of the names above the code gives, and not as a plain text. */
  unknown: ('db' | 'runs' | 'queue' | 'version' | 'cron')[]
}

type Options = DogearCall['options']

export function expectedBy({ code, call }: Pick<Project, 'code' | 'call'>): Expected {
  // Code that calls no createDogear may do so with the defaults; of code that cannot be read nothing is known.
  const options: Options = call || !isRead(code) ? call?.options : {}
  const text = (key: string, byDefault: string) => {
    if (options === undefined) return undefined
    const value = options[key] ?? byDefault
    return value === true ? undefined : value
  }
  const names = {
    db: text('db', DEFAULT_NAMES.db),
    runs: text('runs', DEFAULT_NAMES.runs),
    queue: text('queue', DEFAULT_NAMES.queue),
    version: text('version', DEFAULT_NAMES.version),
    cron: text('cron', TICK),
  }
  return {
    ...names,
    unknown: (['db', 'runs', 'queue', 'version', 'cron'] as const).filter(
      (key) => names[key] === undefined,
    ),
    className:
      isRead(code) && code.exports.includes('JobRun') && code.dogear?.used.has('JobRun')
        ? 'JobRun'
        : undefined,
    needsQueue: options?.['queue'] !== undefined,
    path: (text('path', '/dogear') ?? '/dogear').replace(/\/$/, ''),
  }
}
