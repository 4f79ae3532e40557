/**
 * Production, simulated: distances to bindings, a clock that stands still, limits, trouble of D1. Imports nothing of vitest's,
 * so that a Worker can have it, too. See `docs/testing.md`.
 *
 * @module
 */
export { Simulator, simulate } from './simulator.ts'
export type { SimulatedInvocation, WaitUntil } from './invocation.ts'
export { FrozenClock } from './frozen-clock.ts'
export type { SimulatorSettings } from './settings.ts'
export type { CpuLimit } from './cpu-limit.ts'
export { D1_MESSAGES } from './d1-trouble.ts'
export type { D1Trouble, D1TroubleKind } from './d1-trouble.ts'
export { objectsKeepingOldCode } from './old-objects.ts'
export type { OldCode } from './old-objects.ts'
export { parseSettings } from './settings-text.ts'
export { simulatedObject, simulatedWorker } from './simulated-worker.ts'
