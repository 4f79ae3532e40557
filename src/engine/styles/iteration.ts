import { bindingsOf } from '../bindings.ts'
import { type Cursor, decodeCursor, displayCursor, encodeCursor } from '../cursor.ts'
import type { Walk } from '../enumerators/enumerator.ts'
import { DogearError } from '../errors.ts'
import type { IterationContext, RunContext } from '../job/context.ts'
import type { HookContext, IterationMethods } from '../job/job.ts'
import { Attempt } from '../pass/attempt.ts'
import { inHook } from '../pass/hooks.ts'
import { Unwind } from '../pass/latch.ts'
import { changing } from '../pass/lending.ts'
import type { Pass } from '../pass/pass.ts'
import { ITERATION_STEP } from '../steps/continuation.ts'
import { Awaited } from './awaited.ts'
import { type RedriveCursor, redriven, type Redriven } from './redriven.ts'
import { walkWith } from './concurrent-walk.ts'
import { expectSize, requireEnumerator } from './walking.ts'
import { ownPart, planLanes } from './lanes.ts'
import type { LanePlan } from '../store/change.ts'

/** Performs a job written as an iteration. */
export async function performIteration<P, Item, C extends Cursor, A>(
  methods: IterationMethods<P, Item, C, A>,
  pass: Pass,
): Promise<void> {
  type Context = Parameters<IterationMethods<P, Item, C, A>['buildEnumerator']>[0]
  const { emit, clock, redrive } = pass
  const start = pass.continuation.cursor
  const cursor = start === null ? null : decodeCursor(start)
  const context = { ...pass.context, cursor } as Context
  const shown = { cursor: displayCursor(start) }
  const build = async (from: Cursor | null) => methods.buildEnumerator({ ...context, cursor: from })

  const builtAt = clock.now()
  // A re-drive builds the job's own walk once for each item.
  const own = redrive ? null : await build(cursor)
  emit('iteration.built', { ...shown, durationMs: clock.now() - builtAt })
  if (!redrive && (own === null || own === undefined)) {
    emit('iteration.none', shown)
    return
  }
  if (own) requireEnumerator(own)
  const again =
    redrive &&
    redriven(bindingsOf(context.env).db, { step: ITERATION_STEP, ...redrive }, cursor, build)
  pass.lent.iterating = true
  await begin(methods, pass, again ?? own, () => own && planLanes(pass, own, ITERATION_STEP))

  pass.continuation.begin(ITERATION_STEP, start)
  const handler = new ItemHandler(methods, pass, context)
  const walking = { ...walkingFrom(start, pass, methods.limit), combine: handler.combine }
  const { concurrency = 1 } = methods
  const met = again
    ? await walkWith(concurrency, again, { ...walking, each: handler.again, origin: originOf })
    : await walkWith(concurrency, ownPart(pass, own as Walk<Item, C>), {
        ...walking,
        each: handler.handle,
      })
  await finish(pass, met, shown)
}

/** Both walks of an iteration: its own, and that of its skipped items. */
function walkingFrom(start: string | null, pass: Pass, limit: number | undefined) {
  return {
    pass,
    level: pass.continuation,
    step: ITERATION_STEP,
    depth: 0,
    doneBefore: start,
    move: (encoded: string) => pass.move(pass.continuation, encoded),
    ...(limit !== undefined && { limit }),
  }
}

function originOf<Item, C extends Cursor>({ cursor, before, mark }: Redriven<Item, C>) {
  return { cursor: encodeCursor(cursor), before, item: mark }
}

async function finish(pass: Pass, met: number, shown: { cursor: unknown }): Promise<void> {
  const { emit, aborted } = pass
  // What an aborting item has added is written with the end: its cursor does not move.
  if (!aborted) await pass.commit()
  const { history, lanes } = pass
  if (!lanes.endsWalk) return
  if (met === 0 && lanes.count === 0) emit('iteration.nothing_found', { ...shown, ...history })
  const at = { cursor: displayCursor(pass.continuation.cursor) }
  if (aborted) emit('iteration.aborted', { ...at, ...aborted })
  emit('iteration.completed', { ...at, ...history })
}

/** `onStart` once per run, whichever slice gets there first; `onResume` in each pass after it. */
async function begin<P, Item, C extends Cursor, A>(
  methods: IterationMethods<P, Item, C, A>,
  pass: Pass,
  enumerator: Pick<Walk<unknown>, 'size'> | null | undefined,
  plan: () => Promise<LanePlan | undefined> | null | undefined,
): Promise<void> {
  const { isFirst, isNew } = pass.lanes
  if (isNew) return
  // Again as long as nothing is done: a walk that is throttled from the start is not counted then.
  const mayTell = !pass.started || (pass.total === null && pass.continuation.cursor === null)
  if (enumerator && mayTell && isFirst) await expectSize(pass, enumerator)
  if (pass.started) {
    await inHook(pass, (context) => methods.onResume?.(context as HookContext<P, A>))
    return
  }
  await inHook(pass, (context) => methods.onStart?.(context as HookContext<P, A>))
  // A fork goes on from somewhere, in one lane.
  const cut = pass.continuation.cursor === null ? await plan() : undefined
  await pass.completeStart(cut ?? undefined)
}

function abortsOne(lanes: number): DogearError {
  return new DogearError(
    'invalid_options',
    `abort() ends a run, and this is one of its ${lanes} lanes; expected a job without lanes`,
  )
}

/** The handling that an `aroundIterate` is around: the item is done when this is, and not before. */
class Next {
  readonly #handle: () => Promise<void>
  #underWay = 0
  #unawaited = 0

  constructor(handle: () => Promise<void>) {
    this.#handle = handle
  }

  readonly call = (): Promise<void> => {
    this.#underWay += 1
    this.#unawaited += 1
    let seen = false
    const handled = this.#handle().finally(() => {
      this.#underWay -= 1
    })
    return Awaited.of(handled, () => {
      if (!seen) this.#unawaited -= 1
      seen = true
    })
  }

  /** Throws when the item would be taken for done although nobody has awaited it. */
  async within(around: () => Promise<void> | undefined): Promise<void> {
    await around()
    if (this.#underWay === 0 && this.#unawaited === 0) return
    throw new DogearError(
      'checkpoint_not_awaited',
      'aroundIterate returned before its next() had; expected it to await next()',
    )
  }
}

/** Handles items by the author's methods, with a context for each attempt. */
class ItemHandler<P, Item, C extends Cursor, A> {
  readonly #methods: IterationMethods<P, Item, C, A>
  readonly #pass: Pass
  readonly #context: RunContext<P, A>
  /** The beginning of each item's idempotency key. */
  readonly #keys: string

  constructor(methods: IterationMethods<P, Item, C, A>, pass: Pass, context: RunContext<P, A>) {
    this.#methods = methods
    this.#pass = pass
    this.#context = context
    this.#keys = pass.idempotencyKey('', 0)
  }

  /** One method that every item goes through, so without a promise of its own. */
  readonly handle = (item: Item, attempt: Attempt<C>): void | Promise<void> => {
    if (this.#pass.itemEvents) return this.#timed(item, attempt)
    return this.#around(item, attempt)
  }

  /** An item of a re-drive, under the cursor that its own walk gives it. */
  readonly again = async (
    redrivenItem: Redriven<Item, C>,
    attempt: Attempt<RedriveCursor>,
  ): Promise<void> => {
    const item = redrivenItem.take()
    const { cursor } = redrivenItem
    const concurrent = attempt.own !== undefined
    const own = new Attempt<C>(this.#pass, 0, cursor, encodeCursor(cursor), concurrent)
    try {
      await this.handle(item, own)
    } finally {
      attempt.asked = own.asked
      attempt.aborted = own.aborted
      attempt.own = own.own
      attempt.ownAttributes = own.ownAttributes
      own.end()
    }
  }

  /** What a concurrent item has assigned becomes part of the run's attributes, in its turn. */
  readonly combine = ({ ownAttributes }: Pick<Attempt<Cursor>, 'ownAttributes'>): void => {
    const { attributes } = this.#pass.pending
    if (!ownAttributes || !attributes || !this.#methods.combineAttributes) return
    const [sofar, own] = [attributes.current, ownAttributes.current] as [A, A]
    attributes.replace(this.#methods.combineAttributes(sofar, own))
  }

  #around(item: Item, attempt: Attempt<C>): void | Promise<void> {
    const methods = this.#methods
    const context = this.#contextOf(attempt)
    if (!methods.aroundIterate) return methods.eachIteration(item, context)
    const next = new Next(async () => {
      attempt.requireOpen()
      await methods.eachIteration(item, context)
    })
    return next.within(() => methods.aroundIterate?.(context, next.call, item))
  }

  #contextOf(attempt: Attempt<C>): IterationContext<P, C, A> {
    const pass = this.#pass
    const { params, env, run, enumerators } = this.#context
    const { attributes, expectTotal } = changing(pass.pending, () => attempt.mayChange())
    const { effects } = attempt
    const own = attempt.own && (attempt.ownAttributes ??= pass.pending.attributes?.ofItem())
    return {
      params,
      env,
      run,
      enumerators,
      effects,
      attributes: (own?.seenBy(() => attempt.mayChange()) ?? attributes) as A,
      expectTotal,
      cursor: attempt.cursor,
      idempotencyKey: this.#keys + attempt.encoded,
      interrupt: attempt.interrupt,
      abort: ({ complete = true } = {}) => {
        attempt.requireOpen()
        if (pass.lanes.count > 0) throw abortsOne(pass.lanes.count)
        attempt.aborted = { complete }
        throw new Unwind('The iteration was aborted')
      },
    }
  }

  async #timed(item: Item, attempt: Attempt<C>): Promise<void> {
    const { clock, emit } = this.#pass
    const startedAt = clock.now()
    try {
      await this.#around(item, attempt)
    } finally {
      const durationMs = clock.now() - startedAt
      emit('iteration.item', { cursor: displayCursor(attempt.encoded), durationMs })
    }
  }
}
