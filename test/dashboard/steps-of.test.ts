import { describe, expect, it } from 'vitest'
import { stepsOf } from '../../src/dashboard/figures/steps-of.ts'

const iteration = { style: 'iteration', job: 'walk', step: null } as const

const none = { done: 0, total: null, skipped: 0 }

describe('The steps of a run', () => {
  it.each([
    ['is queued', { status: 'queued', cursor: null }, { done: [], current: 'walk' }],
    ['has completed', { status: 'completed', cursor: 3 }, { done: ['walk'], current: undefined }],
    ['has failed within its walk', { status: 'failed', cursor: 0 }, { done: [], current: 'walk' }],
    [
      'was cancelled at once',
      { status: 'cancelled', cursor: null },
      { done: [], current: undefined },
    ],
    [
      'was cancelled after work, without a cursor',
      { status: 'cancelled', cursor: null, progress: { ...none, done: 3 } },
      { done: [], current: 'walk' },
    ],
  ] as const)('of an iteration that %s', (_how, run, shown) => {
    expect(stepsOf({ ...iteration, progress: none, ...run, completedSteps: [] })).toEqual(shown)
  })

  it('are those that it has completed, and the one it is in', () => {
    const failed = { style: 'continuable', job: 'a-job', status: 'failed', cursor: 4 } as const
    const run = { ...failed, completedSteps: ['load'], progress: none }
    expect(stepsOf({ ...run, step: 'work' })).toEqual({ done: ['load'], current: 'work' })
    expect(stepsOf({ ...run, step: null })).toEqual({ done: ['load'], current: undefined })
  })
})
