import { DurableObject } from 'cloudflare:workers'
import { RunStorage } from './run-storage.ts'
import { systemClock, type Clock } from '../src/engine/clock.ts'
import * as driving from '../src/engine/driving.ts'
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
import {
  cancelInD1,
  deleteRun,
  indexRun,
  insertRun,
  raiseInD1,
  readRun,
  reopenInD1,
} from '../src/engine/run-store.ts'
import { runView } from '../src/engine/run-view.ts'

/**
 * One run's Durable Object: lease, attempts, signals, timers and the timeline of slices. A shell: what
 * each event means is decided in `src/engine/driving.ts`; here it is stored first and then acted on.
 * Every change goes through `#change`, which reads the state anew: other events may have come in during
 * any await on something that is not the object's own storage.
 */
export class JobRun extends DurableObject<Cloudflare.Env> implements RunObject {
  /** Replaced by tests. */
  clock: Clock = systemClock
  readonly #storage: RunStorage
  #settling: Promise<void> | undefined

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    this.#storage = new RunStorage(ctx.storage)
  }

  async create(run: NewRun): Promise<Created> {
    const known = this.#storage.load()
    if (known) {
      if (known.run.job !== run.job || known.run.params !== run.params)
        return { ok: false, code: 'idempotency_conflict' }
      return { ok: true, created: false, run: runView(known.run, known.driving) }
    }
    await this.#begin(run, 0)
    await this.#settle()
    return { ok: true, created: true, run: this.#view() as RunView }
  }

  async claim(_lane: number, n: number): Promise<Claim> {
    const known = this.#storage.load()
    if (!known) return { ok: false, code: 'unknown_run' }
    const now = this.clock.now()
    const claim = await this.#change((d) => driving.claim(d, known.run, n, now))
    if (claim?.ok) {
      this.#storage.beginSlice(n, claim.fence, now, known.driving.seen)
      this.ctx.waitUntil(this.#settle())
    }
    return claim ?? { ok: false, code: 'unknown_run' }
  }

  async report(news: Report): Promise<Reported> {
    const now = this.clock.now()
    const answer = await this.#change((d) =>
      driving.report(d, news, now) ? { stop: driving.stopFor(d) } : null,
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
        driving.release(d, known.run, last, fence, outcome, now, Math.random),
      ))
    if (!released) return { ok: false, code: 'stale' }
    if (last) this.#storage.sliceProgress(fence, last)
    const { reason = null, error = null } = outcome as {
      reason?: string
      error?: SliceView['error']
    }
    this.#storage.endSlice(fence, now, outcome.kind, reason, error)
    await this.#settle()
    return { ok: true }
  }

  async command(command: Command, options: { hold?: boolean }): Promise<Commanded> {
    const known = this.#storage.load()
    if (!known) return { ok: false, code: 'unknown_run' }
    const { cancelling, pausing } = known.driving
    const already =
      (command === 'cancel' && cancelling) || (command === 'pause' && pausing !== null)
    if (!already && (cancelling || !allows(known.driving.status, command))) {
      return { ok: false, code: 'invalid_transition', run: runView(known.run, known.driving) }
    }
    const now = this.clock.now()
    if (!already) await this.#change((d) => driving.command(d, command, options, now))
    await this.#settle()
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
        (d.status === 'queued' || d.status === 'running' || d.status === 'interrupted') && !d.held
      if (asleep && owes && !d.cancelling && !d.pausing) d.sendAt = now
      driving.onTime(d, now)
    })
    await this.#settle()
  }

  /** Removes the run from D1 and from here. For closed runs, after the time a queue message may live. */
  async purge(id: string): Promise<void> {
    await deleteRun(this.env.DB, id)
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#storage.forget()
  }

  /** Whatever happens here, the next alarm is armed: a fired one is used up. */
  override async alarm(): Promise<void> {
    try {
      const now = this.clock.now()
      const fence = this.#storage.load()?.driving.fence ?? 0
      const vanished = await this.#change((d) => driving.onTime(d, now))
      if (vanished) this.#storage.endSlice(fence, now, 'vanished', null, null)
      await this.#settle()
    } finally {
      await this.#arm()
    }
  }

  async #begin(run: NewRun, fence: number): Promise<void> {
    this.#storage.create(run, driving.initialDriving(run, this.clock.now(), fence))
    await this.#arm()
  }

  #view(): RunView | null {
    const known = this.#storage.load()
    return known && runView(known.run, known.driving)
  }

  /** Persists what `how` makes of the state, and arms the alarm for it. Nothing is sent before. */
  async #change<T>(how: (d: driving.Driving) => T): Promise<T | undefined> {
    const known = this.#storage.load()
    if (!known) return undefined
    const answer = how(known.driving)
    known.driving.objectRequests += 1
    this.#storage.save(known.driving)
    await this.#arm()
    return answer
  }

  async #arm(): Promise<void> {
    const known = this.#storage.load()
    const at = known && driving.nextAlarm(known.driving, this.clock.now())
    if (at === null) await this.ctx.storage.deleteAlarm()
    else await this.ctx.storage.setAlarm(at)
  }

  /**
   * Does what the state owes: D1's rows, a cancel, a pause, a reopening, the index, the message. What
   * fails stays owed, and the alarm tries again.
   */
  #settle(): Promise<void> {
    // One at a time; a caller that comes meanwhile waits, then looks for itself what is still owed.
    const before = this.#settling ?? Promise.resolve()
    const settled = before.then(() => this.#payDebts())
    this.#settling = settled
    return settled
  }

  async #payDebts(): Promise<void> {
    const known = this.#storage.load()
    if (!known) return
    const { run } = known
    const db = this.env.DB
    const at = (): string => new Date(this.clock.now()).toISOString()
    const owes = (): driving.Driving | undefined => this.#storage.load()?.driving
    try {
      if (owes()?.inD1 === false) {
        await insertRun(db, run, new Date(known.driving.createdAt).toISOString())
        await this.#change((d) => void (d.inD1 = true))
      }
      // Twice: when D1 has a higher fence, the first answer brings it and the second one counts.
      for (let turn = 0; turn < 2; turn++) {
        const d = owes()
        if (d?.cancelling) {
          const answer = await cancelInD1(db, run.id, d.fence, at())
          await this.#change((now) => driving.cancelAnswered(now, answer, this.clock.now()))
        } else if (d?.pausing === 'revoked') {
          const answer = await raiseInD1(db, run.id, d.fence, at())
          await this.#change((now) => driving.pauseAnswered(now, answer, this.clock.now()))
        } else if (d?.reopening) {
          const answer = await reopenInD1(db, run.id, d.fence, at())
          await this.#change((now) => driving.reopenAnswered(now, answer, this.clock.now()))
        }
      }
      await this.#send(run.id)
      await this.#index(run)
    } catch (error) {
      // eslint-disable-next-line no-console -- the only trace of a debt that is paid later
      console.warn(JSON.stringify({ event: 'run.debt_unpaid', run: run.id, error: String(error) }))
    }
  }

  async #send(run: string): Promise<void> {
    const d = this.#storage.load()?.driving
    if (!d || d.sendAt === null || d.sendAt > this.clock.now() || !d.inD1) return
    const { n } = d
    await this.#change((now) => {
      now.overdueAt = this.clock.now() + now.patienceMs
      now.sendAt = null
      // Written, read and deleted: what a message costs.
      now.queueOperations += 3
    })
    await this.env.QUEUE.send({ run, lane: 0, n })
  }

  async #index(run: NewRun): Promise<void> {
    const d = this.#storage.load()?.driving
    if (!d || d.rev === d.indexed) return
    const phase =
      d.status === 'queued' || d.status === 'interrupted' || d.status === 'paused'
        ? d.status
        : 'running'
    await indexRun(this.env.DB, run.id, d.rev, phase, JSON.stringify(runView(run, d)))
    await this.#change((now) => void (now.indexed = Math.max(now.indexed, d.rev)))
  }
}
