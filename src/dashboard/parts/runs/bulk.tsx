import { useState } from 'hono/jsx/dom'
import { COMMANDS, type Command } from '../../../engine/run.ts'
import { useAction } from '../../state/action.ts'
import { client, type RunFilter } from '../../state/api.ts'
import { go } from '../../state/route.ts'
import { bulkFilter, type FilterForm } from '../../forms/run-filter.ts'
import { count } from '../../words/words.ts'
import { confirmed, type Question } from '../confirm.tsx'
import { ProblemNotice } from '../notice.tsx'

/** A command to the runs that are ticked; with none ticked, to all that fit the filter. */
export function Bulk({
  chosen,
  filter,
  onDone,
}: {
  chosen: readonly string[]
  filter: FilterForm
  onDone: () => void
}) {
  const given = bulkFilter(filter)
  const { steer, told, busy, problem } = useBulk({ chosen, given }, onDone)
  const some = chosen.length > 0
  // A search finds by more than a bulk command can be told.
  const all = Object.keys(given).length > 0 && filter.q === ''
  if (!some && !all) return null
  return (
    <div class="bulk row" role="group" aria-label="Steer many runs">
      <span class="small">{some ? `${count(chosen.length)} chosen` : 'All that fit'}</span>
      {COMMANDS.map((command) => (
        <button
          key={command}
          type="button"
          class={command === 'cancel' ? 'small danger' : 'small'}
          disabled={busy}
          onClick={() => void steer(command)}
        >
          {nameOf(command)}
        </button>
      ))}
      <span role="status" class="small quiet">
        {told}
      </span>
      <ProblemNotice problem={problem} />
    </div>
  )
}

/** The runs that a command goes to: those chosen; with none chosen, all that fit. */
interface Many {
  chosen: readonly string[]
  given: RunFilter
}

/** Asks, then steers them all; `told` says how it went. */
function useBulk(many: Many, onDone: () => void) {
  const { act, busy, problem } = useAction(onDone)
  const [told, setTold] = useState('')
  const steer = async (command: Command) => {
    if (!(await confirmed(questionOf(command, many)))) return
    setTold('')
    act(async () => {
      if (many.chosen.length > 0) setTold(await steerEach(command, many.chosen))
      else go(`/runs/${(await client.bulk(command, many.given)).id}`)
    })
  }
  return { steer, told, busy, problem }
}

async function steerEach(command: Command, ids: readonly string[]): Promise<string> {
  const answers = await Promise.allSettled(ids.map((id) => client.command(id, command)))
  const refused = answers.filter(({ status }) => status === 'rejected').length
  return `${command}: ${ids.length - refused} obeyed, ${refused} refused.`
}

function questionOf(command: Command, { chosen, given }: Many): Question {
  const some = chosen.length > 0
  const whom = some
    ? `${count(chosen.length)} chosen ${chosen.length === 1 ? 'run' : 'runs'}`
    : 'all runs that fit'
  return {
    title: `${nameOf(command)} ${whom}?`,
    text: some
      ? 'A run whose status does not allow it stays as it is.'
      : `${describe(given)}. A run of its own will do it, and can itself be watched and cancelled.`,
    action: nameOf(command),
    danger: command === 'cancel',
  }
}

function nameOf(command: Command): string {
  return command.charAt(0).toUpperCase() + command.slice(1)
}

function describe(filter: object): string {
  return `Whatever has ${Object.entries(filter)
    .map(([name, value]) => `${name} ${value}`)
    .join(' and ')}, however many there are`
}
