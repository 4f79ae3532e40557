import { type Cursor, decodeCursor, displayCursor, encodeCursor } from '../cursor.ts'
import { describeValue, DogearError, ensureError, InvalidStepError } from '../errors.ts'
import type { StepFunction, StepOptions } from '../job/step.ts'
import type { Pass } from '../pass/pass.ts'
import { type Continuation, requireName, type StepCall } from '../steps/continuation.ts'
import { resultKey } from '../steps/result-key.ts'
import { Awaited } from './awaited.ts'
import { type Block, type StepScope, RunningStep } from './running-step.ts'

/** The `step` function of one pass. */
export function stepFunction(pass: Pass): StepFunction {
  return stepIn({ pass, level: () => pass.continuation, outer: [] })
}

/** The `step` function of a scope. */
export function stepIn(scope: StepScope): StepFunction {
  const step = (...args: unknown[]): Promise<unknown> => {
    const { latch } = scope.pass
    if (latch.told) return latch.hold()
    const call: StepCall = { name: shownName(args), awaited: false }
    return Awaited.of(called(scope, call, args), () => {
      call.awaited = true
    })
  }
  return step
}

async function called(scope: StepScope, call: StepCall, args: unknown[]): Promise<unknown> {
  scope.pass.callers.requireOwn()
  const level = scope.level()
  // As of now: the other one may be done by the time that it is known whether somebody awaits it.
  const other = level.underWay
  const before = level.lastCall
  level.called(call)
  try {
    if (before?.awaited === false) await requireAwaited(scope.pass, before)
    const { name, options, block } = readArguments(args)
    level.requireNotBeside(name, other)
    return await runStep(scope, level, name, options, block)
  } catch (error) {
    const broken = ensureError(error)
    // Whoever catches it would leave out a step: Promise.allSettled catches everything.
    if (broken instanceof InvalidStepError && !level.left) scope.pass.latch.break(broken)
    scope.pass.latch.noteBroken(broken)
    throw error
  } finally {
    level.returned()
  }
}

/** The step before this one was awaited, or is under way around it (then the rules of nesting speak). */
async function requireAwaited({ latch, clock }: Pass, before: StepCall): Promise<void> {
  // A block may begin before the `await` in front of its step does, and so may all of a `Promise.all`.
  await clock.wait(0)
  if (latch.told) return latch.hold()
  if (before.awaited) return
  latch.break(
    new InvalidStepError(
      `A step was met while step '${before.name}' was not awaited; expected each step to be awaited before the next`,
      'step_not_awaited',
    ),
  )
}

/** The step's name in messages. */
function shownName(args: unknown[]): string {
  const name = nameOf(args)
  return typeof name === 'string' ? name : describeValue(name)
}

function nameOf([first]: unknown[]): unknown {
  return typeof first === 'function' ? first.name : first
}

function readArguments(args: unknown[]): {
  name: string
  options: StepOptions<Cursor>
  block: Block
} {
  const functions = args.filter((arg) => typeof arg === 'function')
  const options = args.find((arg) => typeof arg === 'object' && arg !== null) ?? {}
  const [block] = functions
  const name = nameOf(args)
  requireName(name)
  if (!block) {
    throw new InvalidStepError(
      `Step '${name}' has no block; expected step(name, [options], block) or step(namedFunction)`,
    )
  }
  if (block.length > 1) {
    throw new InvalidStepError(`Step function '${name}' must accept 0 or 1 arguments`)
  }
  return { name, options, block: block as Block }
}

/** The most steps that begin within one another at once. */
const DEEP = 100

async function runStep(
  scope: StepScope,
  level: Continuation,
  name: string,
  { start, isolated = false, counts = true }: StepOptions<Cursor>,
  block: Block,
): Promise<unknown> {
  const { pass, outer } = scope
  const { emit, clock } = pass
  // Rails' automatic checkpoint: before each step but the first one executed in this pass.
  if (level.stepCompleted && level.running === undefined) {
    pass.arrive(0)
    await pass.settle()
  }
  const key = resultKey([...outer, name])
  const told = { step: name, ...(outer.length > 0 && { within: outer }) }
  if (level.meet(name) === 'skip') {
    emit('step.skipped', told)
    const stored = pass.results.get(key)
    return stored === undefined ? undefined : decodeCursor(stored)
  }
  if (isolated && outer.length > 0) throw isolatedInside(name)
  if (outer.length === 0 && pass.isolates(isolated)) await pass.stop(ISOLATED, { begun: false })
  const resumed = level.resumedCursor(name)
  const initial = start === undefined ? null : encodeCursor(start)
  const cursor = resumed ? resumed.cursor : initial
  // Blocks begin within one another: hundreds of them would fill the stack.
  if (outer.length % DEEP === DEEP - 1) await Promise.resolve()
  level.begin(name, cursor)
  // Before its first item, when that is what the directive names.
  if (pass.reached()) await pass.stop(AT_DIRECTIVE, { begun: false })
  const way = { resumed: resumed !== undefined, counts, stepIn }
  emit('step.started', { ...told, cursor: displayCursor(cursor), resumed: way.resumed })
  const running = new RunningStep(scope, level, name, cursor, way)
  const startedAt = clock.now()
  try {
    const result = await running.run(block)
    await complete(scope, level, { name, key }, result)
    emit('step.completed', { ...told, durationMs: clock.now() - startedAt })
    return result
  } catch (error) {
    running.tellEnd(error, startedAt)
    throw error
  }
}

const ISOLATED = { reason: 'isolated', directiveMet: false } as const
const AT_DIRECTIVE = { reason: 'signal', directiveMet: true } as const

function isolatedInside(name: string): InvalidStepError {
  return new InvalidStepError(
    `Step '${name}' is isolated inside another step; only outermost steps can be`,
  )
}

function complete(
  { pass, outer }: StepScope,
  level: Continuation,
  { name, key }: { name: string; key: string },
  result: unknown,
): Promise<void> {
  const encoded = result === undefined ? undefined : encodeCursor(result, 'invalid_result')
  if (encoded !== undefined) requireRoom(pass, name, key, encoded)
  return outer.length === 0
    ? pass.completeStep(name, key, encoded)
    : pass.completeInnerStep(level, name, key, encoded)
}

/** A raise reads all results of a run in one value, and D1's values end at 2 MB. */
const MAX_RESULTS_LENGTH = 500_000

function requireRoom(pass: Pass, step: string, key: string, result: string): void {
  const length = result.length + pass.pending.resultsLength(key)
  if (length <= MAX_RESULTS_LENGTH) return
  throw new DogearError(
    'invalid_result',
    `With the result of step '${step}' the run's results have ${length} characters; expected at most ${MAX_RESULTS_LENGTH} in all`,
  )
}
