import { describe, expect, it } from 'vitest'
import type { EngineEvent, Run } from '../../src/client/index.ts'
import { eventWords, isOfKind, toneOf } from '../../src/sentences/event-words.ts'
import { whyWords } from '../../src/dashboard/words/why.ts'
import { stateWords, toneOfRun } from '../../src/dashboard/words/words.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const run: Run = {
  id: '0'.repeat(32),
  job: 'a-job',
  style: 'continuable',
  status: 'queued',
  step: null,
  cursor: null,
  completedSteps: [],
  progress: { done: 1_500, total: 3_000, skipped: 0 },
  params: {},
  attempts: 0,
  interruptions: 0,
  resumptions: 0,
  slices: 2,
  workedMs: 900,
  commits: 0,
  cost: {
    d1RowsRead: 0,
    d1RowsWritten: 0,
    d1Statements: 0,
    queueOperations: 0,
    durableObjectRequests: 0,
  },
  codeVersion: '',
  createdAt: new Date(NOW).toISOString(),
  updatedAt: new Date(NOW).toISOString(),
  children: [],
}
const failure = { name: 'Error', message: 'Broken', at: { step: 'walk', cursor: '20' } }
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString()

describe('Why a run stands as it does', () => {
  const cases: [words: string, Partial<Run>][] = [
    ['It waits for its first slice.', {}],
    ['It begins in 5 min 0 s.', { resumeAt: inSeconds(300) }],
    ['A slice is at work on it.', { status: 'running' }],
    [
      'Retrying: attempt 2 of 3 in 6 s (Error at item 20).',
      { resumeAt: inSeconds(6), retry: { failed: 1, limit: 3 }, error: failure },
    ],
    [
      'A slice is at work on it: attempt 2.',
      { status: 'running', retry: { failed: 1, limit: null } },
    ],
    [
      'It gave up at item 20 after 3 attempts without progress. It keeps its checkpoint: a retry goes on from there.',
      { status: 'failed', retry: { failed: 3, limit: 3 }, error: failure },
    ],
    [
      'It failed at item 20. It keeps its checkpoint: a retry goes on from there.',
      { status: 'failed', error: failure },
    ],
    [
      'It gave up at the batch of 50 items at 7 after 2 attempts without progress. It keeps its checkpoint: a retry goes on from there.',
      {
        status: 'failed',
        retry: { failed: 2, limit: 2 },
        error: {
          name: 'DogearError',
          message: 'Too many',
          cause: { ...failure, at: { step: 'walk', cursor: '7', items: 50 } },
        },
      },
    ],
    [
      'It has been asked to pause, and will at the next checkpoint.',
      { status: 'running', reason: 'pause' },
    ],
    [
      'Its slice had used up its budget. It goes on from its checkpoint with the next slice.',
      { status: 'interrupted', reason: 'budget' },
    ],
    [
      'It was interrupted on purpose. It is held at its checkpoint until somebody resumes it.',
      { status: 'interrupted', reason: 'signal', held: true },
    ],
    [
      'What it works with asked it to wait. It goes on from its checkpoint in 9 s.',
      { status: 'interrupted', reason: 'throttle', resumeAt: inSeconds(8.2) },
    ],
    [
      'It did 1,500 items in 2.0 s, over 2 slices.',
      { status: 'completed', startedAt: inSeconds(0), finishedAt: inSeconds(2) },
    ],
    [
      'It did 1,500 items. It skipped 10,000 items: look at their errors below.',
      { status: 'completed', progress: { done: 1_500, total: null, skipped: 10_000 } },
    ],
  ]
  it.each(cases)('%s', (words, changes) => {
    expect(whyWords({ ...run, ...changes }, NOW)).toBe(words)
  })

  it('is amber when it has completed without some of its items', () => {
    const skipped = (items: number) => ({
      ...run,
      status: 'completed' as const,
      progress: { ...run.progress, skipped: items },
    })
    expect([stateWords(skipped(10_000)), toneOfRun(skipped(10_000))]).toEqual([
      'completed, 10,000 skipped',
      'interrupted',
    ])
    expect([stateWords(skipped(0)), toneOfRun(skipped(0))]).toEqual(['completed', 'completed'])
  })

  it('is in short words beside its status', () => {
    expect(stateWords({ ...run, status: 'interrupted', held: true })).toBe('interrupted, held')
    expect(stateWords({ ...run, status: 'running', reason: 'cancel' })).toBe(
      'running, cancel asked',
    )
  })
})

describe('An event in words', () => {
  const base = { at: run.createdAt, run: run.id, job: run.job, fence: 3 }
  const skipped: EngineEvent = {
    ...base,
    type: 'iteration.skipped',
    cursor: 12,
    attempts: 1,
    error: { name: 'Error', message: 'no such customer' },
  }
  const step: EngineEvent = {
    ...base,
    type: 'step.started',
    step: 'inner',
    within: ['outer'],
    cursor: { page: 2 },
    resumed: true,
  }

  it('tells what happened, where', () => {
    expect(eventWords(skipped)).toBe('Item passed over at 12: no such customer')
    expect(eventWords(step)).toBe('Step outer › inner goes on at {"page":2}')
  })

  it('is found among its kind alone', () => {
    const kinds = (event: EngineEvent) =>
      (['slices', 'steps', 'errors'] as const).filter((kind) => isOfKind(event, kind))
    expect(kinds(skipped)).toEqual(['steps', 'errors'])
    expect(kinds(step)).toEqual(['steps'])
    expect(kinds({ ...base, type: 'slice.vanished' })).toEqual(['slices', 'errors'])
    expect(kinds({ ...base, type: 'step.skipped', step: 'done' })).toEqual(['steps'])
  })

  it.each([
    ['failed', ['errors']],
    ['completed', []],
  ] as const)('of the end of a run is marked as the run is: %s', (status, kinds) => {
    const ended = { ...base, type: 'run.ended', status } as EngineEvent
    expect(toneOf(ended)).toBe(status)
    expect(
      (['slices', 'steps', 'errors'] as const).filter((kind) => isOfKind(ended, kind)),
    ).toEqual(kinds)
  })
})
