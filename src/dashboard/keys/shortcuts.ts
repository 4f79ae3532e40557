/** A key, or two keys one after the other, and what it does on the whole page. */
export interface Shortcut {
  /** As `KeyboardEvent.key` names them, with a space between two: `g r`. */
  keys: string
  words: string
  do: () => void
}

/** A second key that comes later begins something of its own. */
const SECOND_KEY_MS = 1_500

/** Finds the shortcut that keys make as they are pressed. */
export class KeySequence {
  #first: { key: string; at: number } | undefined

  /** The shortcut that this key completes, if any. `at`: milliseconds on any clock. */
  press(key: string, at: number, shortcuts: readonly Shortcut[]): Shortcut | undefined {
    const first = this.#first
    this.#first = undefined
    const both = first && at - first.at <= SECOND_KEY_MS ? `${first.key} ${key}` : key
    const found = shortcuts.find(({ keys }) => keys === both)
    if (found) return found
    const begins = shortcuts.some(({ keys }) => keys.startsWith(`${key} `))
    if (begins) this.#first = { key, at }
    return begins ? undefined : shortcuts.find(({ keys }) => keys === key)
  }
}
