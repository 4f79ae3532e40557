import type { Schedule } from '../state/api.ts'
import { minuteWords, type Zone } from './times.ts'

export type Tick = Schedule['ticks'][number]

/** The tone that a tick is shown in. */
export const TICK_TONES: Record<Tick['outcome'], string> = {
  waiting: 'queued',
  ran: 'completed',
  failed: 'failed',
  skipped: 'interrupted',
  missed: 'paused',
}

/** `1 Dec 03:00 UTC: skipped, since the run before was still at work`. */
export function tickWords({ tick, outcome, error, byHand }: Tick, zone: Zone): string {
  const what = byHand ? 'a person started a run' : outcomeWords(outcome, error?.message)
  return `${minuteWords(tick, zone)}: ${what}`
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
