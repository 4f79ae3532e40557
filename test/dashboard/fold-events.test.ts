import { describe, expect, it } from 'vitest'
import { foldEvents } from '../../src/dashboard/figures/fold-events.ts'
import { gapWords, sliceLineWords } from '../../src/dashboard/words/line-words.ts'
import type { EngineEvent } from '../../src/client/index.ts'

const told = (id: number, type: string, more: object = {}) => ({
  id: `${id}`,
  event: {
    type,
    at: '2026-01-01T00:00:00.000Z',
    run: 'r',
    job: 'j',
    fence: 7,
    ...more,
  } as EngineEvent,
})

/** A slice that came back for its budget, from its first event's number on. */
const slice = (id: number, fence: number, done: number) => [
  told(id, 'slice.claimed', { fence, n: fence, attempt: 1, done, commits: done }),
  told(id + 1, 'slice.started', { fence, attempt: 1 }),
  told(id + 2, 'slice.released', {
    fence,
    outcome: 'interrupted',
    reason: 'budget',
    durationMs: 250,
    commits: 4,
  }),
  told(id + 3, 'run.changed', { fence, status: 'interrupted', reason: 'budget', held: false }),
]

describe('The list of events', () => {
  it('has one line for a slice that did nothing but work, which says what it did', () => {
    const lines = foldEvents([...slice(1, 7, 100), ...slice(5, 8, 120)], true)
    expect(lines).toMatchObject([
      { kind: 'slice', fence: 7, items: 20 },
      { kind: 'slice', fence: 8, items: undefined },
    ])
    const [line] = lines
    expect(line?.kind === 'slice' && line.told).toHaveLength(4)
    expect(line?.kind === 'slice' && sliceLineWords(line)).toBe(
      'Slice 7: 20 items, 250 ms, 4 commits; stopped for budget',
    )
  })

  it('has each event of a slice in which something else happened, or that is still at work', () => {
    const [claimed, started, ...rest] = slice(1, 7, 0)
    const errored = told(3, 'step.errored', { error: { name: 'Error', message: 'x' } })
    const events = [claimed, started, errored, ...rest].filter((one) => one !== undefined)
    expect(foldEvents(events, false).map(({ kind }) => kind)).toEqual(Array(5).fill('event'))
    expect(foldEvents(slice(1, 7, 0).slice(0, 2), true).map(({ kind }) => kind)).toEqual([
      'event',
      'event',
    ])
  })

  it('says where events are missing', () => {
    const events = [told(1, 'run.created'), ...slice(1_001, 9, 0)]
    expect(foldEvents(events, true).map(({ kind }) => kind)).toEqual(['event', 'gap', 'slice'])
    expect(foldEvents(events, true)[1]).toMatchObject({ count: 999 })
    expect(foldEvents(events, false).map(({ kind }) => kind)).toEqual(['event', 'slice'])
    expect(gapWords(999, { slices: 100, items: 2_000 })).toBe(
      '999 routine events, of 100 slices and 2,000 items, are not shown',
    )
    expect(gapWords(1, { slices: 0, items: 0 })).toBe('1 routine event is not shown')
  })
})
