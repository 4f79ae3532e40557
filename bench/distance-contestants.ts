/** Items per commit. */
export const SIZES = [1, 10, 100, 500, 1_000, 2_000, 5_000] as const
/** Of each slice of a bare loop, and of each step of a Workflow. */
export const BARE_SIZE = 500

export type Contestant = 'default' | 'bare' | 'workflow' | (typeof SIZES)[number]
/** What is that far away. */
export type Away = 'd1' | 'object'

export interface Measurement {
  round: number
  away: Away
  roundTripMs: number
  contestant: Contestant
  /** Those that were handled. */
  orders: number
  workMs: number
  commits: number
  slices: number
}
