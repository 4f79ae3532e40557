import { lettersOf, type Reachable } from './letters.ts'
import { go } from '../state/route.ts'
import { moveAlongRows, tickRow } from './rows.ts'
import type { Shortcut } from './shortcuts.ts'

/** The keys of the whole page. */
export function pageShortcuts(views: readonly Reachable[], showKeys: () => void): Shortcut[] {
  return [
    { keys: '/', words: 'Search the runs', do: searchRuns },
    { keys: 'j', words: 'Next row', do: () => moveAlongRows(1) },
    { keys: 'k', words: 'Row before', do: () => moveAlongRows(-1) },
    { keys: 'x', words: 'Choose the row', do: tickRow },
    ...lettersOf(views).map(([key, { path, words }]) => ({
      keys: `g ${key}`,
      words: `Go to ${words}`,
      do: () => go(`/${path}`),
    })),
    { keys: '?', words: 'Show the keys', do: showKeys },
  ]
}

const SEARCH = 'main input[type=search]'

/** Puts the focus into the search field, in the list of runs where the view has none. */
function searchRuns(): void {
  const field = document.querySelector<HTMLInputElement>(SEARCH)
  if (field) {
    field.focus()
    field.select()
    return
  }
  go('/runs')
  // The view is there with the next frame.
  requestAnimationFrame(() => document.querySelector<HTMLInputElement>(SEARCH)?.focus())
}
