import { type Clock, systemClock } from '../src/engine/clock.ts'
import * as commands from '../src/engine/drive/commands.ts'
import { createdBefore } from '../src/engine/drive/creation.ts'
import type { Driving, LaneOrder } from '../src/engine/drive/driving.ts'
import { lanesToOrder, orderAgain } from '../src/engine/drive/lanes.ts'
import * as lease from '../src/engine/drive/lease.ts'
import { isForgotten } from '../src/engine/drive/owed.ts'
import { isTooOld, MINIMUM } from '../src/engine/drive/protocol-number.ts'
import type {
  Claim,
  Commanded,
  Created,
  Killed,
  Outcome,
  Released,
  Reported,
  RunObject,
  RunObjects,
} from '../src/engine/drive/protocol.ts'
import { release } from '../src/engine/drive/release.ts'
import { runObjects } from '../src/engine/drive/run-objects.ts'
import type { Beginning, NewRun, Report, StoredRun } from '../src/engine/drive/run-record.ts'
import { runView } from '../src/engine/drive/run-view.ts'
import { OLDER_SLICE, stopSoon, turnAway } from '../src/engine/drive/turned-away.ts'
import { type EngineEvent, logEvent, type ToldEvents } from '../src/engine/events.ts'
import { log } from '../src/engine/log.ts'
import type { Command, LaneView, RunView } from '../src/engine/run.ts'
import type { Past } from './past.ts'
import { Removable } from './removable.ts'
import { Inbox } from './inbox.ts'
import { missingQueue } from './queues.ts'
import { Reconciler } from './reconciler.ts'
import { RunLanes } from './run-lanes.ts'
import { RunState } from './run-state.ts'
import { watch } from './watch.ts'

/** The longest wait of a person for D1's word on a command. */
const ANSWER_WITHIN_MS = 2_000

/**
 * One run's Durable Object: lease, attempts, signals, timers, the log of events and who watches it. A
 * shell: what a message means is decided in `src/engine/drive/{lease,commands}.ts`; here it is stored first,
 * then acted on.
 */
export class RunHost extends Removable implements RunObject {
  /** Replaced by tests. */
  clock: Clock = systemClock
  /** Hears what the object itself tells; slices have their own log. Replaced by tests. */
  onEvent: (event: EngineEvent) => void = logEvent
  /** The lowest number of a slice's protocol that is worked with. Replaced by tests. */
  minimum: number = MINIMUM
  /**
   * Rejects while this code must not work on the database: nothing is begun there, and what is owed stays owed.
   * Replaced by the Worker, and by tests.
   */
  ready: () => Promise<void> = async () => {}
  /** The objects of the run's other lanes. Replaced by tests. */
  objects: RunObjects = (name) => runObjects(this.env)(name)
  /** Where the Worker has no queue, the object works its slices itself. */
  readonly inbox = new Inbox()
  protected readonly state: RunState
  readonly #lanes: RunLanes
  readonly #reconciler: Reconciler

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    this.state = new RunState(ctx, {
      env: () => this.env,
      inbox: this.inbox,
      now: () => this.clock.now(),
      told: (event) => this.onEvent(event),
      ended: () => this.#tellEnd(),
      forgetLanes: (run, lanes) => this.#lanes.forget(run, lanes),
    })
    this.#lanes = new RunLanes(this.state, () => this.objects)
    this.#reconciler = new Reconciler(this.state, this.#lanes, () => this.ready())
  }

  protected override get past(): Past | null {
    return this.state.load() && this.state.storage.past
  }

  /**
   * The run has ended, in D1 too. Called once per end, also after a retry; who dies before is not called
   * again. Nothing waits for it: override it to tell others.
   */
  protected ended(): void | Promise<void> {}

  async #tellEnd(): Promise<void> {
    try {
      await this.ended()
    } catch (error) {
      log.error('listener.failed', { type: 'ended', error })
    }
  }

  create(run: NewRun): Promise<Created> {
    return this.#create(run)
  }

  fork(run: NewRun, beginning: Beginning): Promise<Created> {
    return this.#create(run, beginning)
  }

  async known(run: NewRun): Promise<Created | null> {
    return (await this.#isGone(run)) ? null : createdBefore(this.state.load(), run)
  }

  async #create(run: NewRun, beginning?: Beginning): Promise<Created> {
    const gone = await this.ready().then(() => this.#isGone(run))
    // What somebody else has created meanwhile is no longer what was gone.
    const known = this.state.load()
    const before = known?.driving === gone ? null : createdBefore(known, run)
    if (before) return before
    const missing = missingQueue(this.env, run, this.inbox.workSlice !== undefined)
    if (missing !== undefined) return { ok: false, code: 'unknown_queue', queue: missing }
    await this.state.beginAgain(run, gone, beginning)
    await this.#reconciler.settle()
    return { ok: true, created: true, run: this.state.view() as RunView }
  }

  /** The state of a run that D1 has forgotten. It is asked when there was a run of that key, or may be. */
  async #isGone(run: NewRun): Promise<Driving | undefined> {
    await this.endPurge()
    const known = this.state.load()
    const looked = known || run.derived ? await this.state.look(run.id) : 'unknown'
    if (looked === 'gone' && known?.driving.inD1) return known.driving
    if (known) await this.#reconciler.settle()
    return undefined
  }

  async claim(lane: number, n: number, protocol?: number): Promise<Claim> {
    const known = this.state.load()
    if (!known || lane !== (known.run.lane ?? 0)) return { ok: false, code: 'unknown_run' }
    const now = this.clock.now()
    const claim = await this.state.change((d) => {
      if (isTooOld(protocol, this.minimum)) return turnAway(d, known.run, n, now, Math.random)
      const answer = lease.claim(d, known.run, n, now)
      if (answer.ok) this.state.tell('slice.claimed', lease.told(d, n))
      return answer
    })
    if (claim?.ok) this.ctx.waitUntil(this.#reconciler.settle())
    return claim ?? { ok: false, code: 'unknown_run' }
  }

  async report(news: Report, told?: ToldEvents, protocol?: number): Promise<Reported> {
    const now = this.clock.now()
    const answer = await this.state.change((d) => {
      if (isTooOld(protocol, this.minimum)) return stopSoon(d, news, now)
      if (!lease.report(d, news, now)) return null
      this.past?.progress(now, news.fence, news)
      if (told && d.lease) this.state.hear(d.lease, told)
      return { stop: lease.stopFor(d), ...(d.lease?.kill && { kill: true as const }) }
    })
    this.ctx.waitUntil(this.#lanes.tellProgress())
    // New lanes are to be worked at once, and not at the end of this slice.
    const driving = this.state.load()?.driving
    if (driving && lanesToOrder(driving).length > 0) this.ctx.waitUntil(this.#reconciler.settle())
    return answer ? { ok: true, ...answer } : { ok: false, code: 'stale' }
  }

  async release(
    last: Report | null,
    fence: number,
    outcome: Outcome,
    told?: ToldEvents,
    protocol?: number,
  ): Promise<Released> {
    // D1 knows what it has done, and tells it to the next slice.
    if (isTooOld(protocol, this.minimum))
      return this.release(null, fence, OLDER_SLICE, undefined, this.minimum)
    const known = this.state.load()
    const now = this.clock.now()
    const released =
      known &&
      (await this.state.change((d) => {
        const held = d.lease
        if (!held || !release(d, known.run, { last, fence, outcome }, now, Math.random))
          return false
        if (last) this.past?.progress(now, fence, last)
        if (told) this.state.hear(held, told)
        // Older code does not tell.
        else this.state.tell('slice.released', { ...outcome, outcome: outcome.kind }, fence)
        return true
      }))
    if (!released) return { ok: false, code: 'stale' }
    await this.#reconciler.settle()
    return { ok: true }
  }

  passOver(place: string, by: string): Promise<Commanded> {
    return this.command('retry', { passOver: { place, by } })
  }

  async command(command: Command, options: commands.CommandOptions): Promise<Commanded> {
    const known = this.state.load() ?? (await this.#find())
    if (!known) return { ok: false, code: 'unknown_run' }
    const ask = commands.admits(known.driving, command, options, this.clock.now())
    if (ask !== 'new' && ask !== 'already') {
      return { ok: false, code: ask, run: runView(known.run, known.driving) }
    }
    const now = this.clock.now()
    if (ask === 'new') {
      await this.state.change((d) => {
        this.state.tell('run.commanded', commands.told(command, options))
        commands.command(d, command, options, now)
      })
      if (command === 'interrupt')
        this.ctx.waitUntil(this.#lanes.passOn((lane) => lane.command(command, options)))
    }
    // A D1 that does not answer must not keep the person waiting; the alarm goes on asking it.
    await Promise.race([this.#reconciler.settle(), this.clock.wait(ANSWER_WITHIN_MS)])
    const after = this.state.load()
    if (!after) return { ok: false, code: 'unknown_run' }
    const { run, driving } = after
    return { ok: true, run: runView(run, driving), pending: commands.isPending(driving) }
  }

  async kill(by?: string): Promise<Killed> {
    const known = this.state.load()
    if (!known) return { ok: false, code: 'unknown_run' }
    const run = runView(known.run, known.driving)
    const others = run.lanes?.some((lane) => lane.lease) === true
    if (known.driving.lease === null && !others)
      return { ok: false, code: 'invalid_transition', run }
    await this.state.change((d) => {
      this.state.tell('run.commanded', { command: 'kill', ...(by !== undefined && { by }) })
      if (d.lease) d.lease.kill = true
    })
    if (others) await this.#lanes.passOn((lane) => lane.kill(by))
    return { ok: true, run }
  }

  async describe(): Promise<RunView | null> {
    // One under way is found by the sweep, and by whoever asks for something of it.
    if (!this.state.load()) await this.#find(({ status }) => status !== 'active')
    return this.state.view()
  }

  /**
   * Watches the run, over a WebSocket: first the events after number `?after=`, the job's own lines after number
   * `?logs=` (without it none), and the run as it is; then whatever happens. 404 when there is no such run, 429 when too many watch it, or too many of
   * `?caller=`.
   */
  override async fetch(request: Request): Promise<Response> {
    if (!this.state.load()) await this.#find()
    const run = this.state.view()
    if (!run) return new Response(null, { status: 404 })
    return watch(request, run, this.state)
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close()
  }

  /**
   * The sweep found this run idle. Makes sure that somebody drives it, and adopts what D1 says: this object
   * may have lost its storage, or D1 may have been restored to an earlier time.
   */
  override async poke(id: string): Promise<void> {
    await this.state.look(id)
    const now = this.clock.now()
    await this.state.change((d) => {
      if (isForgotten(d)) d.sendAt = now
      orderAgain(d)
    })
    await this.#lookAtClock()
    await this.#reconciler.settle()
    // It may be the alarm that was lost: what this object remembers of it is not to be relied on.
    await this.state.armAgain()
  }

  order(lane: NewRun, order: LaneOrder, seen: Report | null): Promise<LaneView> {
    return this.ready()
      .then(() => this.#lanes.take(lane, order, seen))
      .finally(() => this.ctx.waitUntil(this.#reconciler.settle()))
  }

  async hearLane(shown: LaneView): Promise<boolean> {
    if (!this.state.load()) await this.#find()
    const heard = await this.#lanes.hear(shown)
    this.ctx.waitUntil(this.#reconciler.settle())
    return heard
  }

  /** Whatever happens here, the next alarm is armed: a fired one is used up. */
  override async alarm(): Promise<void> {
    try {
      await this.state.goOnWithPurge()
      await this.#lookAtClock()
      await this.#reconciler.settle()
      await this.inbox.work()
    } finally {
      await this.state.armAgain()
    }
  }

  /** An object without storage, asked for its run: it may have lost it. */
  async #find(whenEmpty?: (stored: StoredRun) => boolean) {
    const { name } = this.ctx.id
    if (name !== undefined) await this.state.look(name, whenEmpty)
    return this.state.load()
  }

  async #lookAtClock(): Promise<void> {
    const run = this.state.load()?.run
    if (!run) return
    const now = this.clock.now()
    await this.state.change((d) => {
      const { fence } = d
      if (lease.onTime(d, run, now)) this.state.tell('slice.vanished', {}, fence)
    })
  }
}
