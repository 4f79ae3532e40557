import { DurableObject } from 'cloudflare:workers'
import { Alarm } from './alarm.ts'
import { Debts } from './debts.ts'
import { missingQueue } from './queues.ts'
import { RunStorage } from './run-storage.ts'
import { Watchers } from './watchers.ts'
import { systemClock, type Clock } from '../src/engine/clock.ts'
import * as commands from '../src/engine/commands.ts'
import { createdBefore } from '../src/engine/created-before.ts'
import { initialDriving, isForgotten, nextAlarm, type Driving } from '../src/engine/driving.ts'
import {
  logEvent,
  type EngineEvent,
  type EventPayloads,
  type EventType,
} from '../src/engine/events.ts'
import * as lease from '../src/engine/lease.ts'
import type {
  Beginning,
  Claim,
  Commanded,
  Created,
  Killed,
  NewRun,
  Outcome,
  Released,
  Report,
  Reported,
  RunObject,
  SliceView,
} from '../src/engine/protocol.ts'
import { isEnded, type Command, type RunView } from '../src/engine/run.ts'
import { restored } from '../src/engine/restored.ts'
import { deleteRun, readRun } from '../src/engine/run-store.ts'
import { runView } from '../src/engine/run-view.ts'
import { redactorOf } from '../src/engine/sensitive.ts'
import type { ToldEvents } from '../src/engine/untold-events.ts'
import { deliverWebhooks } from '../src/webhooks/deliver.ts'

/** How long a person waits for D1's word on a command. */
const ANSWER_WITHIN_MS = 2_000

/**
 * One run's Durable Object: lease, attempts, signals, timers, the log of events and who watches it. A
 * shell: what a message means is decided in `src/engine/{lease,commands}.ts`; here it is stored first,
 * then acted on.
 * Every change goes through `#change`, which reads the state anew: other events may have come in during
 * any await on something that is not the object's own storage.
 */
export class JobRun extends DurableObject implements RunObject {
  /** Replaced by tests. */
  clock: Clock = systemClock
  /** Hears what the object itself tells; slices have their own log. Replaced by tests. */
  onEvent: (event: EngineEvent) => void = logEvent
  readonly #storage: RunStorage
  readonly #debts: Debts
  readonly #watchers: Watchers
  readonly #alarm: Alarm

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    this.#storage = new RunStorage(ctx.storage)
    this.#watchers = new Watchers(ctx)
    this.#alarm = new Alarm(ctx.storage)
    this.#debts = new Debts({
      env,
      storage: this.#storage,
      now: () => this.clock.now(),
      change: (how) => this.#change(how),
    })
  }

  async create(run: NewRun): Promise<Created> {
    return createdBefore(this.#storage.load(), run) ?? this.#create(run)
  }

  async fork(run: NewRun, beginning: Beginning): Promise<Created> {
    return createdBefore(this.#storage.load(), run) ?? this.#create(run, beginning)
  }

  async known(run: NewRun): Promise<Created | null> {
    return createdBefore(this.#storage.load(), run)
  }

  async #create(run: NewRun, beginning?: Beginning): Promise<Created> {
    // A follow-up run is listed by a commit, and a refusal would keep its parent from being closed.
    const missing = run.parent === null ? missingQueue(this.env, run.options) : undefined
    if (missing !== undefined) return { ok: false, code: 'unknown_queue', queue: missing }
    await this.#begin(run, {}, beginning)
    await this.#debts.settle()
    return { ok: true, created: true, run: this.#view() as RunView }
  }

  async claim(lane: number, n: number): Promise<Claim> {
    const known = this.#storage.load()
    if (!known || lane !== 0) return { ok: false, code: 'unknown_run' }
    const now = this.clock.now()
    const claim = await this.#change((d) => {
      const answer = lease.claim(d, known.run, n, now)
      const { done, commits } = d.seen
      if (answer.ok) this.#tell('slice.claimed', { n, attempt: answer.attempt, done, commits })
      return answer
    })
    if (claim?.ok) this.ctx.waitUntil(this.#debts.settle())
    return claim ?? { ok: false, code: 'unknown_run' }
  }

  async report(news: Report, told?: ToldEvents): Promise<Reported> {
    const now = this.clock.now()
    const answer = await this.#change((d) => {
      if (!lease.report(d, news, now)) return null
      this.#storage.events.progress(news.fence, news)
      if (told) this.#log(lease.hear(d, told))
      return { stop: lease.stopFor(d), ...(d.killing === d.fence && { kill: true as const }) }
    })
    return answer ? { ok: true, ...answer } : { ok: false, code: 'stale' }
  }

  async release(
    last: Report | null,
    fence: number,
    outcome: Outcome,
    told?: ToldEvents,
  ): Promise<Released> {
    const known = this.#storage.load()
    const now = this.clock.now()
    const released =
      known &&
      (await this.#change((d) => {
        if (!lease.release(d, known.run, last, fence, outcome, now, Math.random)) return false
        if (last) this.#storage.events.progress(fence, last)
        if (told) this.#log(lease.hear(d, told))
        // Older code does not tell.
        else this.#tell('slice.released', { ...outcome, outcome: outcome.kind }, fence)
        return true
      }))
    if (!released) return { ok: false, code: 'stale' }
    await this.#debts.settle()
    return { ok: true }
  }

  async command(command: Command, options: { hold?: boolean }): Promise<Commanded> {
    const known = this.#storage.load()
    if (!known) return { ok: false, code: 'unknown_run' }
    const ask = commands.admits(known.driving, command)
    if (ask === 'refused') {
      return { ok: false, code: 'invalid_transition', run: runView(known.run, known.driving) }
    }
    const now = this.clock.now()
    if (ask === 'new') {
      await this.#change((d) => {
        this.#tell('run.commanded', { command, ...options })
        commands.command(d, command, options, now)
      })
    }
    // A D1 that does not answer must not keep the person waiting; the alarm goes on asking it.
    await Promise.race([this.#debts.settle(), this.clock.wait(ANSWER_WITHIN_MS)])
    const after = this.#storage.load()
    if (!after) return { ok: false, code: 'unknown_run' }
    const d = after.driving
    const pending = d.cancelling || d.reopening || d.pausing !== null || d.interrupting !== null
    return { ok: true, run: runView(after.run, d), pending }
  }

  async kill(): Promise<Killed> {
    const known = this.#storage.load()
    if (!known) return { ok: false, code: 'unknown_run' }
    const run = runView(known.run, known.driving)
    if (known.driving.leaseUntil === null) return { ok: false, code: 'invalid_transition', run }
    await this.#change((d) => {
      this.#tell('run.commanded', { command: 'kill' })
      d.killing = d.fence
    })
    return { ok: true, run }
  }

  async describe(): Promise<RunView | null> {
    return this.#view()
  }

  async slices(): Promise<SliceView[]> {
    return this.#storage.load() ? this.#storage.events.slices() : []
  }

  /**
   * Watches the run, over a WebSocket: first the events after number `?after=`, and the run as it is;
   * then whatever happens. 404 when there is no such run.
   */
  override async fetch(request: Request): Promise<Response> {
    const run = this.#view()
    if (!run) return new Response(null, { status: 404 })
    const after = Number(new URL(request.url).searchParams.get('after') ?? 0)
    return this.#watchers.accept([...this.#storage.events.since(after), { run }])
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close()
  }

  /**
   * The sweep found this run idle. Makes sure that somebody drives it; an object that lost its own
   * storage takes definition and fence from D1.
   */
  async poke(id: string): Promise<void> {
    if (!this.#storage.load()) {
      const stored = await readRun(this.env.DB, id)
      if (!stored || this.#storage.load()) return
      const { run, known } = restored(stored)
      await this.#begin(run, known)
    }
    const now = this.clock.now()
    await this.#change((d) => {
      if (isForgotten(d)) d.sendAt = now
    })
    await this.#lookAtClock()
    await this.#debts.settle()
  }

  /**
   * Removes the run from here and from D1. For closed runs, after the time a queue message may live. D1's
   * rows go last: by them the sweep finds a run whose purge was cut off.
   */
  async purge(id: string): Promise<void> {
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#storage.forget()
    await deleteRun(this.env.DB, id)
  }

  /** Whatever happens here, the next alarm is armed: a fired one is used up. */
  override async alarm(): Promise<void> {
    try {
      await this.#lookAtClock()
      await this.#debts.settle()
    } finally {
      this.#alarm.fired()
      await this.#arm()
    }
  }

  async #lookAtClock(): Promise<void> {
    const now = this.clock.now()
    await this.#change((d) => {
      const { fence } = d
      if (lease.onTime(d, now)) this.#tell('slice.vanished', {}, fence)
    })
  }

  async #begin(run: NewRun, known: Partial<Driving>, beginning?: Beginning): Promise<void> {
    const driving = { ...initialDriving(run, this.clock.now()), ...known }
    this.#storage.create(run, driving, beginning)
    this.#tell('run.created', { parent: run.parent })
    await this.#arm()
  }

  #view(): RunView | null {
    const known = this.#storage.load()
    return known && runView(known.run, known.driving)
  }

  /** Persists what `how` makes of the state, and arms the alarm for it. Nothing is sent before. */
  async #change<T>(how: (d: Driving) => T): Promise<T | undefined> {
    const known = this.#storage.load()
    if (!known) return undefined
    const { status, reason, held } = known.driving
    const answer = how(known.driving)
    const d = known.driving
    if (d.status !== status || d.reason !== reason || d.held !== held) {
      this.#tell('run.changed', { status: d.status, reason: d.reason, held: d.held })
    }
    d.objectRequests += 1
    this.#storage.save(d)
    this.#watchers.show(() => this.#view())
    await this.#arm()
    // From here and not from the slice: a slow receiver must keep no message of another run waiting.
    const hasEnded = isEnded(d.status) && !isEnded(status)
    if (hasEnded) this.ctx.waitUntil(deliverWebhooks({ env: this.env }))
    return answer
  }

  /** Tells what only the object knows. */
  #tell<T extends EventType>(type: T, payload: EventPayloads[T], fence?: number): void {
    const known = this.#storage.load()
    if (!known) return
    const { run, driving } = known
    const at = new Date(this.clock.now()).toISOString()
    const common = { type, at, run: run.id, job: run.job, fence: fence ?? driving.fence }
    const event = { ...common, ...redactorOf(run)(payload) } as EngineEvent
    this.#log([event])
    this.onEvent(event)
  }

  #log(events: readonly EngineEvent[]): void {
    const logged = this.#storage.events.append(events)
    for (const event of logged) this.#watchers.tell(event)
  }

  async #arm(): Promise<void> {
    const known = this.#storage.load()
    const now = this.clock.now()
    await this.#alarm.arm(known && nextAlarm(known.driving, now), now)
  }
}
