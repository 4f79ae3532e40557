import { DurableObject } from 'cloudflare:workers'
import { Debts } from './debts.ts'
import { missingQueue } from './queues.ts'
import { RunStorage } from './run-storage.ts'
import { systemClock, type Clock } from '../src/engine/clock.ts'
import * as commands from '../src/engine/commands.ts'
import { initialDriving, nextAlarm, type Driving } from '../src/engine/driving.ts'
import * as lease from '../src/engine/lease.ts'
import type {
  Claim,
  Commanded,
  Created,
  NewRun,
  Outcome,
  Released,
  Report,
  Reported,
  RunObject,
  SliceView,
} from '../src/engine/protocol.ts'
import { allows, type Command, type RunView } from '../src/engine/run.ts'
import { deleteRun, readRun } from '../src/engine/run-store.ts'
import { runView } from '../src/engine/run-view.ts'

/** How long a person waits for D1's word on a command. */
const ANSWER_WITHIN_MS = 2_000

/**
 * One run's Durable Object: lease, attempts, signals, timers and the timeline of slices. A shell: what
 * each event means is decided in `src/engine/{lease,commands}.ts`; here it is stored first, then acted on.
 * Every change goes through `#change`, which reads the state anew: other events may have come in during
 * any await on something that is not the object's own storage.
 */
export class JobRun extends DurableObject implements RunObject {
  /** Replaced by tests. */
  clock: Clock = systemClock
  readonly #storage: RunStorage
  readonly #debts: Debts
  #armedFor: number | undefined

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    this.#storage = new RunStorage(ctx.storage)
    this.#debts = new Debts({
      env,
      storage: this.#storage,
      now: () => this.clock.now(),
      change: (how) => this.#change(how),
    })
  }

  async create(run: NewRun): Promise<Created> {
    const known = this.#storage.load()
    if (known) {
      if (known.run.job !== run.job || known.run.params !== run.params)
        return { ok: false, code: 'idempotency_conflict' }
      return { ok: true, created: false, run: runView(known.run, known.driving) }
    }
    // A follow-up run is listed by a commit, and a refusal would keep its parent from being closed.
    const missing = run.parent === null ? missingQueue(this.env, run.options) : undefined
    if (missing !== undefined) return { ok: false, code: 'unknown_queue', queue: missing }
    await this.#begin(run, 0)
    await this.#debts.settle()
    return { ok: true, created: true, run: this.#view() as RunView }
  }

  async claim(lane: number, n: number): Promise<Claim> {
    const known = this.#storage.load()
    if (!known || lane !== 0) return { ok: false, code: 'unknown_run' }
    const now = this.clock.now()
    const claim = await this.#change((d) => lease.claim(d, known.run, n, now))
    if (claim?.ok) {
      this.#storage.beginSlice(n, claim.fence, now, known.driving.seen)
      this.ctx.waitUntil(this.#debts.settle())
    }
    return claim ?? { ok: false, code: 'unknown_run' }
  }

  async report(news: Report): Promise<Reported> {
    const now = this.clock.now()
    const answer = await this.#change((d) =>
      lease.report(d, news, now) ? { stop: lease.stopFor(d) } : null,
    )
    if (!answer) return { ok: false, code: 'stale' }
    this.#storage.sliceProgress(news.fence, news)
    return { ok: true, stop: answer.stop }
  }

  async release(last: Report | null, fence: number, outcome: Outcome): Promise<Released> {
    const known = this.#storage.load()
    const now = this.clock.now()
    const released =
      known &&
      (await this.#change((d) =>
        lease.release(d, known.run, last, fence, outcome, now, Math.random),
      ))
    if (!released) return { ok: false, code: 'stale' }
    if (last) this.#storage.sliceProgress(fence, last)
    const { reason = null, error = null } = outcome as {
      reason?: string
      error?: SliceView['error']
    }
    this.#storage.endSlice(fence, now, outcome.kind, reason, error)
    await this.#debts.settle()
    return { ok: true }
  }

  async command(command: Command, options: { hold?: boolean }): Promise<Commanded> {
    const known = this.#storage.load()
    if (!known) return { ok: false, code: 'unknown_run' }
    const { cancelling, closing, pausing } = known.driving
    const already =
      (command === 'cancel' && cancelling) || (command === 'pause' && pausing !== null)
    const settling = cancelling || closing || (pausing !== null && command === 'resume')
    if (!already && (settling || !allows(known.driving.status, command))) {
      return { ok: false, code: 'invalid_transition', run: runView(known.run, known.driving) }
    }
    const now = this.clock.now()
    const { fence } = known.driving
    if (!already) await this.#change((d) => commands.command(d, command, options, now))
    if (command === 'cancel') this.#storage.endSlice(fence, now, 'interrupted', 'cancel', null)
    // A D1 that does not answer must not keep the person waiting; the alarm goes on asking it.
    await Promise.race([this.#debts.settle(), this.clock.wait(ANSWER_WITHIN_MS)])
    const after = this.#storage.load()
    if (!after) return { ok: false, code: 'unknown_run' }
    const d = after.driving
    const pending = d.cancelling || d.reopening || d.pausing !== null || d.interrupting !== null
    return { ok: true, run: runView(after.run, d), pending }
  }

  async describe(): Promise<RunView | null> {
    return this.#view()
  }

  async slices(): Promise<SliceView[]> {
    return this.#storage.slices()
  }

  /**
   * The sweep found this run idle. Makes sure that somebody drives it; an object that lost its own
   * storage takes definition and fence from D1.
   */
  async poke(id: string): Promise<void> {
    if (!this.#storage.load()) {
      const run = await readRun(this.env.DB, id)
      if (!run || this.#storage.load()) return
      const { fence, options, ...definition } = run
      // Whether its directive was met is not known any more: going on is what matters.
      const { interrupt: _interrupt, ...rest } = options
      await this.#begin({ ...definition, options: rest }, fence)
    }
    const now = this.clock.now()
    await this.#change((d) => {
      const asleep = d.leaseUntil === null && d.overdueAt === null && d.sendAt === null
      const owes =
        d.closing ||
        ((d.status === 'queued' || d.status === 'running' || d.status === 'interrupted') && !d.held)
      if (asleep && owes && !d.cancelling && !d.pausing) d.sendAt = now
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
      this.#armedFor = undefined
      await this.#arm()
    }
  }

  async #lookAtClock(): Promise<void> {
    const now = this.clock.now()
    const fence = this.#storage.load()?.driving.fence ?? 0
    const vanished = await this.#change((d) => lease.onTime(d, now))
    if (vanished) this.#storage.endSlice(fence, now, 'vanished', null, null)
  }

  async #begin(run: NewRun, fence: number): Promise<void> {
    this.#storage.create(run, initialDriving(run, this.clock.now(), fence))
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
    const answer = how(known.driving)
    known.driving.objectRequests += 1
    this.#storage.save(known.driving)
    await this.#arm()
    return answer
  }

  /** An alarm that rings early is harmless: it looks, and is armed anew. So a later time costs no write. */
  async #arm(): Promise<void> {
    const known = this.#storage.load()
    const now = this.clock.now()
    const at = known && nextAlarm(known.driving, now)
    if (at === null) {
      this.#armedFor = undefined
      await this.ctx.storage.deleteAlarm()
    } else if (this.#armedFor === undefined || this.#armedFor > at || this.#armedFor <= now) {
      this.#armedFor = at
      await this.ctx.storage.setAlarm(at)
    }
  }
}
