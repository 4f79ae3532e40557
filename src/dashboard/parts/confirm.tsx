import { useRef, useState } from 'hono/jsx/dom'
import { useBeginning } from '../effect.ts'

/** What somebody is asked before it is done. */
export interface Question {
  title: string
  /** What will happen, in a sentence or two. */
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
  show = setAsked
  useBeginning(() => {
    const element = dialog.current
    if (!asked || !element) return
    element.returnValue = ''
    element.showModal()
  }, [asked])
  const close = () => {
    asked?.answer(dialog.current?.returnValue === 'yes')
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
