import type { Cursor } from '../cursor.ts'
import type { Effects } from '../job/effects.ts'
import {
  askedInterrupt,
  type AskedInterrupt,
  type InterruptOptions,
} from '../policies/resume-policy.ts'
import type { RunAttributes } from './attributes.ts'
import { ItemEffects } from './item-effects.ts'
import { effectsInto, type PendingEffects } from './pending-effects.ts'
import { Scope } from './scope.ts'

/** A pass, as far as an attempt needs it. */
interface Attempted {
  readonly pending: { readonly effects: PendingEffects }
  idempotencyKey(cursor: string, depth: number): string
  mayChange(): boolean
}

/** One attempt at an item, as its handler sees it: what it is given is its own, until it settles. */
export class Attempt<C extends Cursor> extends Scope {
  readonly #pass: Attempted
  readonly #depth: number
  readonly cursor: C
  readonly encoded: string
  #effects: Effects | undefined
  /** The interruption that the item has asked for. */
  asked: AskedInterrupt | undefined
  /** The item told its iteration to end. */
  aborted: { complete: boolean } | undefined
  /** What it has added so far, of an item that is worked on beside others. */
  own: ItemEffects | undefined
  /** What it has assigned so far, of such an item whose job combines attributes. */
  ownAttributes: RunAttributes | undefined

  /** `depth`: how many steps are around the one that walks. `concurrent`: other items are worked on meanwhile. */
  constructor(
    pass: Attempted,
    depth: number,
    cursor: C,
    encoded: string,
    concurrent: boolean = false,
  ) {
    super()
    this.own = concurrent ? new ItemEffects(() => this.mayChange()) : undefined
    this.#pass = pass
    this.#depth = depth
    this.cursor = cursor
    this.encoded = encoded
  }

  get idempotencyKey(): string {
    this.requireOpen()
    return this.#pass.idempotencyKey(this.encoded, this.#depth)
  }

  get effects(): Effects {
    this.#effects ??= this.own ?? effectsInto(this.#pass.pending.effects, () => this.mayChange())
    return this.#effects
  }

  /** Sends the run back to its queue, once this item is done. */
  readonly interrupt = (options?: InterruptOptions): void => {
    this.requireOpen()
    this.asked = askedInterrupt(options)
  }

  /** Throws once the attempt is over; false for what is to be dropped silently. */
  mayChange(): boolean {
    this.requireOpen()
    return this.#pass.mayChange()
  }
}
