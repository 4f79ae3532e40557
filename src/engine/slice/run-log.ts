import { cutText } from '../cut-text.ts'
import { serializeError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { LogFields, RunLog } from '../job/run-log.ts'
import type { LogLevel } from '../log-level.ts'
import { textOf } from '../thrown.ts'

const MAX_MESSAGE = 2_000
const MAX_FIELDS = 4_000

/** What a job's own lines are told by. */
export function runLog(emit: Emit): RunLog {
  const writer = (level: LogLevel) => (message: string, fields?: LogFields) =>
    emit('run.logged', {
      level,
      message: cutText(textOf(message), MAX_MESSAGE, '…'),
      ...(fields !== undefined && { fields: plain(fields) }),
    })
  return Object.assign(writer('info'), { warn: writer('warn'), error: writer('error') })
}

/** As it can be sent and kept, whatever it is: a line must not cost its run. */
function plain(fields: unknown): unknown {
  try {
    const json = JSON.stringify(fields, (_name, value: unknown) =>
      value instanceof Error
        ? serializeError(value)
        : typeof value === 'bigint'
          ? `${value}`
          : value,
    )
    if (json.length <= MAX_FIELDS) return JSON.parse(json)
    return { cut: cutText(json, MAX_FIELDS, '…') }
  } catch (error) {
    return { unreadable: textOf(error) }
  }
}
