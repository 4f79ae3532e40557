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
 * are met in the same order each time, one at a time, each awaited; anything else is an error. When code
 * changes under runs that are under way, `steps` says what was renamed, removed or added.
 *
 * The run's progress counts the items of all steps, but for those with `counts: false`: a pass over what
 * another step counts.
 *
 * A step may have steps of its own for each item of its cursor: `await outer.step('inner', ...)`. When
 * the outer cursor moves on, they begin again; when the run is cut off, every level resumes where it was.
 *
 * ## Attributes
 *
 * `attributes` declares state by a schema: typed, defaulted, read and assigned as `attributes.total += 1`.
 * Each commit writes it beside the checkpoint, so it is never older or newer than the cursor.
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
 * Effects happen in the order in which they are added. Each attempt at an item has `effects` of its own:
 * what it left running adds nothing any more once it has settled, so await all that it starts.
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
 * `errors` has rules for errors of a kind, the first that matches counts: `retryOn` with waits of its
 * own, `discardOn`, `restartOn`. `skip` lets items fail without failing the run: each is rolled back,
 * recorded and passed over, up to a number or a rate; a run of just those items can be started later.
 * An item whose effects D1 refuses is found by trying halves of its commit.
 *
 * ## Follow-up runs
 *
 * `continuations` names runs that start after success only: `enqueue(job, params, { wait })`, and
 * `enqueue.afterAll(job, params)` for one that starts when all the others have ended.
 *
 * ## Proof
 *
 * `dogear verify RUN` proves from the ledger that a run's commits follow each other without gap or overlap.
 * `verify` adds the job's own checks, which hold what the run has done against your tables.
 *
 * @module
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Check } from '../check.ts'
import type { Cursor } from '../cursor.ts'
import type { Walk } from '../enumerators/enumerator.ts'
import type { AlertPolicy } from '../policies/alert-policy.ts'
import type { BudgetLimits } from '../policies/budget-limits.ts'
import type { CommitPolicy } from '../policies/commit-policy.ts'
import type { ErrorRule } from '../policies/error-rules.ts'
import type { ResumePolicy } from '../policies/resume-policy.ts'
import type { RetryPolicy } from '../policies/retry-policy.ts'
import type { SkipPolicy } from '../policies/skip-policy.ts'
import type { StepChanges } from '../policies/step-changes.ts'
import type {
  IterationContext,
  JobContext,
  NoAttributes,
  NoParams,
  RunContext,
  VerifyContext,
} from './context.ts'

/** Starts a follow-up run once this run has completed; see `continuations`. */
export interface EnqueueChild {
  /** Starts it at once, or after a wait. */
  <P>(job: Job<P>, params: NoInfer<P>, options?: { wait?: string | number }): void
  /**
   * Starts it once all the other runs named here have ended, however they did; at once when there are
   * none. It finds them with `childrenOf(env.DB, run.parent)`.
   */
  afterAll<P>(job: Job<P>, params: NoInfer<P>): void
}

export interface Settings<Params, Schema, A, Attributes> {
  /** Unique in the Worker: lower case, digits and dashes. */
  name: string
  /** What it does, for whoever looks for a job to run: a sentence or two, at most 500 characters. */
  description?: string
  /** Any Standard Schema. Params are validated, and defaulted, when a run is enqueued. */
  params?: Schema
  /**
   * State that survives between steps and resumptions: any Standard Schema of an object, which gives
   * types and defaults. Each commit writes it beside the checkpoint. A schema that changes its own output
   * (a transform that is not the same twice) is refused with `invalid_attribute`.
   */
  attributes?: Attributes
  /** Steps that differ from those of runs under way that older code began. */
  steps?: StepChanges
  /**
   * Params that are never shown: top-level names or dotted paths, `['apiKey', 'smtp.password']`. They are
   * stored as they are, and masked in answers of the API, in events and logs, and in texts of errors.
   */
  sensitive?: readonly string[]
  /**
   * The name of one item, in `--interrupt-at order:500` and on progress bars. Of walks within walks
   * one name per level, outermost first: `customer/order`. @default 'item'
   */
  unit?: string
  /**
   * Items that make one unit, where units are batches: `--interrupt-at batch:30` then names the 30th.
   * @default a unit is one item, named by its cursor
   */
  unitSize?: number
  /** The policy of commits: every so many items, or after so long. @default adaptive */
  commit?: CommitPolicy
  /** The most that one slice may use. */
  budget?: Partial<BudgetLimits>
  /**
   * The queue binding of the Worker that a run's messages go to; the Worker must consume that queue, too.
   * Fixed when a run is enqueued, and refused (`invalid_job`) when there is no such binding then.
   * @default Dogear's own, as `createDogear` has it
   */
  queue?: string
  retry?: Partial<RetryPolicy>
  /** Rules for errors of a kind; the first that matches counts. See `retryOn`. */
  errors?: readonly ErrorRule[]
  /** Items that may fail without failing the run. */
  skip?: SkipPolicy
  /** The way in which a run goes on after an interruption, and the most times. */
  resume?: ResumePolicy
  /**
   * After how long without a completed run the job is shown as stale; false: never. @default '30 days'
   */
  staleAfter?: string | number | false
  /** Conditions of a run under way that people want to know of. See `docs/webhooks-and-alerts.md`. */
  alerts?: AlertPolicy
  /** Its runs only serve the Worker itself: no webhook tells of them. @default false */
  internal?: boolean
  /**
   * Runs after a cancel, to let go of what the job holds elsewhere; at least once. It has no effects:
   * nothing commits after `cancelled` is shown. After Sidekiq's `on_cancel`.
   */
  onCancel?(context: { params: Params; env: Cloudflare.Env; runId: string }): void | Promise<void>
  /**
   * Names the runs that follow this one. Called after success only; the list is fixed by the commit
   * that completes the run, so no crash loses or doubles a child. At most 1,000, with params of a million
   * characters in all: else none is started, and the run's `attention` says so.
   */
  continuations?(
    context: RunContext<Params, A> & { enqueue: EnqueueChild; result: unknown },
  ): void | Promise<void>
  /**
   * Holds what a run has done against the job's own tables, for `dogear verify`; make its checks with
   * `check(name, expected, actual)`. An error that it throws is a check that failed. It is to change nothing.
   */
  verify?(context: VerifyContext<Params, A>): readonly Check[] | Promise<readonly Check[]>
}

export type AttributesOf<Attributes> = Attributes extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Attributes>
  : NoAttributes

export type ParamsOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : NoParams

/** A job in steps. */
export type JobDefinition<Schema, Attributes = undefined> = Settings<
  ParamsOf<Schema>,
  Schema,
  AttributesOf<Attributes>,
  Attributes
> & {
  /** The work. What it returns (and its cursor codec can hold) becomes the run's result. */
  perform(context: JobContext<ParamsOf<Schema>, AttributesOf<Attributes>>): Promise<unknown>
  /** Runs when all work is done; its effects are part of the commit that completes the run. */
  onComplete?(context: RunContext<ParamsOf<Schema>, AttributesOf<Attributes>>): unknown
}

/** The context of an iteration's hooks. */
export interface HookContext<Params, A = NoAttributes> extends RunContext<Params, A> {
  /** Of the last item done; null before the first. After job-iteration's `cursor_position`. */
  readonly cursor: Cursor | null
}

/** Handles the item that an `aroundIterate` is around. */
type Next = () => Promise<void>

/** A job as an iteration, whose params are `P` and whose attributes are `A`. */
export interface IterationMethods<P, Item = unknown, C extends Cursor = Cursor, A = object> {
  /** Builds the walk, to start after `cursor`; null means there is nothing to do at all. */
  buildEnumerator(
    context: RunContext<P, A> & { cursor: Cursor | null },
  ): Walk<Item, C> | null | Promise<Walk<Item, C> | null>
  /** Handles one item. */
  eachIteration(item: Item, context: IterationContext<P, C, A>): void | Promise<void>
  /** Around each item: does what it must before and after `next`, which handles the item. */
  aroundIterate?(context: IterationContext<P, C, A>, next: Next, item: Item): Promise<void>
  /** Items of the whole run after which it completes. @default unlimited */
  limit?: number
  /**
   * Items that are worked on at once, from 1 to 100: see `WalkOptions`. With `attributes` only where
   * `combineAttributes` says how: else they would depend on who is faster. @default 1
   */
  concurrency?: number
  /**
   * Cuts the walk of each run into so many parts, from 1 to 64, that are worked at once, each in slices of its own.
   * Items of different lanes are handled in no order. The walk must have `parts`: `times`, `array`, `records`,
   * `batches` and `batchRanges` do. Not beside `limit`, `attributes`, `restartOn` and `abort`. @default 1
   */
  lanes?: number
  /**
   * With `concurrency` each item has attributes of its own, which begin with the defaults of their schema. Once
   * the item and all before it are done, this makes the run's attributes of what they were and the item's own.
   * No I/O, and no change of what it is given.
   */
  combineAttributes?(sofar: Readonly<A>, own: Readonly<A>): A
  /** Once per run, before the first item. */
  onStart?(context: HookContext<P, A>): void | Promise<void>
  /** In each later slice, before its first item. Also after a commit whose outcome was unknown. */
  onResume?(context: HookContext<P, A>): void | Promise<void>
  /** At the end of each slice, unless an error ended it. */
  onShutdown?(context: HookContext<P, A>): void | Promise<void>
  /** Runs when all work is done; its effects are part of the commit that completes the run. */
  onComplete?(context: HookContext<P, A>): unknown
}

/** A job as an iteration. */
export type IterationDefinition<Schema, Item, C extends Cursor, Attributes = undefined> = Settings<
  ParamsOf<Schema>,
  Schema,
  AttributesOf<Attributes>,
  Attributes
> &
  IterationMethods<ParamsOf<Schema>, Item, C, AttributesOf<Attributes>>

/** The work of a job: what its author wrote, in one of the two styles. */
export type JobBody<Params = unknown> =
  | {
      readonly style: 'continuable'
      perform(context: JobContext<Params, object>): Promise<unknown>
    }
  | {
      readonly style: 'iteration'
      readonly methods: IterationMethods<Params>
    }

/**
 * A job as the engine drives it, whatever its style: data, which `styles/perform.ts` runs. Made by
 * `defineJob` and `defineIteration`.
 */
export interface Job<Params = unknown> {
  readonly name: string
  readonly description: string | undefined
  readonly schema: StandardSchemaV1<unknown, Params> | undefined
  readonly unit: string
  readonly unitSize: number | undefined
  readonly commit: CommitPolicy | undefined
  readonly budget: Partial<BudgetLimits>
  readonly queue: string | undefined
  readonly retry: Partial<RetryPolicy>
  readonly attributes: StandardSchemaV1 | undefined
  readonly steps: StepChanges
  readonly errors: readonly ErrorRule[]
  readonly skip: SkipPolicy | undefined
  readonly resume: ResumePolicy
  readonly alerts: AlertPolicy | undefined
  readonly internal: boolean
  readonly sensitive: readonly string[]
  readonly staleAfter: string | number | false | undefined
  readonly lanes: number | undefined
  /** @internal */
  readonly body: JobBody<Params>
  // Methods, not properties: a Job<P> is then usable as a Job, whatever its params.
  /** @internal */
  onShutdown?(context: RunContext<Params>): void | Promise<void>
  /** @internal */
  onCancel?(context: { params: Params; env: Cloudflare.Env; runId: string }): void | Promise<void>
  /** @internal */
  onComplete?(context: RunContext<Params>): unknown
  /** @internal */
  continuations?(
    context: RunContext<Params> & { enqueue: EnqueueChild; result: unknown },
  ): void | Promise<void>
  /** @internal */
  verify?(context: VerifyContext<Params>): readonly Check[] | Promise<readonly Check[]>
}
