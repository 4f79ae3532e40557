import type { Size } from './world.ts'

/** The worlds in which the lanes must hold, with every schedule of so many faults. */
export const LANE_SIZES = {
  join: { items: 3, budget: 1, faults: 2 },
  split: { items: 4, budget: 2, faults: 1, splits: 1 },
  cancelled: { items: 3, budget: 2, faults: 1, splits: 1, cancels: 1 },
  paused: { items: 3, budget: 2, faults: 1, pauses: 1 },
} satisfies Record<string, Size>

/** The same promises in seconds: what the test suite explores. */
export const SMALL_LANE_SIZES = {
  join: { items: 2, budget: 1, faults: 1 },
  split: { items: 3, budget: 2, faults: 1, splits: 1 },
  cancelled: { items: 2, budget: 1, faults: 1, cancels: 1 },
  paused: { items: 2, budget: 1, faults: 1, pauses: 1 },
} satisfies Record<keyof typeof LANE_SIZES, Size>

export type LaneSizeName = keyof typeof LANE_SIZES
