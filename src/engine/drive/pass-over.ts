import { errorAtItem } from '../errors.ts'
import { isEnded } from '../run.ts'
import type { Driving } from './driving.ts'
import { hasProgressed } from './streak.ts'

/** The run has not ended, and what failed last is tried again. */
export function isRetrying(d: Driving): boolean {
  return d.retry !== null && !isEnded(d.status) && !hasProgressed(d)
}

/** Why the run cannot pass over the item at that place; undefined when it can. */
export function passOverProblem(
  d: Driving,
  place: string,
): 'no_item_to_pass_over' | 'other_item' | undefined {
  // The error of a run that has got further since is not what it is tried again for.
  const counts = isEnded(d.status) || d.lastError !== null
  const here = counts ? errorAtItem(d.error)?.at.place : undefined
  if (here === undefined) return 'no_item_to_pass_over'
  return here === place ? undefined : 'other_item'
}

/** Notes what a retry is to pass over. Slices learn it from their claim, until the run ends or is retried otherwise. */
export function notePassOver(d: Driving, asked: { place: string; by: string } | undefined): void {
  const error = errorAtItem(d.error)
  if (asked && error) d.passOver = { ...asked, error, attempts: Math.max(1, d.retry?.failed ?? 1) }
  // Whoever asks for a plain retry while D1 has not answered yet takes back nothing.
  else if (d.intent.kind !== 'reopen') d.passOver = null
}
