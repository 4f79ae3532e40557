import { durationMs } from '../durations.ts'
import { describeValue, ensureError } from '../errors.ts'
import type { BudgetLimits } from '../policies/budget-limits.ts'
import type { CommitPolicy } from '../policies/commit-policy.ts'
import { type ErrorRule, matcher } from '../policies/error-rules.ts'
import {
  COUNT_OR_NONE,
  type Expected,
  LIMIT,
  numberProblem,
  numbersProblem,
  RATE,
  TIME,
  WHOLE,
  WHOLE_OR_NONE,
} from '../policies/expected-numbers.ts'
import { lanesProblem } from './lanes-problem.ts'
import type { ResumePolicy } from '../policies/resume-policy.ts'
import type { RetryPolicy } from '../policies/retry-policy.ts'
import type { SkipPolicy } from '../policies/skip-policy.ts'

/** Settings of a job, in either style. */
export interface JobSettings {
  description?: string | undefined
  queue?: string | undefined
  unitSize?: number | undefined
  limit?: number | undefined
  concurrency?: number | undefined
  lanes?: number | undefined
  attributes?: unknown
  combineAttributes?: unknown
  commit?: CommitPolicy | undefined
  budget?: Partial<BudgetLimits> | undefined
  retry?: Partial<RetryPolicy> | undefined
  skip?: SkipPolicy | undefined
  resume?: ResumePolicy | undefined
  errors?: readonly ErrorRule[] | undefined
  staleAfter?: string | number | false | undefined
}

/**
 * A job's setting that cannot be meant, as a problem; undefined when there is none.
 */
export function settingsProblem(settings: JobSettings): string | undefined {
  const { unitSize, limit, skip, resume, errors, staleAfter } = settings
  return (
    descriptionProblem(settings.description) ??
    numberProblem('unitSize', unitSize, WHOLE) ??
    numberProblem('limit', limit, COUNT_OR_NONE) ??
    concurrencyProblem(settings.concurrency ?? 1) ??
    concurrentAttributesProblem(settings) ??
    groupsProblem(settings) ??
    refused('skip.on', () => skip?.on !== undefined && matcher(skip.on)) ??
    refused('resume.wait', () => resume?.wait !== undefined && durationMs(resume.wait)) ??
    rulesProblem(errors) ??
    lanesProblem(settings) ??
    refused('staleAfter', () => staleAfter !== false && durationMs(staleAfter ?? 0)) ??
    queueProblem('queue', settings.queue) ??
    queueProblem('resume.queue', resume?.queue)
  )
}

const MAX_DESCRIPTION = 500

function descriptionProblem(description: unknown): string | undefined {
  if (description === undefined) return undefined
  if (typeof description !== 'string')
    return `description is ${describeValue(description)}; expected a text`
  return description.length <= MAX_DESCRIPTION
    ? undefined
    : `description has ${description.length} characters; expected at most ${MAX_DESCRIPTION}`
}

/** The most items that are worked on at once. */
const MAX_CONCURRENCY = 100

/** A problem of the number of items that are worked on at once. */
export function concurrencyProblem(concurrency: unknown): string | undefined {
  return numberProblem('concurrency', concurrency, {
    fits: (value) => WHOLE.fits(value) && value <= MAX_CONCURRENCY,
    text: `a whole number from 1 to ${MAX_CONCURRENCY}`,
  })
}

function concurrentAttributesProblem(settings: JobSettings): string | undefined {
  const { concurrency = 1, attributes, combineAttributes } = settings
  if (concurrency === 1 || attributes === undefined) return undefined
  if (typeof combineAttributes === 'function') return undefined
  return `concurrency is ${concurrency}, beside attributes; expected combineAttributes as well, since attributes would depend on which item is faster`
}

/** A problem of a commit policy. */
export function commitProblem(commit: CommitPolicy | undefined): string | undefined {
  return numbersProblem('commit', commit, GROUPS.commit)
}

function groupsProblem(settings: JobSettings): string | undefined {
  return Object.entries(GROUPS)
    .map(([group, expected]) =>
      numbersProblem(group, settings[group as keyof typeof GROUPS], expected),
    )
    .find((problem) => problem !== undefined)
}

function rulesProblem(errors: unknown): string | undefined {
  if (errors === undefined) return undefined
  const isRule = (rule: Partial<ErrorRule> | null) =>
    typeof rule?.matches === 'function' && typeof rule.waitMs === 'function'
  if (Array.isArray(errors) && errors.every(isRule)) return undefined
  return `errors is ${describeValue(errors)}; expected an array of what retryOn, discardOn and restartOn make`
}

function queueProblem(what: string, given: unknown): string | undefined {
  if (given === undefined || (typeof given === 'string' && given !== '')) return undefined
  return `${what} is ${describeValue(given)}; expected the name of a queue binding`
}

const GROUPS = {
  commit: { everyItems: WHOLE_OR_NONE, everyMs: LIMIT },
  budget: { wallMs: LIMIT, items: LIMIT, statements: LIMIT, bytes: LIMIT },
  retry: { attempts: WHOLE_OR_NONE, waitMs: TIME, maxWaitMs: LIMIT, totalErrors: WHOLE_OR_NONE },
  skip: { maxSkips: COUNT_OR_NONE, maxSkipRate: RATE, attempts: WHOLE },
  resume: { maxResumptions: COUNT_OR_NONE },
} satisfies Partial<Record<keyof JobSettings, Record<string, Expected>>>

function refused(name: string, check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return `${name}: ${ensureError(error).message}`
  }
}
