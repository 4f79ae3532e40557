import type { JobInfo, StartOptions } from '../state/api.ts'
import { isSensitive } from './start-form.ts'

/** Parts of a start that are not in its body. */
interface Beside {
  idempotencyKey?: string
  /** Where the Worker is. */
  url?: string
  /** How the command is typed. @default as in a Worker that has the package */
  program?: string
}

/** The same start by command, to be copied: all of it, but for what is sensitive. */
export function commandLine(job: JobInfo, options: StartOptions, beside: Beside = {}): string {
  const { params = {}, interrupt = {}, hold, labels = {}, wait, lanes, commit = {} } = options
  const flags: [flag: string, value: string | number | true | undefined][] = [
    ...Object.entries(params).map(([name, value]): [string, string] => [
      '--param',
      `${name}=${isSensitive(job, name) ? '…' : wordOf(value)}`,
    ]),
    ...Object.entries(labels).map(([name, value]): [string, string] => [
      '--label',
      `${name}:${value}`,
    ]),
    ['--delay', wait === true ? undefined : wait],
    ['--interrupt-after-items', interrupt.afterItems],
    ['--interrupt-after', interrupt.afterMs && `${interrupt.afterMs / 1_000}s`],
    ['--interrupt-at', interrupt.at],
    ['--hold', hold === true || undefined],
    ['--lanes', lanes],
    ['--commit-every', commit.everyItems],
    ['--commit-every-ms', commit.everyMs],
    ['--idempotency-key', beside.idempotencyKey],
    ['--url', beside.url],
  ]
  const { program = 'npx dogear' } = beside
  const given = flags.flatMap(([flag, value]) => {
    if (value === undefined || value === '') return []
    return value === true ? [flag] : [`${flag} ${quoted(String(value))}`]
  })
  return [`${program} run`, quoted(job.name), ...given].join(' ')
}

/** As the command takes it: a text that would be read as JSON is written as JSON. */
function wordOf(value: unknown): string {
  return typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function quoted(text: string): string {
  return /^[\w=.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
