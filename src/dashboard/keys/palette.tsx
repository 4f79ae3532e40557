import { useRef, useState } from 'hono/jsx/dom'
import { useBeginning } from '../state/effect.ts'
import { type Entry, entriesFor } from './entries.ts'
import { useFoundRuns, usePageEntries } from './page-entries.ts'
import type { Reachable } from './letters.ts'

const MOST = 12

/** Finds what can be done by its words: views, jobs, runs, the buttons of the view. */
export function Palette({
  isOpen,
  onClose,
  views,
}: {
  isOpen: boolean
  onClose: () => void
  views: readonly Reachable[]
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const runs = useFoundRuns(isOpen ? typed : '')
  const entries = [...entriesFor(typed, usePageEntries(isOpen, views)).slice(0, MOST), ...runs]
  useBeginning(() => {
    if (!isOpen) return
    setTyped('')
    setAt(0)
    dialog.current?.showModal()
  }, [isOpen])
  const choose = (entry: Entry | undefined) => {
    dialog.current?.close()
    entry?.do()
  }
  const press = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by !== undefined) setAt((at + by + entries.length) % Math.max(1, entries.length))
    else if (event.key === 'Enter') choose(entries[at])
    else return
    event.preventDefault()
  }
  const type = (event: Event) => {
    setTyped((event.target as HTMLInputElement).value)
    setAt(0)
  }
  return (
    <dialog ref={dialog} class="palette" onClose={onClose} aria-label="Palette">
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-entries"
        aria-activedescendant={entries.length === 0 ? '' : `palette-${at}`}
        aria-label="What to do or where to go"
        placeholder="Find a run, a job, a view or a command"
        autocomplete="off"
        spellcheck={false}
        value={typed}
        onInput={type}
        onKeyDown={press}
      />
      <ul id="palette-entries" role="listbox" aria-label="Found">
        {entries.map((entry, index) => (
          <li
            key={`${entry.hint} ${entry.words}`}
            id={`palette-${index}`}
            role="option"
            aria-selected={`${index === at}`}
            onClick={() => choose(entry)}
          >
            <span>{entry.words}</span>
            <span class="quiet small">{entry.hint}</span>
          </li>
        ))}
      </ul>
      {entries.length === 0 ? (
        <p class="quiet small">
          Nothing here has these words. Runs are searched from 3 characters on.
        </p>
      ) : null}
    </dialog>
  )
}
