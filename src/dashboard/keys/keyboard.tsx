import { useRef, useState } from 'hono/jsx/dom'
import { useBeginning } from '../state/effect.ts'
import { KeyHelp } from './help.tsx'
import type { Reachable } from './letters.ts'
import { pageShortcuts } from './page-shortcuts.ts'
import { Palette } from './palette.tsx'
import { KeySequence } from './shortcuts.ts'
import { isTaken } from './taken.ts'

/** The keyboard of the page: its keys, the palette, and two buttons that show them to whoever has a mouse. */
export function Keyboard({ views }: { views: readonly Reachable[] }) {
  const [open, setOpen] = useState<'palette' | 'keys' | undefined>(undefined)
  const shortcuts = pageShortcuts(views, () => setOpen('keys'))
  const known = useRef(shortcuts)
  known.current = shortcuts
  useBeginning(() => {
    const sequence = new KeySequence()
    const press = (event: KeyboardEvent) => {
      if (isForPalette(event)) {
        event.preventDefault()
        if (!document.querySelector('dialog[open]')) setOpen('palette')
        return
      }
      if (isTaken(event)) return
      const found = sequence.press(event.key, event.timeStamp, known.current ?? [])
      if (!found) return
      event.preventDefault()
      found.do()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
  const close = () => setOpen(undefined)
  return (
    <div class="keyboard">
      <button type="button" onClick={() => setOpen('palette')}>
        Jump to <kbd>{PALETTE_KEYS}</kbd>
      </button>
      <button type="button" aria-label="Keys" title="Keys" onClick={() => setOpen('keys')}>
        <kbd>?</kbd>
      </button>
      <Palette isOpen={open === 'palette'} onClose={close} views={views} />
      <KeyHelp
        isOpen={open === 'keys'}
        onClose={close}
        shortcuts={[{ keys: PALETTE_KEYS, words: 'Find a run, a job, a command' }, ...shortcuts]}
      />
    </div>
  )
}

const PALETTE_KEYS = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘K' : 'Ctrl+K'

/** From anywhere, a field too. */
function isForPalette({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === 'k' && ctrlKey !== metaKey && !altKey && !shiftKey
}
