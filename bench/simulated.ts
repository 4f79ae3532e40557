import {
  type SimulatedInvocation,
  Simulator,
  type SimulatorSettings,
  type WaitUntil,
} from '../src/testing/simulator/index.ts'

/** All of a local Worker is one isolate: its objects, its consumer, its Workflow. */
let simulator = new Simulator()

/** From here on each invocation, and each object that is made, has these distances. */
export function simulateFromNow(settings: SimulatorSettings): void {
  simulator = new Simulator(settings)
}

export function simulated<Env extends object>(
  env: Env,
  waitUntil: WaitUntil,
): SimulatedInvocation<Env> {
  return simulator.invocation(env, waitUntil)
}
