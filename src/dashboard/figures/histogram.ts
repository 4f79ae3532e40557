import type { RunHistogram } from '../state/api.ts'
import { minute, type Zone } from '../words/times.ts'
import { count } from '../words/words.ts'

export type Bucket = RunHistogram['buckets'][number]

/** What bars are made of, from below: what has failed is to be seen first. */
export const LAYERS = [
  { name: 'failed', tone: 'failed', words: 'failed' },
  { name: 'cancelled', tone: 'cancelled', words: 'cancelled' },
  { name: 'active', tone: 'running', words: 'under way' },
  { name: 'completed', tone: 'completed', words: 'completed' },
] as const

export function runsIn({ active, completed, failed, cancelled }: Bucket): number {
  return active + completed + failed + cancelled
}

/** `30 Nov 03:00 to 04:00: 23 runs, 5 failed`. */
export function bucketWords(buckets: readonly Bucket[], bucketMs: number, zone: Zone): string {
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (!first || !last) return ''
  const end = new Date(Date.parse(last.at) + bucketMs).toISOString()
  return `${minute(first.at, zone)} to ${minute(end, zone)}: ${sumWords(buckets)}`
}

/** The same of all of them, and how long each is. */
export function spanWords({ buckets, bucketMs, countedSince }: RunHistogram, zone: Zone): string {
  const partly =
    countedSince === undefined
      ? ''
      : `; those of before ${minute(countedSince, zone)} are not counted`
  return `${bucketWords(buckets, bucketMs, zone)}, by ${widthWords(bucketMs)}${partly}`
}

function sumWords(buckets: readonly Bucket[]): string {
  const runs = buckets.reduce((sum, bucket) => sum + runsIn(bucket), 0)
  const failed = buckets.reduce((sum, bucket) => sum + bucket.failed, 0)
  return `${count(runs)} ${runs === 1 ? 'run' : 'runs'}${failed === 0 ? '' : `, ${count(failed)} failed`}`
}

function widthWords(bucketMs: number): string {
  const minutes = bucketMs / 60_000
  const [many, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 1_440
        ? [minutes / 60, 'hour']
        : [minutes / 1_440, 'day']
  return many === 1 ? unit : `${many} ${unit}s`
}
