import type { SliceMessage } from '../engine/protocol.ts'
import { runSlice, type SliceDeps } from '../engine/slice.ts'
import { Invocation, type CallFault } from './invocation.ts'
import { pointName, type Point, type Schedule } from './schedule.ts'
import type { CallKind, SliceCall } from './slice-call.ts'

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
 * Works the slices of one run and does to them what a schedule says. Each slice is an invocation of
 * its own; calls are counted by kind over all of them.
 */
export class Disturbance {
  /** The calls that were made, in order. */
  readonly points: Point[] = []
  readonly #schedule: Schedule
  /** How many of the schedule's faults have happened. */
  met = 0
  readonly #counts = new Map<CallKind, number>()
  readonly #invocations: Invocation[] = []
  readonly #sleepers = new Map<Invocation, Sleeper>()
  readonly #wereAsleep = new WeakSet<Invocation>()

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  /** Works one message until its slice has ended, is dead, or is taken for dead. */
  async slice(message: SliceMessage, deps: SliceDeps): Promise<void> {
    const { promise: asleep, resolve: fallAsleep } = Promise.withResolvers<void>()
    let committed = false
    const invocation: Invocation = new Invocation(deps, async (call) => {
      if (committed) await this.#wakeOthers(invocation)
      if (LATE_BEFORE.has(call.kind)) await this.#land()
      const fault = this.#faultAt(call)
      committed ||= fault === undefined && (call.kind === 'commit' || call.kind === 'end')
      if (fault === 'doubled') {
        await runSlice(message, deps)
        return undefined
      }
      if (fault !== 'zombie') return fault
      if (this.#wereAsleep.has(invocation)) return undefined
      const { promise: woken, resolve: wake } = Promise.withResolvers<void>()
      this.#sleepers.set(invocation, { wake, over })
      this.#wereAsleep.add(invocation)
      fallAsleep()
      await woken
      return undefined
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
  }

  /** Lets everything happen that is still to come: late calls, and slices that were taken for dead. */
  async settle(): Promise<void> {
    await this.#wakeOthers(undefined)
    await this.#land()
  }

  #faultAt(call: SliceCall): CallFault | 'zombie' | 'doubled' | undefined {
    const { kind } = call
    const nth = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, nth)
    this.points.push({ kind, nth, name: pointName(kind, nth, call) })
    const planned = this.#schedule.find((one) => one.kind === kind && one.nth === nth)
    if (planned) this.met += 1
    return planned?.fault
  }

  async #land(): Promise<void> {
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
