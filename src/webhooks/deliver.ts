import { bindingsOf } from '../engine/bindings.ts'
import { type Clock, systemClock } from '../engine/clock.ts'
import type { RunObjects } from '../engine/drive/protocol.ts'
import { runObjects } from '../engine/drive/run-objects.ts'
import { log } from '../engine/log.ts'
import { retryWaitMs } from '../engine/policies/retry-policy.ts'
import type { RunView } from '../engine/run.ts'
import { type Endpoint, readEndpoints } from './endpoints.ts'
import { tellGrowingGroups } from './growing-groups.ts'
import {
  claimDeliveries,
  type Claimed,
  forgetAll,
  pruneDeliveries,
  type Settled,
  settleDelivery,
} from './outbox.ts'
import { type Answer, send } from './send.ts'

/** The parts that a delivery works with. Tests replace any of them. */
export interface DeliveryDeps {
  env: object
  objects?: RunObjects
  clock?: Pick<Clock, 'now'>
  fetch?: (request: Request) => Promise<Response>
  random?: () => number
  /** The longest that a receiver may take. @default 10_000 */
  answerWithinMs?: number
}

const ANSWER_WITHIN_MS = 10_000
/** So many requests at a time, and in one call: an end for each endpoint there may be, or the cron's share. */
const AT_ONCE = 5
const PER_CALL = 20
const PER_MINUTE = 100
/** No other batch is begun after this time: one invocation has other things to do, and another one comes. */
const PER_CALL_MS = 20_000
/** Doubled with each failure, up to eight hours, until three days are over: about 18 attempts. */
const BACKOFF = { attempts: Infinity, waitMs: 30_000, maxWaitMs: 8 * 3_600_000 }

/**
 * Sends what is due of the outbox, up to `limit` deliveries. Whoever dies in between has sent some of it;
 * the next call sends the rest. Never throws: what cannot be done now, the cron does.
 */
export async function deliverWebhooks(deps: DeliveryDeps, limit = PER_CALL): Promise<void> {
  try {
    await new Deliveries(deps).send(limit)
  } catch (error) {
    log.warn('webhooks.not_sent', { error })
  }
}

/** Sends more at a time, and throws away what nobody wants and what is old. To be called every minute. */
export async function tendOutbox(deps: DeliveryDeps): Promise<void> {
  const { env, clock = systemClock } = deps
  const { endpoints, problem } = readEndpoints(env)
  if (endpoints.length === 0 && problem === undefined) await forgetAll(bindingsOf(env).db)
  await deliverWebhooks(deps, PER_MINUTE)
  // What has been sent by now has told how many there are.
  if (endpoints.length > 0 && (await tellGrowingGroups(bindingsOf(env).db, clock.now())))
    await deliverWebhooks(deps)
  await pruneDeliveries(bindingsOf(env).db, clock.now())
}

class Deliveries {
  readonly #db: D1Database
  readonly #objects: RunObjects
  readonly #now: () => number
  readonly #fetch: (request: Request) => Promise<Response>
  readonly #random: () => number
  readonly #answerWithinMs: number
  readonly #endpoints: readonly Endpoint[]

  constructor({ env, clock = systemClock, fetch: ask, ...given }: DeliveryDeps) {
    this.#db = bindingsOf(env).db
    this.#objects = given.objects ?? runObjects(env)
    this.#now = () => clock.now()
    this.#fetch = ask ?? ((request) => fetch(request))
    this.#random = given.random ?? Math.random
    this.#answerWithinMs = given.answerWithinMs ?? ANSWER_WITHIN_MS
    this.#endpoints = readEndpoints(env).endpoints
  }

  async send(limit: number): Promise<void> {
    // While the setting is malformed there are none either, and events wait until it is fixed.
    if (this.#endpoints.length === 0) return
    const until = this.#now() + PER_CALL_MS
    for (let sent = 0; sent < limit && this.#now() < until; sent += AT_ONCE) {
      const batch = Math.min(AT_ONCE, limit - sent)
      const now = this.#now()
      const { claimed, more } = await claimDeliveries(this.#db, this.#endpoints, now, batch)
      const done = await Promise.allSettled(claimed.map((delivery) => this.#deliver(delivery)))
      for (const each of done) if (each.status === 'rejected') throw each.reason
      if (!more) return
    }
  }

  async #deliver(delivery: Claimed): Promise<void> {
    const settled = await this.#attempt(delivery)
    await settleDelivery(this.#db, delivery, settled, this.#now())
    if (settled.status === 'delivered') return
    const { id, endpoint, type, run, attempts } = delivery
    log.warn('webhook.failed', { delivery: id, endpoint, type, run, attempts, ...settled })
  }

  async #attempt(delivery: Claimed): Promise<Settled> {
    const endpoint = this.#endpoints.find(({ name }) => name === delivery.endpoint)
    if (!endpoint) return givenUp(`no endpoint '${delivery.endpoint}' in WEBHOOKS any more`)
    const run = await this.#runOf(delivery)
    if (run === undefined) return this.#settle(delivery, UNREADABLE)
    const body = JSON.stringify(messageOf(delivery, run))
    const answer = await send(
      endpoint,
      { id: delivery.eventId, now: this.#now(), body },
      { fetch: this.#fetch, answerWithinMs: this.#answerWithinMs },
    )
    return this.#settle(delivery, answer)
  }

  /** Null for an event that is about none; undefined when it cannot be read now. */
  async #runOf({ run }: Claimed): Promise<RunView | null | undefined> {
    if (run === null) return null
    try {
      return (await this.#objects(run).describe()) ?? undefined
    } catch {
      return undefined
    }
  }

  #settle({ attempts, giveUpAt }: Claimed, answer: Answer): Settled {
    if (answer.ok) return { status: 'delivered' }
    if (answer.gone) return givenUp(answer.error)
    const now = this.#now()
    const waitMs = retryWaitMs(BACKOFF, attempts, this.#random)
    const nextAt = now + Math.max(waitMs, answer.retryAfterMs ?? 0)
    if (nextAt > Date.parse(giveUpAt)) return givenUp(answer.error)
    return { status: 'pending', error: answer.error, nextAt }
  }
}

/** A purge removes the run and its deliveries together; an object that lost its storage gets it back. */
const UNREADABLE: Answer = { ok: false, error: 'the run could not be read' }

function givenUp(error: string): Settled {
  return { status: 'given_up', error }
}

/** The message to an endpoint. A run that has ended is sent as it ended, whatever came after. */
function messageOf({ type, at, ending, alert }: Claimed, run: RunView | null): object {
  return {
    type,
    timestamp: at,
    data: {
      ...(run && { run: ending ? asEnded(run, ending) : run }),
      ...(alert && { alert }),
    },
  }
}

function asEnded(run: RunView, ending: NonNullable<Claimed['ending']>): RunView {
  const { reason: _, held: _h, resumeAt: _r, error: _e, attention: _a, ...rest } = run
  const { status, error, attention, finishedAt } = ending
  return {
    ...rest,
    status,
    ...(error && { error }),
    ...(attention !== null && { attention }),
    finishedAt,
  }
}
