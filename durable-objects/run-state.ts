import { bindingsOf } from '../src/engine/bindings.ts'
import { type Driving, initialDriving, type Lease } from '../src/engine/drive/driving.ts'
import { hear, hearLines } from '../src/engine/drive/lease.ts'
import { nextAlarm } from '../src/engine/drive/owed.ts'
import type { SliceMessage } from '../src/engine/drive/protocol.ts'
import { recovered } from '../src/engine/drive/recovery.ts'
import type { Beginning, NewRun, StoredRun } from '../src/engine/drive/run-record.ts'
import { attentionOf, runView } from '../src/engine/drive/run-view.ts'
import { noteTrouble } from '../src/engine/drive/trouble.ts'
import type { EngineEvent, EventPayloads, EventType, ToldEvents } from '../src/engine/events.ts'
import { isEnded, type RunView } from '../src/engine/run.ts'
import { redactorOf } from '../src/engine/sensitive.ts'
import { runStore } from '../src/engine/store/d1/run-store.ts'
import type { RunStore } from '../src/engine/store/store.ts'
import { Alarm } from './alarm.ts'
import { type Looked, lookInD1 } from './d1-look.ts'
import type { Inbox, LastTaken } from './inbox.ts'
import { goOnWithPurge, PURGE_AGAIN_MS } from './purge.ts'
import { RunStorage } from './run-storage.ts'
import { Watchers } from './watchers.ts'
import { isoTime } from '../src/engine/iso-time.ts'

/** The object around the state. */
interface Host {
  env: () => Cloudflare.Env
  inbox: Inbox
  now: () => number
  /** Hears what the object itself tells. */
  told: (event: EngineEvent) => void
  /** The run has ended, and that is stored. */
  ended: () => Promise<void>
  /** Removes what the objects of its other lanes have stored. */
  forgetLanes: (run: string, lanes: number) => Promise<void>
}

/**
 * An object's knowledge of its run: stored, shown to who watches, and the alarm armed for it. Every change
 * goes through `change`, which reads the state again: other events may have come in during any await on
 * something that is not the object's own storage.
 */
export class RunState {
  readonly storage: RunStorage
  readonly watchers: Watchers
  readonly #ctx: DurableObjectState
  readonly #host: Host
  readonly #alarm: Alarm

  constructor(ctx: DurableObjectState, host: Host) {
    this.#ctx = ctx
    this.#host = host
    this.storage = new RunStorage(ctx.storage)
    this.watchers = new Watchers(ctx)
    this.#alarm = new Alarm(ctx.storage)
  }

  /** As the binding is then. */
  get store(): RunStore {
    return runStore(bindingsOf(this.#host.env()).db)
  }

  get env(): Cloudflare.Env {
    return this.#host.env()
  }

  now(): number {
    return this.#host.now()
  }

  load(): { run: NewRun; driving: Driving } | null {
    return this.storage.load()
  }

  view(): RunView | null {
    const known = this.load()
    return known && runView(known.run, known.driving)
  }

  /** Persists what `how` makes of the state, and arms the alarm for it. Nothing is sent before. */
  async change<T>(how: (d: Driving) => T): Promise<T | undefined> {
    const known = this.load()
    if (!known) return undefined
    const d = known.driving
    const { status, reason, held } = d
    const attention = attentionOf(d)
    let answer: T
    try {
      answer = this.#ctx.storage.transactionSync(() => {
        const given = how(d)
        noteTrouble(d, this.now())
        if (d.status !== status || d.reason !== reason || d.held !== held) {
          this.tell('run.changed', { status: d.status, reason: d.reason, held: d.held })
        }
        if (attentionOf(d) !== attention) this.tell('run.noted', { attention: attentionOf(d) })
        d.objectRequests += 1
        this.storage.save(d)
        return given
      })
      this.watchers.show(() => this.view())
      await this.arm()
    } catch (error) {
      this.storage.forget()
      throw error
    }
    // From here and not from the slice: a slow listener must keep no message of another run waiting.
    const hasEnded = isEnded(d.status) && !isEnded(status) && known.run.lane === undefined
    if (hasEnded) this.#ctx.waitUntil(this.#host.ended())
    return answer
  }

  /** Tells what only the object knows. */
  tell<T extends EventType>(type: T, payload: EventPayloads[T], fence?: number): void {
    const known = this.load()
    if (!known) return
    const { run, driving } = known
    const at = isoTime(this.now())
    const { id, job, lane } = run
    const where = { run: id, job, ...(lane !== undefined && { lane }) }
    const event = {
      type,
      at,
      ...where,
      fence: fence ?? driving.fence,
      ...redactorOf(run)(payload),
    } as EngineEvent
    this.log([event])
    this.#host.told(event)
  }

  log(events: readonly EngineEvent[]): void {
    const logged = this.storage.past.append(events)
    for (const event of logged) this.watchers.tell(event)
  }

  /** What the holder of the lease tells, as far as it is news. */
  hear(held: Lease, told: ToldEvents): void {
    this.log(hear(held, told))
    if (!told.lines) return
    const { lines, lost } = hearLines(held, told.lines)
    for (const line of this.storage.past.lines.append(lines, lost, this.now()))
      this.watchers.tell({ line })
  }

  /** The next alarm, at once, is to work this message. */
  async keep(message: SliceMessage): Promise<void> {
    this.#host.inbox.put(message)
    await this.arm()
  }

  /** Its slices need no queue. */
  get worksItself(): boolean {
    return this.#host.inbox.workSlice !== undefined
  }

  /** Undefined where it is not known. */
  lastTaken(): Promise<LastTaken | undefined> {
    return this.#host.inbox.lastTaken()
  }

  async arm(): Promise<void> {
    const known = this.load()
    const now = this.now()
    const purgeAt = this.storage.purging ? now + PURGE_AGAIN_MS : null
    const wakeAt = known ? nextAlarm(known.driving, now) : purgeAt
    await this.#alarm.arm(this.#host.inbox.isEmpty ? wakeAt : now, now)
  }

  /** A fired alarm is used up. */
  async armAgain(): Promise<void> {
    this.#alarm.fired()
    await this.arm()
  }

  /** Begins a run, or once more one whose row is gone from D1: nothing else of it may be left there. */
  async beginAgain(run: NewRun, gone?: Driving, beginning?: Beginning): Promise<void> {
    if (gone) await this.store.remove(run.id, { gone: true })
    // Else somebody else has begun it meanwhile.
    if (this.load()?.driving === gone) await this.#begin(run, {}, beginning)
  }

  /** Begins a lane that another one has cut off. */
  async beginLane(lane: NewRun, driving: Driving): Promise<void> {
    this.storage.create(lane, driving)
    await this.arm()
  }

  /** The run is what D1 has, whatever this object knew. */
  async takeOver(stored: StoredRun): Promise<void> {
    const { run, known } = recovered(stored, this.now())
    await this.#begin(run, known)
  }

  async #begin(run: NewRun, known: Partial<Driving>, beginning?: Beginning): Promise<void> {
    const before = this.load()?.driving
    const { fence = 0, n = 0, rev = 0 } = before ?? {}
    // Whoever still works on the run as it was before is too old.
    const driving = {
      ...initialDriving(run, this.now()),
      ...(before && { fence, n: n + 1, rev: rev + 1 }),
      ...known,
    }
    this.storage.create(run, driving, beginning)
    this.tell('run.created', { parent: run.parent })
    await this.arm()
  }

  /** Looks what D1 has of the run, and adopts it; see `lookInD1`. */
  look(id: string, whenEmpty?: (stored: StoredRun) => boolean): Promise<Looked> {
    return lookInD1(id, this.store, this, whenEmpty)
  }

  /** Goes on with a purge that has begun, if one has. */
  async goOnWithPurge(): Promise<void> {
    await goOnWithPurge(this.store, this.storage, (lanes) => this.forgetAll(lanes))
    await this.arm()
  }

  /** `purged`: the run whose other lanes are to be forgotten first, and how many it has. */
  async forgetAll(purged?: { run: string; lanes: number }): Promise<void> {
    if (purged) await this.#host.forgetLanes(purged.run, purged.lanes)
    await this.#alarm.arm(null, this.now())
    await this.#ctx.storage.deleteAll()
    this.storage.forget()
  }
}
