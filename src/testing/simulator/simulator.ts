import { type Clock, systemClock } from '../../engine/clock.ts'
import type { SliceMessage } from '../../engine/drive/protocol.ts'
import type { SliceDeps } from '../../engine/slice/deps.ts'
import type { StopAt } from '../../engine/pass/stop-at.ts'
import { runSlice } from '../../engine/slice/slice.ts'
import { Connections } from './connections.ts'
import { D1Troubles } from './d1-trouble.ts'
import { Distance } from './distance.ts'
import { type Limits, type SharedWorld, SimulatedInvocation, type WaitUntil } from './invocation.ts'
import { Passage } from './passage.ts'
import { checkSettings, type SimulatorSettings } from './settings.ts'

/**
 * Production, simulated round the bindings of a local Worker: its distances, its clock, its limits, and
 * trouble of D1. What settings leave out stays as it is.
 */
export class Simulator {
  readonly #world: SharedWorld
  readonly #limits: Limits
  readonly #connections: Connections
  /** As it is now: a test may put another one in its place. */
  readonly #fetch = fetch

  /**
   * `clock` is the one by which ways take their time: a bench's own, or the machine's. A `TestClock` is moved
   * on by each way. Throws `invalid_settings`.
   */
  constructor(settings: SimulatorSettings = {}, clock: Clock = systemClock) {
    const { d1 = 0, object = 0, r2 = 0, queue = 0 } = checkSettings(settings)
    const { frozen = false, trouble = [] } = settings
    const { statements = Infinity, connections = Infinity, cpu = {} } = settings
    const passage = new Passage(clock)
    const pass = (ms: number) => passage.pass(ms)
    const distance = (ms: number) => new Distance(ms, settings, pass)
    this.#limits = { statements, connections, cpu }
    this.#connections = new Connections(connections)
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
      troubles: new D1Troubles([trouble].flat(), { now: clock.now, pass }),
    }
  }

  /** The world of one invocation, with a clock and limits of its own. `waitUntil` is its context's. */
  invocation<Env extends object>(env: Env, waitUntil?: WaitUntil): SimulatedInvocation<Env> {
    return new SimulatedInvocation(env, this.#world, this.#limits, waitUntil)
  }

  /**
   * The world of a Durable Object, for as long as it lives: no limits, and a clock that runs, since each call
   * to it is an invocation with its own.
   */
  object<Env extends object>(env: Env, waitUntil?: WaitUntil): SimulatedInvocation<Env> {
    return new SimulatedInvocation(env, { ...this.#world, frozen: false }, NO_LIMITS, waitUntil)
  }

  /**
   * Works a message as a consumer in production would, an invocation of its own:
   * `bench.drive(run, { slice: simulator.slice })`. Of one that dies nothing is heard any more; what code of
   * the job's does that asks no simulated binding goes on.
   */
  readonly slice = async (message: SliceMessage, deps: SliceDeps): Promise<void> => {
    await this.#world.distances.queue.oneWay()
    const invocation = this.invocation(deps.env)
    const { env, clock, died } = invocation
    const objects = invocation.distant(deps.objects)
    const stopAt: StopAt = (at) => {
      invocation.life.countItems(at)
      return deps.stopAt?.(at) ?? false
    }
    await Promise.race([runSlice(message, { ...deps, env, clock, objects, stopAt }), died])
  }

  /**
   * `fetch` with the connections of an invocation, one for all of them: `vi.stubGlobal('fetch',
   * simulator.fetch)`. A connection is free once the headers are there.
   */
  readonly fetch: typeof fetch = (input, init) =>
    this.#connections.with(() => this.#fetch(input, init))
}

const NO_LIMITS: Limits = { statements: Infinity, connections: Infinity, cpu: {} }

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
