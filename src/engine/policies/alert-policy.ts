import { describeValue } from '../errors.ts'

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

const FIELDS = ['stalledAfter', 'slowAfter', 'skipRate', 'budget']
const BUDGETS = ['dollars', 'd1RowsWritten', 'durationMs']

/** The fault of a job's `alerts`; undefined when there is none. */
export function alertsProblem(alerts: AlertPolicy): string | undefined {
  return fieldsProblem('alerts', alerts, FIELDS) ?? valuesProblem(alerts)
}

function valuesProblem(policy: AlertPolicy): string | undefined {
  const { stalledAfter, slowAfter, skipRate, budget } = policy
  if (stalledAfter !== undefined && !isPositive(stalledAfter)) {
    return `alerts.stalledAfter is ${describeValue(stalledAfter)}; expected a number above 0`
  }
  if ((slowAfter ?? false) !== false && !(isNumber(slowAfter) && slowAfter > 1)) {
    return `alerts.slowAfter is ${describeValue(slowAfter)}; expected a number above 1, or false`
  }
  if ((skipRate ?? false) !== false && !(isNumber(skipRate) && skipRate >= 0 && skipRate < 1)) {
    return `alerts.skipRate is ${describeValue(skipRate)}; expected a number from 0 up to, not including, 1, or false`
  }
  if (budget === undefined) return undefined
  const problem = fieldsProblem('alerts.budget', budget, BUDGETS)
  if (problem !== undefined) return problem
  const wrong = Object.entries(budget).find(([, limit]) => !isPositive(limit))
  return (
    wrong && `alerts.budget.${wrong[0]} is ${describeValue(wrong[1])}; expected a number above 0`
  )
}

/** A limit under a mistyped name would never be heard of. */
function fieldsProblem(name: string, value: unknown, known: string[]): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `${name} is ${describeValue(value)}; expected an object`
  }
  const unknown = Object.keys(value).find((field) => !known.includes(field))
  return unknown && `${name} has no '${unknown}'; expected one of: ${known.join(', ')}`
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isPositive(value: unknown): boolean {
  return isNumber(value) && value > 0
}
