/**
 * # Writing a job
 *
 * A **job** is the definition in code; a **run** is one durable instance of it. A run is worked on in
 * **slices**: one queue delivery each, with a budget of time and statements. Between two slices, and
 * after any crash, deploy or eviction, the run goes on from its last **checkpoint**. Write the job as
 * if it could not be cut off.
 *
 * ## Two styles
 *
 * `defineJob` is the style of Rails' ActiveJob::Continuable: named steps, and a cursor you move.
 *
 *     export const archiveOrders = defineJob({
 *       name: 'archive-orders',
 *       async perform({ step, env, effects, enumerators }) {
 *         await step('archive', async (step) => {
 *           for await (const [order] of enumerators.records(env.DB, oldOrders, { from: step.cursor })) {
 *             effects.add(archive, { id: order.id })
 *             await step.advance({ from: order.id })
 *           }
 *         })
 *       },
 *     })
 *
 * `defineIteration` is the style of Shopify's job-iteration: you say what to walk and what to do with
 * one item; the engine owns the loop and the cursor.
 *
 *     export const archiveOrdersIteration = defineIteration({
 *       name: 'archive-orders-iteration',
 *       buildEnumerator: ({ cursor, env, enumerators }) => enumerators.records(env.DB, oldOrders, { cursor }),
 *       eachIteration: (order, { effects }) => effects.add(archive, { id: order.id }),
 *     })
 *
 * A step may walk an enumerator too: `step.iterate(...)`.
 *
 * ## Steps
 *
 * A step runs to its end once per run. What it returns is stored and given back when a resumed run
 * skips it, so later steps can rely on it. Code outside steps runs again on every resumption. Steps
 * are met in the same order each time, one at a time, each awaited; anything else is an error.
 *
 * ## Cursors
 *
 * A cursor says where a step has come to: JSON values, Dates and bigints, which come back unchanged.
 * In a step it names the *next* item (`advance({ from: id })` stores `id + 1`); beside an enumerator's
 * item it names the *last* item done. The engine never looks inside.
 *
 * ## Checkpoints
 *
 * `step.set`, `step.advance` and `step.checkpoint` are checkpoints, and so is each iteration and the
 * passage from one step to the next: the only places where a run is interrupted. Not each of them is a
 * commit: the engine commits every few items, as often as `commit` says, and always before it stops.
 *
 * ## Effects
 *
 * `effects.add` and `effects.run` gather D1 statements. A commit writes them, the checkpoint and a
 * ledger row in one transaction: **a D1 effect written through `effects` happens exactly once**.
 * Anything else (HTTP, mail, a write straight to `env.DB`) happens at least once: items since the last
 * commit are handled again after a crash. `idempotencyKey` is the same then; pass it on.
 *
 * A row may have been read before the last commit, and two runs may walk the same rows, so let an
 * effect repeat its condition: `UPDATE ... WHERE status = 'pending'`.
 *
 * ## Errors
 *
 * An error after progress: the run resumes from its checkpoint. Without progress it is retried with
 * growing waits, `retry.attempts` times in a row, then the run is `failed` and keeps the error; `retry`
 * takes it up again from its checkpoint. An interruption is not a failure and costs no attempt.
 *
 * @module
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { BudgetLimits } from './budget.ts'
import type { CommitPolicy } from './commit-policy.ts'
import type { Cursor } from './cursor.ts'
import type { Effects } from './effects.ts'
import type { Walk } from './enumerators/enumerator.ts'
import type { Enumerators } from './enumerators/index.ts'
import { describeValue, DogearError } from './errors.ts'
import { performIteration } from './iteration.ts'
import type { Performance } from './performance.ts'
import type { RetryPolicy } from './retry.ts'
import { stepFunction, type StepFunction } from './step.ts'

/** Params of a job without a schema: none. */
export type NoParams = Record<string, never>

/** What a slice's user code may know of its run. */
export interface RunInfo {
  readonly id: string
  readonly job: string
  /** Consecutive slices without a commit, this one included. */
  readonly attempt: number
  readonly parent: string | null
}

/** What every part of a job gets. */
export interface RunContext<Params> {
  readonly params: Params
  /** The Worker's bindings. `env.DB` is metered: its statements count towards budget and cost. */
  readonly env: Cloudflare.Env
  readonly effects: Effects
  readonly run: RunInfo
  readonly enumerators: Enumerators
  /** Tells how many items the run has. The first answer stands, also after resumptions. */
  readonly expectTotal: (total: number) => void
}

/** What `perform` of a job in steps gets. */
export interface JobContext<Params> extends RunContext<Params> {
  readonly step: StepFunction
}

/** What `eachIteration` gets beside the item. */
export interface IterationContext<Params, C extends Cursor> extends RunContext<Params> {
  /** The item's own cursor. */
  readonly cursor: C
  /** The same for this item in every attempt: for effects outside D1. */
  readonly idempotencyKey: string
}

/** Starts a follow-up run once this run has completed; see `continuations`. */
export type EnqueueChild = <P>(
  job: Job<P>,
  params: NoInfer<P>,
  options?: { wait?: string | number },
) => void

interface Settings<Params, Schema> {
  /** Unique in the Worker: lower case, digits and dashes. */
  name: string
  /** Any Standard Schema. Params are validated, and defaulted, when a run is enqueued. */
  params?: Schema
  /** What one item is called, in `--interrupt-at order:500` and on progress bars. @default 'item' */
  unit?: string
  /** How often to commit. @default adaptive */
  commit?: CommitPolicy
  /** What one slice may use. */
  budget?: Partial<BudgetLimits>
  retry?: Partial<RetryPolicy>
  /** Runs when all work is done; its effects are part of the commit that completes the run. */
  onComplete?(context: RunContext<Params>): unknown
  /**
   * Names the runs that follow this one. Called after success only; the list is fixed by the commit
   * that completes the run, so no crash loses or doubles a child.
   */
  continuations?(
    context: RunContext<Params> & { enqueue: EnqueueChild; result: unknown },
  ): void | Promise<void>
}

type ParamsOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : NoParams

/** A job in steps. */
export type JobDefinition<Schema> = Settings<ParamsOf<Schema>, Schema> & {
  /** The work. What it returns (and its cursor codec can hold) becomes the run's result. */
  perform(context: JobContext<ParamsOf<Schema>>): Promise<unknown>
}

/** A job as an iteration. */
export type IterationDefinition<Schema, Item, C extends Cursor> = Settings<
  ParamsOf<Schema>,
  Schema
> & {
  /** Builds the walk, to start after `cursor`; null means there is nothing to do at all. */
  buildEnumerator(
    context: RunContext<ParamsOf<Schema>> & { cursor: Cursor | null },
  ): Walk<Item, C> | null | Promise<Walk<Item, C> | null>
  /** Handles one item. */
  eachIteration(item: Item, context: IterationContext<ParamsOf<Schema>, C>): void | Promise<void>
  /** Once per run, before the first item. */
  onStart?(context: RunContext<ParamsOf<Schema>>): void | Promise<void>
  /** At the end of each slice, unless an error ended it. */
  onShutdown?(context: RunContext<ParamsOf<Schema>>): void | Promise<void>
}

/** How a job is written; shown wherever a run is. */
export type Style = 'continuable' | 'iteration'

/** A job as the engine drives it, whatever its style. Made by `defineJob` and `defineIteration`. */
export interface Job<Params = unknown> {
  readonly name: string
  readonly style: Style
  readonly schema: StandardSchemaV1<unknown, Params> | undefined
  readonly unit: string
  readonly commit: CommitPolicy | undefined
  readonly budget: Partial<BudgetLimits>
  readonly retry: Partial<RetryPolicy>
  /** @internal */
  readonly perform: (performance: Performance) => Promise<unknown>
  // Methods, not properties: a Job<P> is then usable as a Job, whatever its params.
  /** @internal */
  onShutdown?(context: RunContext<Params>): void | Promise<void>
  /** @internal */
  onComplete?(context: RunContext<Params>): unknown
  /** @internal */
  continuations?(
    context: RunContext<Params> & { enqueue: EnqueueChild; result: unknown },
  ): void | Promise<void>
}

/** Defines a job in steps. Throws `invalid_job` for a malformed definition, when the Worker starts. */
export function defineJob<Schema extends StandardSchemaV1 | undefined = undefined>(
  definition: JobDefinition<Schema>,
): Job<ParamsOf<Schema>> {
  requireFunctions(definition, ['perform'])
  return assemble(definition, 'continuable', (performance) => {
    const context = performance.context as RunContext<ParamsOf<Schema>>
    return definition.perform({ ...context, step: stepFunction(performance) })
  })
}

/** Defines a job as an iteration. Throws `invalid_job` for a malformed definition. */
export function defineIteration<
  Item,
  C extends Cursor,
  Schema extends StandardSchemaV1 | undefined = undefined,
>(definition: IterationDefinition<Schema, Item, C>): Job<ParamsOf<Schema>> {
  requireFunctions(definition, ['buildEnumerator', 'eachIteration'])
  if ('perform' in definition) {
    throw invalidJob(
      definition.name,
      'an iteration cannot define perform; the engine owns the loop',
    )
  }
  return assemble(
    definition,
    'iteration',
    (performance) => performIteration(definition, performance),
    definition.onShutdown?.bind(definition),
  )
}

function assemble<Schema extends StandardSchemaV1 | undefined>(
  settings: Settings<ParamsOf<Schema>, Schema>,
  style: Style,
  perform: Job<ParamsOf<Schema>>['perform'],
  onShutdown?: Job<ParamsOf<Schema>>['onShutdown'],
): Job<ParamsOf<Schema>> {
  const { name, params, unit = 'item', commit, budget = {}, retry = {} } = settings
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(name)) {
    throw invalidJob(name, 'expected a name of lower case letters, digits and dashes, at most 64')
  }
  if (params !== undefined && !('~standard' in params)) {
    throw invalidJob(name, 'params is not a Standard Schema')
  }
  return {
    name,
    style,
    schema: params as StandardSchemaV1<unknown, ParamsOf<Schema>> | undefined,
    unit,
    commit,
    budget,
    retry,
    perform,
    ...(onShutdown && { onShutdown }),
    ...(settings.onComplete && { onComplete: (context) => settings.onComplete?.(context) }),
    ...(settings.continuations && {
      continuations: (context) => settings.continuations?.(context),
    }),
  }
}

function requireFunctions(definition: object, names: string[]): void {
  for (const name of names) {
    const found: unknown = (definition as Record<string, unknown>)[name]
    if (typeof found !== 'function') {
      throw invalidJob(
        (definition as { name?: unknown }).name,
        `it must implement ${name}, found ${describeValue(found)}`,
      )
    }
  }
}

function invalidJob(name: unknown, problem: string): DogearError {
  return new DogearError('invalid_job', `Job ${describeValue(name)} is malformed: ${problem}`)
}
