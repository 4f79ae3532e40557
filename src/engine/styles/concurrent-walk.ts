import { type Cursor, encodeCursor } from '../cursor.ts'
import type { Walk } from '../enumerators/enumerator.ts'
import { Attempt } from '../pass/attempt.ts'
import { handle, type Met, passOver, type PassedOver, tryAgain } from './item-attempts.ts'
import { walk } from './walk.ts'
import { begun, pairOf, takeMark, type Walking } from './walking.ts'

/** So many items may be begun beyond the oldest that is not done, as a multiple of those at work at once. */
const AHEAD = 2

/** An item that was begun. */
interface Begun<Item, C extends Cursor> extends Met<Item, C> {
  countsAs: number
  /** Once its handler has settled for good. */
  outcome?: Outcome<C>
}

type Outcome<C extends Cursor> =
  | { kind: 'done'; attempt: Attempt<C> }
  | { kind: 'passed over'; passedOver: PassedOver }
  | { kind: 'failed'; thrown: unknown }

/** Walks with so many items at work at once: one by one, or several. */
export function walkWith<Item, C extends Cursor>(
  concurrency: number,
  enumerator: Walk<Item, C>,
  walking: Walking<Item, C>,
): Promise<number> {
  return concurrency === 1
    ? walk(enumerator, walking)
    : walkConcurrently(enumerator, walking, concurrency)
}

/**
 * The same loop as `walk`, with up to `concurrency` items at work at once. What one has done counts once all
 * before it are done, so that a commit covers whole items in the order of their cursors; whoever stops before
 * that has what came after it done again.
 */
async function walkConcurrently<Item, C extends Cursor>(
  enumerator: Walk<Item, C>,
  walking: Walking<Item, C>,
  concurrency: number,
): Promise<number> {
  const { pass, limit = Infinity } = walking
  if (pass.done >= limit) return 0
  pass.pending.beginWalk()
  const concurrent = new ConcurrentWalk(enumerator, walking, concurrency)
  pass.lent.concurrentWalks += 1
  try {
    return await concurrent.run()
  } finally {
    // The next slice must not work on an item that this one is still at.
    await concurrent.quiet()
    pass.lent.concurrentWalks -= 1
  }
}

class ConcurrentWalk<Item, C extends Cursor> {
  readonly #walking: Walking<Item, C>
  readonly #concurrency: number
  readonly #entries: Entries
  readonly #forward: ReturnType<typeof begun<Item, C>>['forward']
  readonly #beforeStop: () => Promise<void>
  /** In the order of the walk; the first is the oldest that is not done. */
  #begun: Begun<Item, C>[] = []
  readonly #atWork = new Set<Promise<void>>()
  /** Resolves when an item settles. */
  #settled = Promise.withResolvers<void>()
  /** An item failed, or was aborted: none after it is begun. */
  #ending = false
  #met = 0
  /** The encoded cursor of the item before the oldest that is not done. */
  #before: string | null

  constructor(enumerator: Walk<Item, C>, walking: Walking<Item, C>, concurrency: number) {
    const { pages, forward, beforeStop } = begun(enumerator, walking)
    this.#walking = walking
    this.#concurrency = concurrency
    this.#forward = forward
    this.#entries = new Entries(pages, () => pages.took())
    // What was fetched already is what would come next.
    this.#beforeStop = async () => {
      const { fetched } = this.#entries
      if (fetched === undefined) return beforeStop()
      if (forward.hasPlace) forward.requireNext(fetched.entry)
    }
    this.#before = walking.level.cursor
  }

  async run(): Promise<number> {
    const { latch } = this.#walking.pass
    try {
      for (;;) {
        if (latch.told) await latch.hold()
        const [oldest] = this.#begun
        if (oldest?.outcome) {
          this.#begun.shift()
          if (await this.#finish(oldest, oldest.outcome)) return this.#met
        } else if (this.#mayBegin()) {
          if (!(await this.#next())) return this.#met
        } else {
          await this.#settled.promise
        }
      }
    } finally {
      await this.#entries.end()
    }
  }

  /** Resolves once nothing that was begun is at work any more. */
  async quiet(): Promise<void> {
    await Promise.race([Promise.all(this.#atWork), this.#walking.pass.latch.abandoned])
  }

  #mayBegin(): boolean {
    if (this.#ending) return false
    if (this.#atWork.size >= this.#concurrency) return false
    if (this.#begun.length >= this.#concurrency * AHEAD) return false
    const { pass, counts = true, limit = Infinity } = this.#walking
    const more = this.#begun.reduce((sum, { countsAs }) => sum + countsAs, 0)
    if (pass.done + (counts ? more : 0) >= limit) return false
    return this.#begun.length === 0 || !pass.stopsAfter(more, counts)
  }

  /** Takes the next entry of the walk, or comes back sooner, when an item settles. False at the walk's end. */
  async #next(): Promise<boolean> {
    const { pass, depth } = this.#walking
    const fetched = await Promise.race([this.#entries.fetch(), this.#settled.promise])
    // An item that settled meanwhile comes first.
    if (fetched === undefined || this.#begun[0]?.outcome) return true
    const waits = this.#begun.length > 0
    if (fetched.done) {
      if (waits) await this.#settled.promise
      else if (fetched.failed) throw fetched.failed.thrown
      return waits
    }
    const { entry } = fetched
    const pair = pairOf<Item, C>(entry)
    const encoded = pair && encodeCursor(pair[1])
    const stops = encoded !== undefined && pass.reached(encoded, depth)
    if (waits && (stops || !pair)) {
      // It lies between items: those before it are done first.
      await this.#settled.promise
      return true
    }
    this.#entries.take()
    if (!pair || encoded === undefined) {
      this.#before = await takeMark(entry, this.#walking)
      return true
    }
    const [item, cursor, countsAs = 1] = pair
    this.#forward.move(encoded)
    if (stops) await pass.stop({ reason: 'signal', directiveMet: true })
    this.#begin({ item, cursor, encoded, countsAs })
    return true
  }

  #begin(item: Begun<Item, C>): void {
    this.#met += 1
    this.#begun.push(item)
    const work = this.#work(item)
    this.#atWork.add(work)
    void work.finally(() => {
      this.#atWork.delete(work)
      this.#settled.resolve()
      this.#settled = Promise.withResolvers()
    })
  }

  async #work(item: Begun<Item, C>): Promise<void> {
    const outcome = await this.#outcome(item)
    item.outcome = outcome
    const aborted = outcome.kind === 'done' && outcome.attempt.aborted !== undefined
    this.#ending ||= outcome.kind === 'failed' || aborted
  }

  /** Never throws. */
  async #outcome(met: Met<Item, C>): Promise<Outcome<C>> {
    const { pass, depth } = this.#walking
    const attempt = new Attempt<C>(pass, depth, met.cursor, met.encoded, true)
    try {
      await handle(met.item, attempt, this.#walking)
      return { kind: 'done', attempt }
    } catch (thrown) {
      if (attempt.aborted) return { kind: 'done', attempt }
      attempt.end()
      return await this.#again(met, thrown)
    } finally {
      attempt.end()
    }
  }

  async #again(met: Met<Item, C>, thrown: unknown): Promise<Outcome<C>> {
    try {
      const outcome = await tryAgain(met, thrown, this.#walking, true)
      return outcome instanceof Attempt
        ? { kind: 'done', attempt: outcome }
        : { kind: 'passed over', passedOver: outcome }
    } catch (error) {
      return { kind: 'failed', thrown: error }
    }
  }

  /** The oldest item is done: what it has added is part of the commit to come. True when the walk is over. */
  async #finish(item: Begun<Item, C>, outcome: Outcome<C>): Promise<boolean> {
    if (outcome.kind === 'failed') throw outcome.thrown
    const { pass, level, move, combine, counts = true, limit = Infinity } = this.#walking
    const { pending } = pass
    const attempt = outcome.kind === 'done' ? outcome.attempt : undefined
    const hadEffects = pending.hasEffects
    attempt?.own?.addTo(pending.effects)
    if (attempt) combine?.(attempt)
    if (pass.aborts(attempt)) return true
    level.enterItem(item.encoded)
    if (outcome.kind === 'passed over')
      await passOver(item, outcome.passedOver, this.#before, this.#walking)
    move(item.encoded, item.cursor)
    this.#before = item.encoded
    if (attempt) pending.noteItem(this.#walking, item.encoded, hadEffects)
    const due = pass.arrive(attempt ? item.countsAs : 0, counts)
    if (attempt?.asked || (due && this.#maySettle()))
      await pass.settle({ asked: attempt?.asked, beforeStop: this.#beforeStop })
    return pass.done >= limit
  }

  /** A slice that is to stop lets its items finish first, unless it is to stop exactly here. */
  #maySettle(): boolean {
    return this.#begun.length === 0 || !this.#walking.pass.mayStopLater
  }
}

/** An entry of a walk that was fetched; without one at its end, or where the walk itself has failed. */
type Fetched =
  | { done: false; entry: unknown }
  | { done: true; entry?: undefined; failed?: { thrown: unknown } }

/** The entries of a walk, one fetched ahead at most. */
class Entries {
  /** Not taken yet. */
  fetched: Fetched | undefined
  readonly #pages: AsyncIterator<Iterable<unknown>>
  readonly #took: () => void
  #page: Iterator<unknown> | undefined
  #fetching: Promise<Fetched> | undefined

  constructor(pages: AsyncIterable<Iterable<unknown>>, took: () => void) {
    this.#pages = pages[Symbol.asyncIterator]()
    this.#took = took
  }

  /** The same entry until it is taken. Never throws: the items before the place where a walk fails are done first. */
  fetch(): Promise<Fetched> {
    this.#fetching ??= this.#fetch().catch(
      (thrown: unknown) => (this.fetched = { done: true, failed: { thrown } }),
    )
    return this.#fetching
  }

  take(): void {
    this.fetched = undefined
    this.#fetching = undefined
    this.#took()
  }

  async end(): Promise<void> {
    // Whoever goes away while it is being fetched need not wait for it.
    const ended = this.#pages.return?.()
    if (this.#fetching && !this.fetched) ended?.catch(() => undefined)
    else await ended
  }

  async #fetch(): Promise<Fetched> {
    for (;;) {
      const next = this.#page?.next()
      if (next?.done === false) return (this.fetched = { done: false, entry: next.value })
      const page = await this.#pages.next()
      if (page.done) return (this.fetched = { done: true })
      this.#page = page.value[Symbol.iterator]()
    }
  }
}
