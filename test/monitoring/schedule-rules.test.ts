import { describe, expect, it } from 'vitest'
import { scheduleTrouble } from '../../src/monitoring/schedule-rules.ts'
import type { Tick, TickOutcome } from '../../src/schedules/index.ts'

/** Nightly ticks, the newest first. */
function nights(...outcomes: TickOutcome[]): Tick[] {
  return outcomes.map((outcome, ago) => ({
    tick: `2026-12-${20 - ago}T03:00:00.000Z`,
    outcome,
    run: outcome === 'ran' || outcome === 'skipped' ? 'r1' : null,
    ...(outcome === 'failed' && { error: { name: 'DogearError', message: 'items is no number' } }),
  }))
}

describe('A schedule is worth an alert', () => {
  it('when the run of its last tick could not be started', () => {
    expect(scheduleTrouble(nights('failed', 'ran'))).toBe(
      'Its run of 2026-12-20 03:00 UTC could not be started: items is no number',
    )
  })

  it('when three ticks in a row were skipped', () => {
    expect(scheduleTrouble(nights('skipped', 'skipped', 'skipped', 'ran'))).toBe(
      '3 ticks in a row were skipped, the last at 2026-12-20 03:00 UTC: run r1 is still at work',
    )
  })

  it('when the trigger did not fire before its last tick', () => {
    expect(scheduleTrouble(nights('ran', 'missed', 'ran'))).toBe(
      'The cron trigger did not fire at its tick of 2026-12-19 03:00 UTC: no run was started then',
    )
    expect(scheduleTrouble(nights('skipped', 'missed', 'missed', 'ran'))).toContain(
      '2026-12-19 03:00 UTC, nor at the tick before it',
    )
    expect(scheduleTrouble(nights('waiting', 'missed', 'ran'))).toContain('2026-12-19')
  })
})

describe('A schedule is worth none', () => {
  it.each([
    ['that has never ticked', nights()],
    ['that runs', nights('ran', 'ran')],
    ['that ran after ticks that failed, were skipped or missed', nights('ran', 'ran', 'missed')],
    ['that runs again after a failure', nights('ran', 'failed', 'failed')],
    ['of which two ticks in a row were skipped', nights('skipped', 'skipped', 'ran', 'skipped')],
    ['whose first run is still to be started', nights('waiting')],
  ])('%s', (_, ticks) => {
    expect(scheduleTrouble(ticks)).toBeUndefined()
  })
})
