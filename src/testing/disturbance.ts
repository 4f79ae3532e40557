import type { SliceMessage } from '../engine/drive/protocol.ts'
import type { SliceDeps } from '../engine/slice/deps.ts'
import { runSlice } from '../engine/slice/slice.ts'
import { NETWORK_ERROR } from './faulty-database.ts'
import type { QueueFault } from './faulty-queue.ts'
import type { D1Call } from './intercepted-database.ts'
import { type CallFault, Invocation } from './invocation.ts'
import { objectD1Kind } from './object-call.ts'
import { pointName } from './schedule-words.ts'
import type {
  Place,
  PlannedFault,
  Point,
  PointFault,
  PointKind,
  FaultSchedule,
} from './schedule.ts'
import type { CallKind, SliceCall } from './slice-call.ts'
import type { Upheavals } from './upheavals.ts'

/** A slice that was taken for dead. */
interface Sleeper {
  wake: () => void
  /** Resolves when it has come to its end, after it was woken. */
  over: Promise<void>
}

/** A call to D1 is never given up on: whoever waits for ever is dead. (The longest a timer can take.) */
const FOR_EVER_MS = 2 ** 31 - 1

/** Before these, calls that are late land: as long after they were sent as can still do harm. */
const LATE_BEFORE: ReadonlySet<CallKind> = new Set(['commit', 'end', 'close', 'release'])

/**
 * Works the slices of one run and does to them, and to what its Durable Objects do by themselves, what a
 * schedule says. Each slice is an invocation of its own; calls are counted by kind over all of them.
 */
export class Disturbance {
  /** The calls that slices made, in order. */
  readonly points: Point[] = []
  /** Calls that the objects made by themselves, in order. */
  readonly objectPoints: Point[] = []
  /** The number of the schedule's faults that have happened. */
  met = 0
  readonly #schedule: FaultSchedule
  readonly #upheavals: Upheavals
  readonly #counts = new Map<PointKind, number>()
  readonly #invocations: Invocation[] = []
  readonly #late: (() => Promise<unknown>)[] = []
  readonly #sleepers = new Map<Invocation, Sleeper>()
  readonly #wereAsleep = new WeakSet<Invocation>()

  constructor(schedule: FaultSchedule, upheavals: Upheavals) {
    this.#schedule = schedule
    this.#upheavals = upheavals
  }

  /** Works one message until its slice has ended, is dead, or is taken for dead. */
  async slice(message: SliceMessage, deps: SliceDeps): Promise<void> {
    const { promise: asleep, resolve: fallAsleep } = Promise.withResolvers<void>()
    let committed = false
    const sleep = async (): Promise<void> => {
      if (this.#wereAsleep.has(invocation)) return
      const { promise: woken, resolve: wake } = Promise.withResolvers<void>()
      this.#sleepers.set(invocation, { wake, over })
      this.#wereAsleep.add(invocation)
      fallAsleep()
      await woken
    }
    const invocation: Invocation = new Invocation(deps, async (call) => {
      if (committed) await this.#wakeOthers(invocation)
      if (LATE_BEFORE.has(call.kind)) await this.#land()
      const planned = await this.#faultAt(call)
      committed ||= planned === undefined && (call.kind === 'commit' || call.kind === 'end')
      if (planned?.fault === 'doubled') await runSlice(message, deps)
      if (planned?.fault === 'zombie') await sleep()
      if (planned?.fault === 'forgotten') {
        await this.#upheavals.loseStorage(message.run)
        await this.#upheavals.sweep()
        await sleep()
      }
      return planned && this.#befall(message.run, planned)
    })
    this.#invocations.push(invocation)
    const { env, objects } = invocation
    const worked = runSlice(message, { ...deps, env, objects, d1PatienceMs: FOR_EVER_MS }).catch(
      (error: unknown) => {
        // As in a queue consumer: a slice that is lost comes back by its object's alarm.
        if (this.#schedule.length === 0) throw error
      },
    )
    const over = Promise.race([worked, invocation.died])
    await Promise.race([over, asleep])
    await this.#upheavals.sweep()
  }

  /** A call of an object to D1. */
  async objectCall(call: D1Call, work: () => Promise<unknown>): Promise<unknown> {
    const kind = objectD1Kind(call)
    const planned = kind && this.#count(kind, this.objectPoints)
    if (!planned) return work()
    this.met += 1
    if (planned.fault === 'lost_answer') await work()
    if (planned.fault === 'late') this.#late.push(work)
    throw new Error(NETWORK_ERROR)
  }

  /** The fault of a message, if there is one. */
  messageFault(): QueueFault | undefined {
    const planned = this.#count('send', this.objectPoints)
    if (!planned) return undefined
    this.met += 1
    return planned.fault === 'lost_answer' ? 'lost_answer' : 'refused'
  }

  /** Lets everything happen that is still to come: late calls, and slices that were taken for dead. */
  async settle(): Promise<void> {
    await this.#wakeOthers(undefined)
    await this.#land()
  }

  /** The fault that is planned for a call that a slice is about to make. */
  async #faultAt(call: SliceCall): Promise<PlannedFault | undefined> {
    const planned = this.#count(call.kind, this.points, call)
    const here = this.points.at(-1)
    if (here && this.#schedule.some(({ to }) => to && isAt(to, here))) {
      await this.#upheavals.note(momentOf(here))
    }
    if (!planned) return undefined
    // A moment that has not been yet.
    if (planned.to && !this.#upheavals.canPutBack(momentOf(planned.to))) return undefined
    this.met += 1
    return planned
  }

  /** The part of a fault that is left for the call itself. */
  async #befall(run: string, { fault, to }: PlannedFault): Promise<CallFault | undefined> {
    if (fault === 'storage_lost') await this.#upheavals.loseStorage(run)
    if (to) await this.#upheavals.putBack(run, momentOf(to))
    return isCallFault(fault) ? fault : undefined
  }

  #count(kind: PointKind, points: Point[], call?: SliceCall): PlannedFault | undefined {
    const place = { kind, nth: (this.#counts.get(kind) ?? 0) + 1 }
    this.#counts.set(kind, place.nth)
    points.push({ ...place, name: pointName(place, call) })
    return this.#schedule.find((planned) => isAt(planned, place))
  }

  async #land(): Promise<void> {
    for (const call of this.#late.splice(0)) await call().catch(() => undefined)
    for (const invocation of this.#invocations) await invocation.land()
  }

  async #wakeOthers(awake: Invocation | undefined): Promise<void> {
    for (const [invocation, sleeper] of this.#sleepers) {
      if (invocation === awake) continue
      this.#sleepers.delete(invocation)
      sleeper.wake()
      await sleeper.over
    }
  }
}

function isCallFault(fault: PointFault): fault is CallFault {
  return !UPON_THE_RUN.has(fault)
}

const UPON_THE_RUN: ReadonlySet<PointFault> = new Set([
  'zombie',
  'doubled',
  'storage_lost',
  'forgotten',
  'put_back',
])

function isAt(one: Place, other: Place): boolean {
  return one.kind === other.kind && one.nth === other.nth
}

function momentOf({ kind, nth }: Place): string {
  return `${kind} ${nth}`
}
