import type { EngineEvent, EventType } from '../engine/events.ts'
import { bucketOf, COMMIT_MS, QUEUE_LAG_MS, type Bounds, type Buckets } from './histogram.ts'

/** The counters of slices; each per job, and split by the label named here. */
export const COUNTERS = {
  items: null,
  commits: null,
  skips: null,
  /** Errors after which the run tries again. */
  retries: null,
  resumptions: null,
  interruptions: 'reason',
  slices: 'outcome',
  /** Runs that a slice has brought to their end, and how often those were resumed. */
  ended: 'status',
  ended_resumptions: null,
  d1_statements: null,
  d1_rows_read: null,
  d1_rows_written: null,
  commit_ms: 'bucket',
  commit_ms_sum: null,
  queue_lag_ms: 'bucket',
  queue_lag_ms_sum: null,
  /** Pruned after a day; all others stay. */
  items_by_minute: 'minute',
} as const

export type CounterName = keyof typeof COUNTERS

/** One figure: how much it has grown in a slice, or what it has come to. */
export interface Figure {
  name: CounterName
  label: string
  job: string
  value: number
}

type Add = (name: CounterName, value?: number, label?: string) => void
type EventOf<T extends EventType> = Extract<EngineEvent, { type: T }>

/** The figures that each event adds to; events that are not here add nothing. */
const FOLDS: { [T in EventType]?: (event: EventOf<T>, add: Add) => void } = {
  'slice.started'({ queueLagMs }, add) {
    if (queueLagMs !== undefined) addDuration(add, 'queue_lag_ms', QUEUE_LAG_MS, queueLagMs)
  },
  'run.resumed': (_event, add) => add('resumptions'),
  'commit.written'(event, add) {
    addDuration(add, 'commit_ms', COMMIT_MS, event.durationMs)
    addCommits(add, { ...event, commits: 1 })
  },
  'commit.found': (event, add) => addCommits(add, event),
  'run.interrupted': ({ reason }, add) => add('interruptions', 1, reason),
  'run.errored'({ willRetry }, add) {
    if (willRetry) add('retries')
  },
  'run.ended'({ status, resumptions }, add) {
    add('ended', 1, status)
    add('ended_resumptions', resumptions)
  },
  'slice.released'({ outcome, d1Statements, d1RowsRead, d1RowsWritten }, add) {
    add('slices', 1, outcome)
    add('d1_statements', d1Statements)
    add('d1_rows_read', d1RowsRead)
    add('d1_rows_written', d1RowsWritten)
  },
}

function addDuration(
  add: Add,
  name: 'commit_ms' | 'queue_lag_ms',
  bounds: Bounds,
  durationMs: number,
): void {
  const ms = Math.max(0, Math.round(durationMs))
  add(name, 1, bucketOf(bounds, ms))
  add(`${name}_sum`, ms)
}

function addCommits(
  add: Add,
  { at, commits, items, skips }: { at: string; commits: number; items: number; skips: number },
): void {
  add('commits', commits)
  add('items', items)
  add('items_by_minute', items, minuteOf(at))
  add('skips', skips)
}

/** Adds up what the events of a slice tell. Pure; `metric-rows.ts` keeps it. */
export class SliceMetrics {
  readonly #figures = new Map<string, Figure>()

  /** Takes each event of the slice. */
  take(event: EngineEvent): void {
    const fold = FOLDS[event.type] as ((event: EngineEvent, add: Add) => void) | undefined
    fold?.(event, (name, value = 1, label = '') =>
      this.#add({ name, label, job: event.job, value }),
    )
  }

  /** The figures that have grown, and by how much. */
  figures(): Figure[] {
    return [...this.#figures.values()]
  }

  #add(figure: Figure): void {
    if (figure.value === 0) return
    const key = `${figure.name} ${figure.label} ${figure.job}`
    const known = this.#figures.get(key)
    if (known) known.value += figure.value
    else this.#figures.set(key, figure)
  }
}

/** The buckets of a histogram among figures: of one job, or of all together. */
export function bucketsOf(
  figures: readonly Figure[],
  name: 'commit_ms' | 'queue_lag_ms',
  job?: string,
): Buckets {
  const buckets = new Map<string, number>()
  for (const figure of figures) {
    if (figure.name !== name || (job !== undefined && figure.job !== job)) continue
    buckets.set(figure.label, (buckets.get(figure.label) ?? 0) + figure.value)
  }
  return buckets
}

/** The minute of a time, both ISO 8601: `2026-11-22T08:10`. */
export function minuteOf(at: string): string {
  return at.slice(0, 16)
}
