import { useRef } from 'hono/jsx/dom'
import { useBeginning } from '../state/effect.ts'
import type { Shortcut } from './shortcuts.ts'

/** The keys of the page, each with what it does. */
export function KeyHelp({
  isOpen,
  onClose,
  shortcuts,
}: {
  isOpen: boolean
  onClose: () => void
  shortcuts: readonly Pick<Shortcut, 'keys' | 'words'>[]
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useBeginning(() => {
    if (isOpen) dialog.current?.showModal()
  }, [isOpen])
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="keys">
      <form method="dialog">
        <h2 id="keys">Keys</h2>
        <dl class="keys">
          {shortcuts.map(({ keys, words }) => (
            <div key={keys}>
              <dt>
                {keys.split(' ').map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <div class="row">
          <button autofocus>Close</button>
        </div>
      </form>
    </dialog>
  )
}
