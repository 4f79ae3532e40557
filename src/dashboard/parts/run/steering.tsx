import { allows, isEnded, type Command } from '../../../engine/run.ts'
import { errorAtItem } from '../../../engine/errors.ts'
import type { FailedItem } from '../../../engine/failed-item.ts'
import { failedItemWords } from '../../../sentences/failed-item.ts'
import { useAction } from '../../state/action.ts'
import { href } from '../../state/base.ts'
import { client, type Run } from '../../state/api.ts'
import { go } from '../../state/route.ts'
import { useMay } from '../../state/session.tsx'
import { count } from '../../words/words.ts'
import { confirmed } from '../confirm.tsx'
import { ProblemNotice } from '../notice.tsx'

interface Button {
  command: Command
  words: string
  hold?: boolean
  /** Also if it waits for a time. */
  now?: boolean
  look?: 'primary' | 'danger'
}

const BUTTONS: readonly Button[] = [
  { command: 'resume', words: 'Resume', look: 'primary' },
  { command: 'resume', words: 'Go on now', now: true },
  { command: 'retry', words: 'Retry', look: 'primary' },
  { command: 'interrupt', words: 'Interrupt' },
  { command: 'interrupt', words: 'Interrupt and hold', hold: true },
  { command: 'pause', words: 'Pause' },
  { command: 'cancel', words: 'Cancel', look: 'danger' },
]

/** The buttons that a run's status, and who looks, allow. What the API refuses is shown. */
export function Steering({ run, small = false }: { run: Run; small?: boolean }) {
  const may = useMay()
  const { act, busy, problem } = useAction()
  if (!may('operator')) return null
  const steer = async ({ command, hold, now }: Button) => {
    const sure = command !== 'cancel' || (await confirmed(cancelQuestion(run)))
    if (sure)
      act(() => client.command(run.id, command, { ...(hold && { hold }), ...(now && { now }) }))
  }
  const item = itemToPassOver(run)
  const passOver = async (at: FailedItem & { place: string }) => {
    if (await confirmed(passOverQuestion(run, at)))
      act(() => client.command(run.id, 'retry', { passOver: at.place }))
  }
  const kill = async () => {
    if (await confirmed(KILL_QUESTION)) act(() => client.kill(run.id))
  }
  const size = small ? ' small' : ''
  const redrivable = run.progress.skipped > 0 && isEnded(run.status) && run.style === 'iteration'
  return (
    <div class="row" role="group" aria-label={`Steer ${run.job}`} data-commands>
      {BUTTONS.filter((button) => makesSense(run, button)).map((button) => (
        <button
          key={button.words}
          type="button"
          class={`${button.look ?? ''}${size}`}
          disabled={busy}
          onClick={() => void steer(button)}
        >
          {wordsOn(button, run)}
        </button>
      ))}
      {item ? (
        <button
          type="button"
          class={size.trim()}
          disabled={busy}
          title={failedItemWords(item)}
          onClick={() => void passOver(item)}
        >
          Retry, passing over {shortItem(item)}
        </button>
      ) : null}
      {run.status === 'running' && may('admin') ? (
        <button type="button" class={`danger${size}`} disabled={busy} onClick={() => void kill()}>
          Kill its slice
        </button>
      ) : null}
      {redrivable ? (
        <button
          type="button"
          class={size.trim()}
          disabled={busy}
          onClick={() => act(() => redrive(run))}
        >
          Re-drive skipped items
        </button>
      ) : null}
      {small || run.redriveOf !== undefined ? null : (
        <a class="button" href={href(`/start/${run.job}?from=${run.id}`)}>
          Run again…
        </a>
      )}
      <ProblemNotice problem={problem} />
    </div>
  )
}

function wordsOn({ words, now }: Button, { retry }: Run): string {
  return now && retry ? 'Retry now' : words
}

/** A run that is held could be interrupted again, to no effect; one that waits only goes on when told to at once. */
function makesSense({ status, held, resumeAt, retry }: Run, { command, now }: Button): boolean {
  // Who looks at an error waits for the next attempt.
  const least = retry ? 0 : LONG_WAIT_MS
  const waits = resumeAt !== undefined && Date.parse(resumeAt) > Date.now() + least
  if (now) return waits && !held
  if (command === 'resume' && waits) return false
  return allows(status, command) && !(held && command === 'interrupt')
}

/** Shorter waits are over before a person has read the button. */
const LONG_WAIT_MS = 5_000

/** Asks with the number of items, and goes to the run that handles them. */
async function redrive(run: Run): Promise<void> {
  const { toRedrive } = await client.skipGroups(run.id)
  // What cannot be is refused in the API's own words.
  const sure = toRedrive === 0 || (await confirmed(redriveQuestion(run, toRedrive)))
  if (sure) go(`/runs/${(await client.redrive(run.id)).id}`)
}

function redriveQuestion({ job }: Run, items: number) {
  const what = items === 1 ? 'one skipped item' : `${count(items)} skipped items`
  return {
    title: `Handle ${what} again?`,
    text: `A new run of ${job} handles just these, with the code and settings of now. This run stays as it is.`,
    action: 'Re-drive',
  }
}

/** The item that a failed run has stopped at, or that is the cause of its next attempt. */
function itemToPassOver({
  status,
  retry,
  error,
}: Run): (FailedItem & { place: string }) | undefined {
  const stopped = allows(status, 'retry') || retry !== undefined
  const at = stopped ? errorAtItem(error)?.at : undefined
  return at?.place === undefined ? undefined : { ...at, place: at.place }
}

function shortItem(item: FailedItem): string {
  const words = failedItemWords(item)
  return words.length > MAX_ON_BUTTON ? 'this item' : words
}

/** A cursor may be as long as an API's page token. */
const MAX_ON_BUTTON = 40

function passOverQuestion({ job, style }: Run, item: FailedItem) {
  const later = style === 'iteration' ? ' A re-drive of skipped items can do it later.' : ''
  return {
    title: `Go on without ${failedItemWords(item)}?`,
    text: `This run of ${job} is retried, and does not try that item again: it is recorded as skipped, with its error and your name.${later}`,
    action: 'Retry without it',
  }
}

function cancelQuestion({ job, progress }: Run) {
  return {
    title: `Cancel this run of ${job}?`,
    text: `The ${progress.done.toLocaleString('en')} items that it has committed stay done. A retry can take it up again.`,
    action: 'Cancel the run',
    danger: true,
  }
}

const KILL_QUESTION = {
  title: 'Kill the slice at work?',
  text: 'It dies on the spot, as in a crash: it says nothing and releases nothing, and what it has not committed is lost. The run comes back by itself when the lease has run out, and does nothing twice.',
  action: 'Kill it',
  danger: true,
}
