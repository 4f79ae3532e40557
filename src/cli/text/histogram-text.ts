import type { RunHistogram } from '../../client/index.ts'
import { type Look, plainLook } from './look.ts'
import { table } from './table.ts'
import { timeText } from './text.ts'

const BAR = 24

/** How many runs were created when: a line for each stretch of time, with a bar whose first part has failed. */
export function histogramText(
  { buckets, bucketMs, countedSince }: RunHistogram,
  look: Look = plainLook,
): string {
  if (buckets.length === 0) return 'No runs.'
  const most = Math.max(1, ...buckets.map(runsIn))
  const days = bucketMs % 86_400_000 === 0
  const rows = buckets.map((bucket) => [
    days ? bucket.at.slice(0, 10) : bucket.at.slice(0, 16).replace('T', ' '),
    `${runsIn(bucket)}`,
    ...[bucket.failed, bucket.cancelled, bucket.active].map((runs) =>
      runs === 0 ? '' : `${runs}`,
    ),
    barOf(bucket, most, look),
  ])
  const head = ['CREATED (UTC)', 'RUNS', 'FAILED', 'CANCELLED', 'ACTIVE', '']
  const note =
    countedSince === undefined
      ? ''
      : `\nOnly the newest 10,000 are counted: those of before ${timeText(countedSince)} are missing.`
  return table([head, ...rows], look.columns) + note
}

type Bucket = RunHistogram['buckets'][number]

function runsIn({ active, completed, failed, cancelled }: Bucket): number {
  return active + completed + failed + cancelled
}

/** What is there can be seen, however little it is. */
function barOf(bucket: Bucket, most: number, { paint }: Look): string {
  const cells = (runs: number) => (runs === 0 ? 0 : Math.max(1, Math.round((runs / most) * BAR)))
  const failed = cells(bucket.failed)
  const rest = Math.max(runsIn(bucket) > bucket.failed ? 1 : 0, cells(runsIn(bucket)) - failed)
  return paint('red', '▓'.repeat(failed)) + paint('green', '█'.repeat(rest))
}
