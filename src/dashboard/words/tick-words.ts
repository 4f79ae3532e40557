import type { Schedule } from '../state/api.ts'
import { minuteText } from './words.ts'

export type Tick = Schedule['ticks'][number]

/** The tone that a tick is shown in. */
export const TICK_TONES: Record<Tick['outcome'], string> = {
  waiting: 'queued',
  ran: 'completed',
  failed: 'failed',
  skipped: 'interrupted',
  missed: 'paused',
}

/** `2026-12-01 03:00 UTC: skipped, since the run before was still at work`. */
export function tickWords({ tick, outcome, error, byHand }: Tick): string {
  if (byHand) return `${minuteText(tick)} UTC: a person started a run`
  return `${minuteText(tick)} UTC: ${outcomeWords(outcome, error?.message)}`
}

function outcomeWords(outcome: Tick['outcome'], message: string | undefined): string {
  switch (outcome) {
    case 'waiting':
      return 'its run is still to be started'
    case 'ran':
      return 'started a run'
    case 'failed':
      return `its run could not be started${message === undefined ? '' : `: ${message}`}`
    case 'skipped':
      return 'skipped, since the run before was still at work'
    case 'missed':
      return 'missed, since the cron trigger did not fire'
  }
}
