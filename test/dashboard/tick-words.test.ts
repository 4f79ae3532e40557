import { describe, expect, it } from 'vitest'
import { TICK_TONES, tickWords } from '../../src/dashboard/words/tick-words.ts'
import { TICK_OUTCOMES } from '../../src/schedules/tick.ts'

const at = { tick: '2020-12-01T03:00:00.000Z', run: null }

describe('A tick of a schedule', () => {
  it('says what became of it, and why a run could not be started', () => {
    expect(tickWords({ ...at, outcome: 'skipped' }, 'utc')).toBe(
      '1 Dec 2020 03:00 UTC: skipped, since the run before was still at work',
    )
    const error = { name: 'DogearError', message: 'items is no number' }
    expect(tickWords({ ...at, outcome: 'failed', error }, 'utc')).toBe(
      '1 Dec 2020 03:00 UTC: its run could not be started: items is no number',
    )
  })

  it('has words and a tone of its own for each outcome', () => {
    const words = TICK_OUTCOMES.map((outcome) => tickWords({ ...at, outcome }, 'utc'))
    const tones = TICK_OUTCOMES.map((outcome) => TICK_TONES[outcome])
    expect(new Set(words).size).toBe(TICK_OUTCOMES.length)
    expect(new Set(tones).size).toBe(TICK_OUTCOMES.length)
  })
})
