import type { Configuration } from './world.ts'

/** The worlds in which the protocol must hold, with every schedule of so many faults. */
export const CONFIGURATIONS = {
  finish: { items: 4, budget: 2, faults: 3 },
  cancel: { items: 3, budget: 2, faults: 2, cancels: 1 },
  pause: { items: 3, budget: 2, faults: 2, pauses: 1 },
  both: { items: 2, budget: 1, faults: 2, cancels: 1, pauses: 1 },
  reports: { items: 3, budget: 2, faults: 2, reports: true },
  purge: { items: 2, budget: 2, faults: 3, purges: 1 },
  restore: { items: 3, budget: 2, faults: 2, restores: 1 },
} satisfies Record<string, Configuration>

/** The same promises in seconds: what the test suite explores. */
export const SMALL = {
  finish: { items: 2, budget: 1, faults: 2 },
  cancel: { items: 2, budget: 1, faults: 1, cancels: 1 },
  pause: { items: 2, budget: 1, faults: 1, pauses: 1 },
  both: { items: 1, budget: 1, faults: 1, cancels: 1, pauses: 1 },
  reports: { items: 2, budget: 1, faults: 1, reports: true },
  purge: { items: 1, budget: 1, faults: 2, purges: 1 },
  restore: { items: 2, budget: 1, faults: 1, restores: 1 },
} satisfies Record<keyof typeof CONFIGURATIONS, Configuration>

export type ConfigurationName = keyof typeof CONFIGURATIONS
