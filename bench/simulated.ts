import { keepTimeBy } from '../src/engine/clock.ts'
import {
  type SimulatedInvocation,
  Simulator,
  type SimulatorSettings,
  type WaitUntil,
} from '../src/testing/simulator/index.ts'

/** All of a local Worker is one isolate: its objects, its consumer, its Workflow. */
let simulator = new Simulator()

/** From here on each invocation, and each object that is made, is in this production. */
export function simulateFromNow(settings: SimulatorSettings): void {
  simulator = new Simulator(settings)
}

/** The world of an object that is made now. */
export function simulatedObject<Env extends object>(env: Env, waitUntil: WaitUntil): Env {
  return simulator.object(env, waitUntil).env
}

/** The world of one invocation. */
export function simulated<Env extends object>(
  env: Env,
  waitUntil: WaitUntil,
): SimulatedInvocation<Env> {
  const invocation = simulator.invocation(env, waitUntil)
  keepTimeBy(invocation.env, invocation.clock)
  return invocation
}
