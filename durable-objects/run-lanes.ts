import type { Driving, LaneOrder } from '../src/engine/drive/driving.ts'
import { laneObject } from '../src/engine/drive/lane-object.ts'
import { beginLane, laneView, takeOrder } from '../src/engine/drive/lane-orders.ts'
import { hearLane, lanesToOrder, ordered, orderFor } from '../src/engine/drive/lanes.ts'
import type { RunObject, RunObjects } from '../src/engine/drive/protocol.ts'
import type { NewRun, Report } from '../src/engine/drive/run-record.ts'
import { withTimeout } from '../src/engine/patience.ts'
import { isEnded, type LaneView } from '../src/engine/run.ts'
import type { RunState } from './run-state.ts'

/** An object that does not answer for longer is asked again. */
const ANSWER_WITHIN_MS = 10_000
/** From one report of progress to the next: of all lanes together, eight a second. */
const PROGRESS_MS = 1_000
const PROGRESS_PER_LANE_MS = 125

/**
 * What the objects of a run's lanes tell each other. The run's own, which is that of its first lane, gives orders
 * and repeats each until it is taken; the others tell how they are until they are heard.
 */
export class RunLanes {
  readonly #state: RunState
  readonly #objects: () => RunObjects
  #progressAt = 0

  constructor(state: RunState, objects: () => RunObjects) {
    this.#state = state
    this.#objects = objects
  }

  /** Takes an order, as the object of a lane that is not the first. It begins with the first one. */
  async take(lane: NewRun, order: LaneOrder, seen: Report | null): Promise<LaneView> {
    if (!this.#state.load()) await this.#state.beginLane(lane, beginLane(lane, this.#state.now()))
    await this.#state.change((d) => takeOrder(d, order, seen, this.#state.now()))
    const known = this.#state.load()
    if (!known) throw new Error('The lane is being removed; expected no order to it')
    return laneView(known.run, known.driving)
  }

  /** Hears how a lane is, as the run's object. False where there is no such run. */
  async hear(shown: LaneView): Promise<boolean> {
    const known = this.#state.load()
    if (!known) return false
    const ended = await this.#state.change((d) => hearLane(d, shown, this.#state.now()))
    // It has ended the run in D1.
    if (ended) await this.#state.look(known.run.id)
    return true
  }

  /** Gives the orders that have not been taken. Throws when one of them could not be given. */
  async orderAll(run: NewRun): Promise<void> {
    const d = this.#state.load()?.driving
    if (!d?.inD1) return
    const order = orderFor(d)
    const given = lanesToOrder(d).map((lane) => this.#order(run, d, lane, order))
    const failed = (await Promise.allSettled(given)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  async #order(run: NewRun, d: Driving, lane: number, order: LaneOrder): Promise<void> {
    const { derived: _derived, ...rest } = run
    // Its last words may have been lost, or D1 put back.
    const unsure = order === 'finish' || !d.lanes?.[lane - 1]?.shown
    const stored = unsure ? await this.#state.store.laneOf(run.id, lane) : null
    const given = stored?.finished ? 'finish' : order
    const shown = await withTimeout(
      this.#object(run.id, lane).order({ ...rest, lane }, given, stored?.seen ?? null),
      ANSWER_WITHIN_MS,
    )
    await this.#state.change((state) => {
      ordered(state, lane, order)
      hearLane(state, shown, this.#state.now())
    })
  }

  /** Tells the run's object what is new of this lane. */
  async tellRun(run: NewRun, d: Driving): Promise<void> {
    if (d.toldRun === undefined || d.rev <= d.toldRun) return
    const { rev } = d
    await withTimeout(this.#object(run.id, 0).hearLane(laneView(run, d)), ANSWER_WITHIN_MS)
    await this.#state.change((now) => void (now.toldRun = Math.max(now.toldRun ?? 0, rev)))
  }

  /** Tells it how far this lane has come, now and then. */
  async tellProgress(): Promise<void> {
    const known = this.#state.load()
    if (known?.run.lane === undefined) return
    const now = this.#state.now()
    const { lanes = 0 } = known.driving.seen
    if (now - this.#progressAt < Math.max(PROGRESS_MS, lanes * PROGRESS_PER_LANE_MS)) return
    this.#progressAt = now
    const { run, driving } = known
    // The next one says more.
    await this.#object(run.id, 0)
      .hearLane(laneView(run, driving))
      .catch(() => undefined)
  }

  /** Passes on to all lanes under way what is asked of the run now, and is not to be repeated. */
  async passOn(ask: (lane: RunObject) => Promise<unknown>): Promise<void> {
    const known = this.#state.load()
    const lanes = known?.driving.lanes ?? []
    const open = lanes.flatMap(({ shown }, index) =>
      shown && isEnded(shown.status) ? [] : [index + 1],
    )
    await Promise.allSettled(open.map((lane) => ask(this.#object(known?.run.id ?? '', lane))))
  }

  /** Removes what the objects of the lanes have stored, but for this one. */
  async forget(run: string, lanes: number): Promise<void> {
    const others = Array.from({ length: lanes }, (_, index) => this.#object(run, index + 1))
    await Promise.all(others.map((lane) => lane.forgetLane()))
  }

  #object(run: string, lane: number): RunObject {
    return this.#objects()(laneObject(run, lane))
  }
}
