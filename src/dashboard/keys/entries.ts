/** Something that can be done on the page, to be found by its words. */
export interface Entry {
  words: string
  /** What kind of thing it is, or what it is about. */
  hint: string
  do: () => void
}

/** The entries that have all of the typed words, in any place and any case; those that begin with them first. */
export function entriesFor(typed: string, entries: readonly Entry[]): Entry[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const [first = ''] = words
  const fits = entries.filter((entry) => {
    const text = `${entry.words} ${entry.hint}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const begins = (entry: Entry) => entry.words.toLowerCase().startsWith(first)
  return [...fits.filter(begins), ...fits.filter((entry) => !begins(entry))]
}
