/** A view that a key after `g` goes to. */
export interface Reachable {
  path: string
  words: string
}

/** For each view the first letter of its name that no view before it has. */
export function lettersOf<V extends Reachable>(views: readonly V[]): [letter: string, view: V][] {
  const letters = new Map<string, V>()
  for (const view of views) {
    const free = view.words
      .toLowerCase()
      .match(/[a-z]/g)
      ?.find((one) => !letters.has(one))
    if (free !== undefined) letters.set(free, view)
  }
  return [...letters]
}
