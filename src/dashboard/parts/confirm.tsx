import { useRef, useState } from 'hono/jsx/dom'
import { useBeginning } from '../state/effect.ts'

/** A question to somebody before it is done. */
export interface Question {
  title: string
  /** The consequences, in a sentence or two. */
  text: string
  /** The words on the button that does it. */
  action: string
  danger?: boolean
}

interface Asked extends Question {
  answer: (yes: boolean) => void
}

let show: ((asked: Asked) => void) | undefined

/** Asks in a dialog of the page's own; closing it any other way is a no. */
export function confirmed(question: Question): Promise<boolean> {
  return new Promise((answer) => show?.({ ...question, answer }))
}

/** The one dialog of the page. */
export function ConfirmDialog() {
  const [asked, setAsked] = useState<Asked | undefined>(undefined)
  const dialog = useRef<HTMLDialogElement>(null)
  const answer = () => asked?.answer(dialog.current?.returnValue === 'yes')
  show = (next) => {
    // Closed, but the event that says so has not come yet.
    answer()
    setAsked(next)
  }
  useBeginning(() => {
    const element = dialog.current
    if (!asked || !element) return
    element.returnValue = ''
    element.showModal()
  }, [asked])
  const close = () => {
    // Asked again before the event of the last closing came: that one was answered then.
    if (dialog.current?.open) return
    answer()
    setAsked(undefined)
  }
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="question">
      <form method="dialog">
        <h2 id="question">{asked?.title}</h2>
        <p>{asked?.text}</p>
        <div class="row">
          <button value="no" autofocus>
            Go back
          </button>
          <button value="yes" class={asked?.danger ? 'primary danger' : 'primary'}>
            {asked?.action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
