import type { Cursor } from '../cursor.ts'
import { durationMs } from '../durations.ts'
import {
  entriesOf,
  enumerator,
  isPair,
  pagesOf,
  requireWalk,
  Throttled,
  wrappedParts,
  type Entry,
  type Enumerator,
  type Walk,
} from './enumerator.ts'

type Answer = boolean | Promise<boolean>
type Duration = number | string

export type ThrottleOptions<Item> = {
  /** Time for which the run stands still: milliseconds, a text like `'30s'`, or a function that gives one. */
  wait: Duration | (() => Duration | Promise<Duration>)
} & (
  | {
      /** Asks when the next item has been fetched, and shows it. The default. */
      check?: 'after'
      throttleOn(item: Item): Answer
    }
  | {
      /** Asks before the next item is fetched: for when the fetching itself is the load. */
      check: 'before'
      throttleOn(): Answer
    }
)

/**
 * Walks what `walk` walks, and lets the run stand still for `wait` whenever `throttleOn` says so; then
 * it goes on with the same item. The run is interrupted with reason `throttle`, which costs no attempt
 * and is not its completion: `onShutdown` runs, `onComplete` does not. Cursor and size: those of `walk`.
 *
 * `throttleOn` is asked before each item, so let it be cheap. `check: 'before'` also asks once before
 * the walk is counted, which is put off until it gets through, and once before the walk's end; where items come in pages, it asks before the page, and a page that is read ahead
 * has been asked for already. Throws `invalid_enumerator` for what is no enumerator, `invalid_options`
 * for what is no duration.
 *
 * After job-iteration's throttle enumerator, which can check after fetching only.
 */
export function throttle<Item, C extends Cursor>(
  walk: Walk<Item, C>,
  options: ThrottleOptions<Item>,
): Enumerator<Item, C> {
  requireWalk('throttle', walk)
  const { wait } = options
  if (typeof wait !== 'function') durationMs(wait)
  const pages = () => pagesOf({ [Symbol.asyncIterator]: () => throttled(walk, options) })
  const size = async (): Promise<number | null> => {
    // Counting is a load, too.
    if (options.check === 'before' && (await options.throttleOn())) return null
    return (await walk.size?.()) ?? null
  }
  return {
    ...enumerator(pages, size),
    single: true,
    ...wrappedParts(walk, (part) => throttle(part, options)),
  }
}

async function* throttled<Item, C extends Cursor>(
  walk: Walk<Item, C>,
  options: ThrottleOptions<Item>,
): AsyncGenerator<Entry<Item, C>> {
  const { wait } = options
  const stand = async (): Promise<Throttled> =>
    new Throttled(durationMs(typeof wait === 'function' ? await wait() : wait))
  const entries = entriesOf(walk)
  try {
    for (;;) {
      // Asked again after the wait: the engine builds the walk again then, others may go on with it.
      while (options.check === 'before' && (await options.throttleOn())) yield await stand()
      const { done, value } = await entries.next()
      if (done) return
      if (options.check !== 'before' && isPair(value))
        while (await options.throttleOn(value[0])) yield await stand()
      yield value
    }
  } finally {
    await entries.return?.()
  }
}
