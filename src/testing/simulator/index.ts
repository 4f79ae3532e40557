/**
 * Production, simulated: distances to bindings, and a clock that stands still. Imports nothing of vitest's,
 * so that a Worker can have it, too. See `docs/testing.md`.
 *
 * @module
 */
export { Simulator, simulate } from './simulator.ts'
export type { SimulatedInvocation, WaitUntil } from './invocation.ts'
export { FrozenClock } from './frozen-clock.ts'
export type { SimulatorSettings } from './settings.ts'
