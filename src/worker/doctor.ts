import { limitsFinding } from '../api/access/missing-limits.ts'
import type { AccessVariables } from '../api/access/settings.ts'
import type { Check } from '../api/check.ts'
import {
  ENVIRONMENT_COLOURS,
  type EnvironmentVariables,
  environmentOf,
} from '../api/environment.ts'
import type { TablesReady } from '../api/request/tables.ts'
import { bindingsOf, queueNameOf } from '../engine/bindings.ts'
import { clockOf } from '../engine/clock.ts'
import { runObjects } from '../engine/drive/run-objects.ts'
import { DogearError } from '../engine/errors.ts'
import { cutText } from '../engine/cut-text.ts'
import { textOf } from '../engine/thrown.ts'
import { lastBeat } from '../monitoring/index.ts'
import { refusalOf } from '../schema/refusal.ts'
import { schemaStatus } from '../schema/status.ts'
import { CANARY } from './canary.ts'

/** A message is to come through its queue within this time. */
const CANARY_MS = 8_000
const LOOK_EVERY_MS = 250
/** So long ago another one may have been taken. */
const BUSY_MS = 90_000
/** The cron rings each minute, and now and then late. */
const TICK_MS = 3 * 60_000

type RateLimits = { API_LIMIT?: RateLimit; LOGIN_LIMIT?: RateLimit }
type Finding = Omit<Check, 'name'>
/** What the Worker says of itself. */
export interface Examined {
  ready?: TablesReady
  /** The cron trigger that is Dogear's. */
  cron?: string
}

type Look = (env: Cloudflare.Env) => Promise<Finding>

/**
 * Looks at a Worker from within: does what is wired here do what it is for? Changes nothing but its own notes, and
 * a new database, to which `ready` gives its tables where Dogear makes them.
 */
export async function examine(
  env: Cloudflare.Env,
  { ready, cron = '* * * * *' }: Examined = {},
): Promise<Check[]> {
  // Why there are none is what `tables` finds.
  await ready?.(env).catch(() => undefined)
  const first = await check(env, 'tables', tables)
  // What comes through queue and cron is noted in a table.
  const noted: Record<string, Look> = first.ok ? { queue, cron: lookAtCron(cron) } : {}
  const named: Record<string, Look> = 'DOGEAR_ENVIRONMENT' in env ? { environment } : {}
  const looks: Record<string, Look> = { objects, ...noted, version, limits, ...named }
  const others = Object.entries(looks).map(([name, look]) => check(env, name, look))
  return [first, ...(await Promise.all(others))]
}

async function check(env: Cloudflare.Env, name: string, look: Look): Promise<Check> {
  const finding = await look(env).catch((error: unknown) => wrong(textOf(error), whatToDo(error)))
  return { name, ...finding }
}

const tables: Look = async (env) => {
  const status = await schemaStatus(bindingsOf(env).db)
  if (status.state === 'ready') return fine(`version ${status.found}`)
  return wrong(refusalOf(status).message, 'npx dogear migrate')
}

const objects: Look = async (env) => {
  // No run has this id: its object answers that there is none, and stores nothing.
  await runObjects(env)('0'.repeat(32)).describe()
  return fine('the objects of runs answer')
}

const queue: Look = async (env) => {
  const { queue: binding, db } = bindingsOf(env)
  if (!binding) return fine('none: each run works from its own object')
  const name = queueNameOf(env)
  const clock = clockOf(env)
  const sentAt = clock.now()
  await binding.send(CANARY)
  while (clock.now() - sentAt < CANARY_MS) {
    if (((await lastBeat(db, 'canary')) ?? 0) >= sentAt)
      return fine(`a message came through ${name}`)
    await clock.wait(LOOK_EVERY_MS)
  }
  // One delivery after the other, as on a developer's machine: this one waits behind a slice.
  const taken = await lastBeat(db, 'message')
  if (taken !== null && taken > sentAt - BUSY_MS) return fine(`messages of ${name} are taken`)
  return wrong(
    `a message to ${name} was not taken within ${CANARY_MS / 1_000} s`,
    'add the queue to queues.consumers of this Worker, and let queue() call Dogear: export default jobs.wrap({ ... })',
  )
}

const lookAtCron =
  (cron: string): Look =>
  async (env) => {
    const at = await lastBeat(bindingsOf(env).db, 'tick')
    if (at !== null && clockOf(env).now() - at < TICK_MS)
      return fine('rang within the last 3 minutes')
    return {
      ok: true,
      found: at === null ? 'has never rung' : `rang last at ${new Date(at).toISOString()}`,
      todo: `add "${cron}" to triggers.crons, and let scheduled() call Dogear; wrangler dev rings no cron by itself`,
    }
  }

const version: Look = async (env) => {
  const { version: known } = bindingsOf(env)
  if (known?.id !== undefined) return fine(known.id === '' ? 'of this machine' : known.id)
  return {
    ok: true,
    found: 'no version_metadata: a deploy under way is not told from other changes of the code',
    todo: 'add "version_metadata": { "binding": "DOGEAR_VERSION" }',
  }
}

const limits: Look = (env) => Promise.resolve(limitsOf(env))

function limitsOf(bindings: object): Finding {
  const { API_TOKENS, API_LIMIT, LOGIN_LIMIT }: AccessVariables & RateLimits = bindings
  if (!API_TOKENS) return fine('no tokens that anybody could guess')
  const there = Object.entries({ API_LIMIT, LOGIN_LIMIT }).filter(([, limit]) => limit)
  return limitsFinding(there.map(([name]) => name))
}

const environment: Look = (env) => Promise.resolve(environmentFinding(env))

function environmentFinding(bindings: object): Finding {
  const { DOGEAR_ENVIRONMENT_COLOR: color }: EnvironmentVariables = bindings
  const named = environmentOf(bindings)
  if (color === undefined || named?.color === color)
    return fine(named ? `${named.name}, ${named.color}` : 'no name')
  return wrong(
    `DOGEAR_ENVIRONMENT_COLOR is '${cutText(color, 20)}', which is no colour of the page`,
    `make it one of ${ENVIRONMENT_COLOURS.join(', ')}, or leave it out`,
  )
}

const fine = (found: string): Finding => ({ ok: true, found, todo: '' })
const wrong = (found: string, todo: string): Finding => ({ ok: false, found, todo })

function whatToDo(error: unknown): string {
  if (error instanceof DogearError && error.code === 'missing_binding') return 'npx dogear init'
  return 'see the log of the Worker'
}
