import { durationMs } from '../durations.ts'
import { describeValue, ensureError } from '../errors.ts'
import type { BudgetLimits } from '../policies/budget-limits.ts'
import type { CommitPolicy } from '../policies/commit-policy.ts'
import { type ErrorRule, matcher } from '../policies/error-rules.ts'
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
 * A job's setting that cannot be meant, as a problem; undefined when there is none. A NaN is compared with
 * everything in vain, so such a limit would hold nothing, or everything at once.
 */
export function settingsProblem(settings: JobSettings): string | undefined {
  const { unitSize, limit, retry, skip, resume, errors } = settings
  return (
    descriptionProblem(settings.description) ??
    groupProblem(settings) ??
    wrong('unitSize', unitSize, WHOLE) ??
    wrong('limit', limit, COUNT_OR_NONE) ??
    concurrencyProblem(settings.concurrency ?? 1) ??
    concurrentAttributesProblem(settings) ??
    budgetProblem(settings.budget) ??
    commitProblem(settings.commit) ??
    wrong('retry.attempts', retry?.attempts, WHOLE_OR_NONE) ??
    wrong('retry.waitMs', retry?.waitMs, TIME) ??
    wrong('retry.maxWaitMs', retry?.maxWaitMs, LIMIT) ??
    wrong('retry.totalErrors', retry?.totalErrors, WHOLE_OR_NONE) ??
    wrong('skip.maxSkips', skip?.maxSkips, COUNT_OR_NONE) ??
    wrong('skip.maxSkipRate', skip?.maxSkipRate, RATE) ??
    wrong('skip.attempts', skip?.attempts, WHOLE) ??
    refused('skip.on', () => skip?.on !== undefined && matcher(skip.on)) ??
    wrong('resume.maxResumptions', resume?.maxResumptions, COUNT_OR_NONE) ??
    refused('resume.wait', () => resume?.wait !== undefined && durationMs(resume.wait)) ??
    rulesProblem(errors) ??
    refused(
      'staleAfter',
      () => settings.staleAfter !== false && durationMs(settings.staleAfter ?? 0),
    ) ??
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
  return wrong('concurrency', concurrency, {
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
  return (
    wrong('commit.everyItems', commit?.everyItems, WHOLE_OR_NONE) ??
    wrong('commit.everyMs', commit?.everyMs, LIMIT)
  )
}

function budgetProblem(budget: Partial<BudgetLimits> | undefined): string | undefined {
  const { wallMs, items, statements, bytes } = budget ?? {}
  return Object.entries({ wallMs, items, statements, bytes })
    .map(([name, value]) => wrong(`budget.${name}`, value, LIMIT))
    .find((problem) => problem !== undefined)
}

function groupProblem({ commit, budget, retry, skip, resume }: JobSettings): string | undefined {
  const found = Object.entries({ commit, budget, retry, skip, resume }).find(
    ([, value]) => value !== undefined && (typeof value !== 'object' || value === null),
  )
  return found && `${found[0]} is ${describeValue(found[1])}; expected an object`
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

interface Expected {
  fits: (value: number) => boolean
  text: string
}

const WHOLE: Expected = {
  fits: (value) => Number.isSafeInteger(value) && value >= 1,
  text: 'a whole number from 1 up',
}
const WHOLE_OR_NONE: Expected = {
  fits: (value) => value === Infinity || WHOLE.fits(value),
  text: 'a whole number from 1 up, or Infinity',
}
const COUNT_OR_NONE: Expected = {
  fits: (value) => value === 0 || WHOLE_OR_NONE.fits(value),
  text: 'a whole number from 0 up, or Infinity',
}
const LIMIT: Expected = { fits: (value) => value >= 0, text: 'a number from 0 up, or Infinity' }
const TIME: Expected = {
  fits: (value) => value >= 0 && Number.isFinite(value),
  text: 'milliseconds from 0 up',
}
const RATE: Expected = { fits: (value) => value >= 0 && value <= 1, text: 'a number from 0 to 1' }

function wrong(name: string, value: unknown, { fits, text }: Expected): string | undefined {
  if (value === undefined || (typeof value === 'number' && fits(value))) return undefined
  return `${name} is ${describeValue(value)}; expected ${text}`
}

function refused(name: string, check: () => unknown): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return `${name}: ${ensureError(error).message}`
  }
}
