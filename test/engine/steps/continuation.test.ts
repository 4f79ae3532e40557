import { describe, expect, it } from 'vitest'
import { Continuation, type Checkpoint } from '../../../src/engine/steps/continuation.ts'

function resumedAt(step: string, ...completed: string[]): Checkpoint {
  return { completed, current: { step, cursor: '2' } }
}

function run(continuation: Continuation, ...steps: string[]): void {
  for (const step of steps) {
    if (continuation.meet(step) === 'skip') continue
    continuation.begin(step, null)
    continuation.complete(step)
  }
}

describe('the steps of one pass', () => {
  it('run in the order in which they are met', () => {
    const continuation = new Continuation({ completed: [] })
    run(continuation, 'one', 'two')
    continuation.finish()
    expect(continuation.completed).toEqual(['one', 'two'])
  })

  it('are skipped when the checkpoint has them as completed', () => {
    const continuation = new Continuation(resumedAt('three', 'one', 'two'))
    expect([
      continuation.meet('one'),
      continuation.meet('two'),
      continuation.meet('three'),
    ]).toEqual(['skip', 'skip', 'run'])
    expect(continuation.resumedCursor('three')).toEqual({ step: 'three', cursor: '2' })
  })

  it('R16 are refused when a name comes twice', () => {
    const continuation = new Continuation({ completed: [] })
    run(continuation, 'duplicate')
    expect(() => continuation.meet('duplicate')).toThrow(
      "Step 'duplicate' has already been encountered",
    )
  })

  it('R17 are refused inside one another', () => {
    const continuation = new Continuation({ completed: [] })
    continuation.meet('outer_step')
    continuation.begin('outer_step', null)
    expect(() => continuation.meet('inner_step')).toThrow(
      "Step 'inner_step' is nested inside step 'outer_step'",
    )
  })

  it('R19 are refused before the step that was interrupted', () => {
    const continuation = new Continuation(resumedAt('iterating'))
    expect(() => continuation.meet('unexpected')).toThrow(
      "Step 'unexpected' found, expected to resume from 'iterating'",
    )
  })

  it('R20 are refused when one is inserted among the completed ones', () => {
    const continuation = new Continuation({ completed: ['one', 'two', 'three'] })
    run(continuation, 'one', 'two')
    expect(() => continuation.meet('two_and_a_half')).toThrow(
      "Step 'two_and_a_half' found, expected to see 'three'",
    )
  })

  it('B06 R71 make perform fail when it returns without the step in progress, or a completed one', () => {
    const missed = new Continuation(resumedAt('two', 'one'))
    run(missed, 'one')
    expect(() => missed.finish()).toThrow(
      expect.objectContaining({ code: 'step_mismatch', message: expect.stringContaining("'two'") }),
    )
    const empty = new Continuation({ completed: ['one'] })
    expect(() => empty.finish()).toThrow(
      "without meeting step 'one', which the checkpoint has as completed",
    )
  })

  it('may be appended after the completed ones', () => {
    const continuation = new Continuation({ completed: ['one'] })
    run(continuation, 'one', 'two')
    continuation.finish()
    expect(continuation.completed).toEqual(['one', 'two'])
  })

  it('need a name', () => {
    const continuation = new Continuation({ completed: [] })
    expect(() => continuation.meet('')).toThrow('must be a non-empty string')
    expect(() => continuation.meet(7 as unknown as string)).toThrow("found 'number'")
  })
})
