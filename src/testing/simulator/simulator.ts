import { type Clock, systemClock } from '../../engine/clock.ts'
import type { SliceMessage } from '../../engine/drive/protocol.ts'
import type { SliceDeps } from '../../engine/slice/deps.ts'
import { runSlice } from '../../engine/slice/slice.ts'
import { Distance } from './distance.ts'
import { type SharedWorld, SimulatedInvocation, type WaitUntil } from './invocation.ts'
import { Passage } from './passage.ts'
import { checkSettings, type SimulatorSettings } from './settings.ts'

/**
 * Production, simulated round the bindings of a local Worker: its distances, and its clock. What settings
 * leave out stays as it is.
 */
export class Simulator {
  readonly #world: SharedWorld

  /**
   * `clock` is the one by which ways take their time: a bench's own, or the machine's. A `TestClock` is moved
   * on by each way. Throws `invalid_settings`.
   */
  constructor(settings: SimulatorSettings = {}, clock: Clock = systemClock) {
    const { d1 = 0, object = 0, r2 = 0, queue = 0, frozen = false } = checkSettings(settings)
    const passage = new Passage(clock)
    const distance = (ms: number) => new Distance(ms, settings, passage)
    this.#world = {
      clock,
      frozen,
      passage,
      distances: {
        d1: distance(d1),
        objects: distance(object),
        r2: distance(r2),
        queue: distance(queue),
      },
    }
  }

  /** The world of one invocation, with a clock of its own. `waitUntil` is its context's. */
  invocation<Env extends object>(env: Env, waitUntil?: WaitUntil): SimulatedInvocation<Env> {
    return new SimulatedInvocation(env, this.#world, waitUntil)
  }

  /**
   * Works a message as a consumer in production would, an invocation of its own:
   * `bench.drive(run, { slice: simulator.slice })`.
   */
  readonly slice = async (message: SliceMessage, deps: SliceDeps): Promise<void> => {
    await this.#world.distances.queue.oneWay()
    const invocation = this.invocation(deps.env)
    const { env, clock } = invocation
    await runSlice(message, { ...deps, env, clock, objects: invocation.distant(deps.objects) })
  }
}

/**
 * The bindings of one invocation in simulated production, and its clock: `const { env, clock } =
 * simulate(bindings, { d1: 30, frozen: true })`. For several invocations make a `Simulator`.
 */
export function simulate<Env extends object>(
  env: Env,
  settings: SimulatorSettings,
  clock?: Clock,
): SimulatedInvocation<Env> {
  return new Simulator(settings, clock).invocation(env)
}
