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

/** A question whose answer is a text, too. */
export interface TextQuestion extends Question {
  label: string
  hint: string
  value: string
  /** What is wrong with a text; it is not taken then. */
  check: (text: string) => string | undefined
}

interface Asked extends Question {
  text: string
  field?: TextQuestion
  answer: (yes: boolean) => void
}

/** What was typed into the dialog last. */
let typed = ''

let show: ((asked: Asked) => void) | undefined

/** Asks in a dialog of the page's own; closing it any other way is a no. */
export function confirmed(question: Question): Promise<boolean> {
  return new Promise((answer) => show?.({ ...question, answer }))
}

/** The same, with a text to be changed; undefined is a no. */
export async function answered(question: TextQuestion): Promise<string | undefined> {
  typed = question.value
  const yes = await new Promise<boolean>((answer) =>
    show?.({ ...question, field: question, answer }),
  )
  return yes ? typed : undefined
}

/** The one dialog of the page. */
export function ConfirmDialog() {
  const [asked, setAsked] = useState<Asked | undefined>(undefined)
  const [wrong, setWrong] = useState<string | undefined>(undefined)
  const dialog = useRef<HTMLDialogElement>(null)
  const answer = () => asked?.answer(dialog.current?.returnValue === 'yes')
  show = (next) => {
    // Closed, but the event that says so has not come yet.
    answer()
    setWrong(undefined)
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
  const submit = (event: Event) => {
    const yes = ((event as SubmitEvent).submitter as HTMLButtonElement | null)?.value === 'yes'
    const problem = yes ? asked?.field?.check(typed) : undefined
    setWrong(problem)
    if (problem !== undefined) event.preventDefault()
  }
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="question">
      <form method="dialog" onSubmit={submit}>
        <h2 id="question">{asked?.title}</h2>
        <p>{asked?.text}</p>
        {asked?.field ? <DialogField key={asked.title} of={asked.field} wrong={wrong} /> : null}
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

function DialogField({ of, wrong }: { of: TextQuestion; wrong: string | undefined }) {
  const change = (event: Event) => {
    typed = (event.target as HTMLTextAreaElement).value
  }
  return (
    <label class="field">
      <span>{of.label}</span>
      <textarea
        rows={8}
        spellcheck={false}
        onInput={change}
        {...(wrong !== undefined && {
          'aria-invalid': 'true',
          'aria-describedby': 'answer-problem',
        })}
      >
        {of.value}
      </textarea>
      {wrong === undefined ? (
        <small class="quiet">{of.hint}</small>
      ) : (
        <span class="field-problem" id="answer-problem" role="alert">
          {wrong}
        </span>
      )}
    </label>
  )
}
