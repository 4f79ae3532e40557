import { type Expected, numbersProblem, POSITIVE } from './expected-numbers.ts'

/** Alerts about a job's runs, besides their ends. Fixed when a run is started. */
export interface AlertPolicy {
  /**
   * A run is stalled when nothing was committed for so many times its usual interval between commits, and
   * for a minute at least. The interval is the median of its newest 20; a minute before the first commit.
   * @default 10
   */
  stalledAfter?: number
  /**
   * A run is slow when it takes so many times what the last runs of its job took that completed, waits included, and five
   * minutes more at least; false: never. The usual is the median of the last 20, and there must be 5. @default 3
   */
  slowAfter?: number | false
  /** Skipped items as a part of all items so far, from the 20th item on: 0.1 is one of ten; false: never. @default 0.1 */
  skipRate?: number | false
  /** The cost of one run above which there is an alert. It goes on all the same. @default none */
  budget?: {
    /** By Cloudflare's prices, as if the plan included nothing. */
    dollars?: number
    d1RowsWritten?: number
    /** From its first slice on, with all waits. */
    durationMs?: number
  }
}

export const DEFAULT_STALLED_AFTER = 10
export const DEFAULT_SKIP_RATE = 0.1
export const DEFAULT_SLOW_AFTER = 3

const NUMBERS = {
  stalledAfter: POSITIVE,
  slowAfter: {
    fits: (value: number) => value > 1 && Number.isFinite(value),
    text: 'a number above 1, or false',
    orFalse: true,
  },
  skipRate: {
    fits: (value: number) => value >= 0 && value < 1,
    text: 'a number from 0 up to, not including, 1, or false',
    orFalse: true,
  },
} satisfies Record<string, Expected>

const BUDGET = { dollars: POSITIVE, d1RowsWritten: POSITIVE, durationMs: POSITIVE }

/** The fault of a job's `alerts`; undefined when there is none. */
export function alertsProblem(alerts: AlertPolicy): string | undefined {
  return (
    numbersProblem('alerts', alerts, NUMBERS) ??
    numbersProblem('alerts.budget', alerts.budget, BUDGET) ??
    unknownField('alerts', alerts, { ...NUMBERS, budget: true }) ??
    unknownField('alerts.budget', alerts.budget ?? {}, BUDGET)
  )
}

/** A limit under a mistyped name would never be heard of. */
function unknownField(name: string, value: object, known: object): string | undefined {
  const unknown = Object.keys(value).find((field) => !Object.hasOwn(known, field))
  return unknown && `${name} has no '${unknown}'; expected one of: ${Object.keys(known).join(', ')}`
}
