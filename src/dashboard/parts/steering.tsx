import { useState } from 'hono/jsx/dom'
import { allows, COMMANDS, isEnded, type Command } from '../../engine/run.ts'
import { api, type Problem, type Run } from '../api.ts'
import { go } from '../route.ts'
import { ProblemNotice } from './notice.tsx'

const WORDS: Record<Command, string> = {
  interrupt: 'Interrupt',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  retry: 'Retry',
}

/** The buttons that a run's status allows. What the API refuses is shown. */
export function Steering({ run, onDone }: { run: Run; onDone?: (run: Run) => void }) {
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const [busy, setBusy] = useState<string | undefined>(undefined)
  const act = async (command: Command | 'redrive', body: object = {}) => {
    if (command === 'cancel' && !confirm(`Cancel this run of ${run.job} for good?`)) return
    setBusy(command)
    try {
      const answer = await api.command(run.id, command, body)
      setProblem(undefined)
      if (command === 'redrive') go(`/runs/${answer.id}`)
      else onDone?.(answer)
    } catch (error) {
      setProblem(error as Problem)
    }
    setBusy(undefined)
  }
  const button = (command: Command, body: object = {}, words = WORDS[command]) => (
    <button
      key={words}
      type="button"
      class={command === 'cancel' ? 'danger' : ''}
      disabled={busy !== undefined}
      onClick={() => void act(command, body)}
    >
      {words}
    </button>
  )
  const redrivable = run.progress.skipped > 0 && isEnded(run.status) && run.style === 'iteration'
  return (
    <div class="steering">
      {COMMANDS.filter((command) => allows(run.status, command)).flatMap((command) =>
        command === 'interrupt'
          ? [button('interrupt'), button('interrupt', { hold: true }, 'Interrupt and hold')]
          : [button(command)],
      )}
      {redrivable ? (
        <button type="button" disabled={busy !== undefined} onClick={() => void act('redrive')}>
          Re-drive skipped items
        </button>
      ) : null}
      <ProblemNotice problem={problem} />
    </div>
  )
}
