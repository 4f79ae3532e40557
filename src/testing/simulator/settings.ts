import { TestingError } from '../errors.ts'
import type { CpuLimit } from './cpu-limit.ts'
import type { D1Trouble } from './d1-trouble.ts'

/** What of production is simulated. What is left out stays as it is locally. */
export interface SimulatorSettings {
  /** Round trip of a call to D1, in ms: half of it before the call, half after. @default 0 */
  d1?: number
  /** Round trip of a call to a Durable Object, in ms. @default 0 */
  object?: number
  /** Round trip of a call to R2, in ms. @default 0 */
  r2?: number
  /** A message of a queue is delivered so many ms after it was sent. @default 0 */
  queue?: number
  /** Each way is longer or shorter by up to this part of it, from 0 to 1. @default 0 */
  jitter?: number
  /** What the jitter follows from: the same seed, the same ways. @default 1 */
  seed?: number
  /** The clock stands still between I/O. @default false */
  frozen?: boolean
  /** D1 statements of an invocation, each of a batch counted; Cloudflare's are 1,000. @default no limit */
  statements?: number
  /** Connections of an invocation that wait for an answer at a time; Cloudflare's are 6. @default no limit */
  connections?: number
  /** Where each invocation ends by its CPU limit. @default nowhere */
  cpu?: CpuLimit
  /** What befalls D1, for all invocations together. */
  trouble?: D1Trouble | readonly D1Trouble[]
}

const LONGEST_MS = 60_000

/** Throws `invalid_settings` for what cannot be simulated. */
export function checkSettings(settings: SimulatorSettings): SimulatorSettings {
  for (const name of ['d1', 'object', 'r2', 'queue'] as const) {
    const ms = settings[name]
    if (ms !== undefined && !(ms >= 0 && ms <= LONGEST_MS))
      throw wrong(name, ms, `milliseconds from 0 to ${LONGEST_MS}`)
  }
  const { jitter, seed, statements, connections, cpu } = settings
  const counts = { statements, connections, 'cpu.items': cpu?.items, 'cpu.calls': cpu?.calls }
  for (const [name, count] of Object.entries(counts)) {
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0))
      throw wrong(name, count, 'a whole number from 1')
  }
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1))
    throw wrong('jitter', jitter, 'a part from 0 to 1')
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw wrong('seed', seed, 'a whole number')
  return settings
}

export function wrong(name: string, value: unknown, expected: string): TestingError {
  return new TestingError(
    'invalid_settings',
    `The simulator's ${name} is ${String(value)}; expected ${expected}`,
  )
}
