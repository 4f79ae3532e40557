import { useState } from 'hono/jsx/dom'
import { allows, COMMANDS, type Command, type Status, STATUSES } from '../../../engine/run.ts'
import { useAction } from '../../state/action.ts'
import { client, type Run, type RunFilter, type RunTotals } from '../../state/api.ts'
import { go } from '../../state/route.ts'
import { bulkFilter, type FilterForm } from '../../forms/run-filter.ts'
import { kindsWords, totalWords } from '../../words/totals.ts'
import { count } from '../../words/words.ts'
import { confirmed } from '../confirm.tsx'
import { ProblemNotice } from '../notice.tsx'

/** A command to the runs that are ticked; with none ticked, to all that fit the filter. */
export function Bulk({
  chosen,
  filter,
  totals,
  onDone,
}: {
  chosen: readonly Run[]
  filter: FilterForm
  /** Of all that fit. */
  totals: RunTotals | undefined
  onDone: () => void
}) {
  const given = bulkFilter(filter)
  const { steer, told, busy, problem } = useBulk({ chosen, given }, onDone)
  const some = chosen.length > 0
  if (!some && (Object.keys(given).length === 0 || totals?.total === 0)) return null
  return (
    <div class="bulk row" role="group" aria-label="Steer many runs">
      <span class="small">
        {some
          ? `${count(chosen.length)} chosen`
          : `All that fit${totals ? ` (${totalWords(totals)})` : ''}`}
      </span>
      {possible(some ? chosen.map(({ status }) => status) : statusesIn(filter)).map((command) => (
        <button
          key={command}
          type="button"
          class={command === 'cancel' ? 'small danger' : 'small'}
          disabled={busy}
          onClick={() => steer(command)}
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

function statusesIn({ status }: FilterForm): readonly Status[] {
  return status === '' ? STATUSES : STATUSES.filter((one) => one === status)
}

/** What no run would take is not offered. */
function possible(statuses: readonly Status[]): Command[] {
  return COMMANDS.filter((command) => statuses.some((status) => allows(status, command)))
}

/** The runs that a command goes to: those chosen; with none chosen, all that fit. */
interface Many {
  chosen: readonly Run[]
  given: RunFilter
}

/** Says how many they are and asks, then steers them all; `told` says how it went. */
function useBulk({ chosen, given }: Many, onDone: () => void) {
  const { act, busy, problem } = useAction(onDone)
  const [told, setTold] = useState('')
  const steerChosen = async (command: Command) => {
    const text = `${kindsWords(command, kindsOf(chosen))} A run whose status does not allow it stays as it is.`
    if (!(await asked(command, countWords(chosen.length, ' chosen'), text))) return
    setTold(
      await steerEach(
        command,
        chosen.map(({ id }) => id),
      ),
    )
  }
  const steerAll = async (command: Command) => {
    const totals = await client.runTotals({ ...given, details: true })
    if (totals.total === 0) return setTold('No run fits.')
    const text = `${kindsWords(command, totals)} A run of its own will do it, and can itself be watched and cancelled.`
    const whom = `${totals.more ? 'more than ' : ''}${countWords(totals.total)}`
    if (await asked(command, whom, text)) go(`/runs/${(await client.bulk(command, given)).id}`)
  }
  const steer = (command: Command) => {
    setTold('')
    act(() => (chosen.length > 0 ? steerChosen(command) : steerAll(command)))
  }
  return { steer, told, busy, problem }
}

function asked(command: Command, whom: string, text: string): Promise<boolean> {
  return confirmed({
    title: `${nameOf(command)} ${whom}?`,
    text,
    action: nameOf(command),
    danger: command === 'cancel',
  })
}

function countWords(runs: number, which = ''): string {
  return `${count(runs)}${which} ${runs === 1 ? 'run' : 'runs'}`
}

function kindsOf(runs: readonly Run[]): Pick<RunTotals, 'statuses' | 'errors'> {
  const counts = (names: readonly string[]) =>
    [...new Set(names)].map((name) => [name, names.filter((one) => one === name).length] as const)
  const errors = runs.flatMap(({ error }) => error?.code ?? error?.name ?? [])
  return {
    statuses: Object.fromEntries(counts(runs.map(({ status }) => status))),
    errors: counts(errors).map(([error, found]) => ({ error, runs: found })),
  }
}

async function steerEach(command: Command, ids: readonly string[]): Promise<string> {
  const answers = await Promise.allSettled(ids.map((id) => client.command(id, command)))
  const refused = answers.filter(({ status }) => status === 'rejected').length
  return `${command}: ${ids.length - refused} obeyed, ${refused} refused.`
}

function nameOf(command: Command): string {
  return command.charAt(0).toUpperCase() + command.slice(1)
}
