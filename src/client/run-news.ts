import type { EngineEvent, LogLine, Run } from './types.ts'
import { ApiError } from './api-error.ts'
import type { CallOptions, Connection } from './connection.ts'
import { streamMessages } from './event-stream.ts'

/** News for one who watches a run. */
export type RunNews =
  /** It has happened; `id` is its number in the run's log. */
  | { kind: 'event'; id: number; event: EngineEvent }
  /** Its job has written this; only where `logs` was asked for. */
  | { kind: 'line'; line: LogLine }
  /** The run as it is now: once after the events so far, then whenever that changes. */
  | { kind: 'run'; run: Run }
  /** The connection is lost and is being sought again; what was heard last may be old. */
  | { kind: 'lost'; because: ApiError }
  /** It is there again, and goes on where it was lost. */
  | { kind: 'regained' }

export interface WatchOptions extends CallOptions {
  /** The last event that is known already. @default 0: all that are kept */
  after?: number
  /** The last of the job's own lines that is known already: those after it are news, too. @default none are */
  logs?: number
  /** From one try to connect to the next, doubled up to ten times that. @default 1 s */
  retryMs?: number
}

/** The server says something every 25 s; silence for longer is a dead connection. */
const SILENCE_MS = 60_000

/**
 * Watches a run, for as long as one reads on: its end is news like any other, since a run that has ended
 * may be retried. Throws an `ApiError` for what waiting does not fix, such as an unknown run.
 */
export async function* watchRun(
  connection: Connection,
  path: string,
  { after = 0, logs, retryMs = 1_000, signal }: WatchOptions = {},
): AsyncGenerator<RunNews, void> {
  let last = after
  let lastLine = logs
  let waitMs = retryMs
  let lost = false
  for (;;) {
    let because: unknown
    try {
      for await (const news of oneConnection(connection, withLogs(path, lastLine), last, signal)) {
        if (lost) yield { kind: 'regained' }
        lost = false
        waitMs = retryMs
        if (news.kind === 'event') last = news.id
        if (news.kind === 'line') lastLine = news.line.id
        yield news
      }
    } catch (error) {
      because = error
    }
    if (signal?.aborted) throw signal.reason
    const problem = because instanceof ApiError ? because : connection.noAnswer(because, { signal })
    if (isLasting(problem)) throw problem
    if (!lost) yield { kind: 'lost', because: problem as ApiError }
    lost = true
    await pause(waitMs, signal)
    waitMs = Math.min(2 * waitMs, 10 * retryMs)
  }
}

function withLogs(path: string, after: number | undefined): string {
  return after === undefined ? path : `${path}?logs=${after}`
}

/** The news until the connection ends, by whatever cause. */
async function* oneConnection(
  connection: Connection,
  path: string,
  last: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Extract<RunNews, { kind: 'event' | 'line' | 'run' }>, void> {
  const silence = new AbortController()
  const silent = () => silence.abort(new Error(`nothing was heard for ${SILENCE_MS / 1_000} s`))
  let timer = setTimeout(silent, SILENCE_MS)
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(silent, SILENCE_MS)
  }
  try {
    const headers = { accept: 'text/event-stream', 'last-event-id': `${last}` }
    const { body } = await connection.open('GET', path, { headers, signal }, [silence.signal])
    if (!body) return
    for await (const { id, type, data } of streamMessages(body, heard)) {
      if (type === 'run') yield { kind: 'run', run: JSON.parse(data) as Run }
      else if (type === 'line') yield { kind: 'line', line: JSON.parse(data) as LogLine }
      else yield { kind: 'event', id: Number(id), event: JSON.parse(data) as EngineEvent }
    }
  } finally {
    clearTimeout(timer)
  }
}

/** True when asking again would give the same: a refusal, other than for having asked too often. */
function isLasting(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true
  const { code, status } = error
  return code === 'invalid_request' || (status >= 400 && status < 500 && status !== 429)
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
