import { useRef, useState } from 'hono/jsx/dom'
import { client, type RunHistogram } from '../../state/api.ts'
import { useQuery } from '../../state/query.ts'
import { useZone } from '../../state/zone.ts'
import { type Bucket, bucketWords, LAYERS, runsIn, spanWords } from '../../figures/histogram.ts'
import { chosen, type FilterForm, queryOf } from '../../forms/run-filter.ts'
import { zoneName } from '../../words/times.ts'

const EVERY_MS = 10_000
const BUCKETS = 60

/** The runs that fit by the time of their creation; a stretch of it can be chosen. */
export function Histogram({
  filter,
  onPick,
}: {
  filter: FilterForm
  onPick: (changes: Pick<FilterForm, 'since' | 'until'>) => void
}) {
  const fitting = { ...filter, sort: '' }
  const { data } = useQuery(
    `histogram?${queryOf(fitting)}`,
    () => client.runHistogram({ ...chosen(fitting), buckets: BUCKETS }),
    EVERY_MS,
  )
  if (data?.buckets.length === 0) return null
  const pick = (from: Bucket, to: Bucket, bucketMs: number) =>
    onPick({ since: from.at, until: new Date(Date.parse(to.at) + bucketMs).toISOString() })
  return (
    <section class="sheet histogram" aria-label="Runs over time">
      {data ? <Bars histogram={data} onPick={(from, to) => pick(from, to, data.bucketMs)} /> : null}
    </section>
  )
}

/** The first bucket of a choice and its last one, in whichever order they were pointed at. */
interface Range {
  from: number
  to: number
}

function Bars({
  histogram,
  onPick,
}: {
  histogram: RunHistogram
  onPick: (from: Bucket, to: Bucket) => void
}) {
  const { buckets } = histogram
  const zone = useZone()
  const { range, on } = useBrush(buckets.length, ({ from, to }) => {
    const [first, last] = [buckets[Math.min(from, to)], buckets[Math.max(from, to)]]
    if (first && last) onPick(first, last)
  })
  const most = Math.max(1, ...buckets.map(runsIn))
  const chosenOnes =
    range && buckets.slice(Math.min(range.from, range.to), Math.max(range.from, range.to) + 1)
  return (
    <>
      <div
        class="bars"
        role="group"
        tabIndex={0}
        aria-label="Runs over time: arrow keys move, with Shift they extend, Enter shows these runs alone"
        {...on}
      >
        {buckets.map((bucket, at) => (
          <span key={bucket.at} class={isWithin(at, range) ? 'bucket chosen' : 'bucket'}>
            {LAYERS.map(({ name, tone }) => (
              <i
                key={name}
                class={`tone-${tone}`}
                style={{ height: `${(100 * bucket[name]) / most}%` }}
              />
            ))}
          </span>
        ))}
      </div>
      <p class="small quiet row">
        <span role="status">
          {chosenOnes && chosenOnes.length > 0
            ? bucketWords(chosenOnes, histogram.bucketMs, zone)
            : spanWords(histogram, zone)}{' '}
          {zoneName(zone)}
        </span>
        {LAYERS.map(({ name, tone, words }) =>
          buckets.some((bucket) => bucket[name] > 0) ? (
            <span key={name} class={`legend tone-${tone}`}>
              <span class="dot" /> {words}
            </span>
          ) : null,
        )}
      </p>
    </>
  )
}

function isWithin(at: number, range: Range | undefined): boolean {
  return (
    range !== undefined &&
    at >= Math.min(range.from, range.to) &&
    at <= Math.max(range.from, range.to)
  )
}

/** A stretch that is being chosen, by pointing or by keys; `onPick` when it is. */
function useBrush(buckets: number, onPick: (range: Range) => void) {
  const [range, setRange] = useState<Range | undefined>(undefined)
  const dragging = useRef(false)
  const at = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect()
    const place = Math.floor(((event.clientX - left) / width) * buckets)
    return Math.max(0, Math.min(buckets - 1, place))
  }
  const on = {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      dragging.current = true
      ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
      setRange({ from: at(event), to: at(event) })
    },
    onPointerMove: (event: PointerEvent) => {
      const to = at(event)
      setRange((last) => ({ from: dragging.current && last ? last.from : to, to }))
    },
    onPointerUp: (event: PointerEvent) => {
      if (!dragging.current) return
      dragging.current = false
      const to = at(event)
      setRange(undefined)
      onPick({ from: range?.from ?? to, to })
    },
    onPointerLeave: () => {
      if (!dragging.current) setRange(undefined)
    },
    onBlur: () => setRange(undefined),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Enter' && range) onPick(range)
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (step === undefined) return
      event.preventDefault()
      const to = Math.max(0, Math.min(buckets - 1, (range?.to ?? (step > 0 ? -1 : buckets)) + step))
      setRange({ from: event.shiftKey && range ? range.from : to, to })
    },
  }
  return { range, on }
}
