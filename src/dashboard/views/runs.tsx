import { useState } from 'hono/jsx/dom'
import { COMMANDS, STATUSES, type Command, type Status } from '../../engine/run.ts'
import { api, type Problem, type RunFilter } from '../api.ts'
import { Answer, ProblemNotice } from '../parts/notice.tsx'
import { RunTable } from '../parts/run-table.tsx'
import { useQuery } from '../query.ts'
import { go, type Route } from '../route.ts'
import { count } from '../words.ts'

const EVERY_MS = 3_000

/** All runs: filtered, page by page, and steered many at a time. */
export function RunsView({ route: { query } }: { route: Route }) {
  const filter: RunFilter = {
    status: (query.get('status') ?? '') as Status | '',
    job: query.get('job') ?? '',
    label: query.get('label') ?? '',
  }
  const cursor = query.get('cursor') ?? undefined
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const jobs = useQuery('jobs', api.jobs)
  const page = useQuery(`runs?${query}`, () => api.runs(filter, cursor), EVERY_MS)

  const look = (changes: Record<string, string>) => {
    const next = new URLSearchParams()
    for (const [name, value] of Object.entries({ ...filter, ...changes })) {
      if (value) next.set(name, value)
    }
    go(`/runs?${next}`, { replace: changes['cursor'] === undefined })
  }
  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen)
    if (on) next.add(id)
    else next.delete(id)
    setTicked(next)
  }
  // What is not on the screen any more is not chosen any more: nobody would see what is steered.
  const shown = page.data?.items ?? []
  const chosen = new Set(shown.map(({ id }) => id).filter((id) => ticked.has(id)))

  return (
    <>
      <h1>Runs</h1>
      <form
        class="filters"
        onSubmit={(event: Event) => {
          event.preventDefault()
          const label = new FormData(event.target as HTMLFormElement).get('label')
          look({ label: typeof label === 'string' ? label : '' })
        }}
      >
        <label>
          Status{' '}
          <select
            value={filter.status}
            onChange={(event: Event) => look({ status: (event.target as HTMLSelectElement).value })}
          >
            <option value="">any</option>
            {STATUSES.map((status) => (
              <option key={status} value={status} selected={status === filter.status}>
                {status}
              </option>
            ))}
          </select>
        </label>
        <label>
          Job{' '}
          <select
            value={filter.job}
            onChange={(event: Event) => look({ job: (event.target as HTMLSelectElement).value })}
          >
            <option value="">any</option>
            {(jobs.data ?? []).map(({ name }) => (
              <option key={name} value={name} selected={name === filter.job}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Label <input name="label" placeholder="name:value" value={filter.label ?? ''} />
        </label>
        <button type="submit">Find</button>
      </form>
      <Bulk chosen={[...chosen]} filter={filter} onDone={page.again} />
      <Answer of={page}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <p class="quiet">No run fits.</p>
          ) : (
            <>
              <RunTable runs={items} chosen={chosen} choose={choose} />
              <nav class="pages" aria-label="Pages">
                {cursor === undefined ? null : (
                  <button type="button" onClick={() => look({})}>
                    Newest
                  </button>
                )}
                {nextCursor === null ? null : (
                  <button type="button" onClick={() => look({ cursor: nextCursor })}>
                    Older
                  </button>
                )}
              </nav>
            </>
          )
        }
      </Answer>
    </>
  )
}

/** A command to the runs that are ticked; with none ticked, to all that fit the filter. */
function Bulk({
  chosen,
  filter,
  onDone,
}: {
  chosen: readonly string[]
  filter: RunFilter
  onDone: () => void
}) {
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const [told, setTold] = useState('')
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value))
  const all = Object.keys(given).length > 0
  if (chosen.length === 0 && !all) return null

  const act = async (command: Command) => {
    const whom =
      chosen.length > 0 ? `${count(chosen.length)} chosen runs` : 'all runs that fit the filter'
    if (!confirm(`${command}: ${whom}?`)) return
    try {
      if (chosen.length > 0) {
        const answers = await Promise.allSettled(chosen.map((id) => api.command(id, command)))
        const refused = answers.filter(({ status }) => status === 'rejected').length
        setTold(`${command}: ${chosen.length - refused} obeyed, ${refused} refused.`)
      } else {
        const run = await api.bulk(command, given)
        go(`/runs/${run.id}`)
      }
      setProblem(undefined)
    } catch (error) {
      setProblem(error as Problem)
    }
    onDone()
  }
  return (
    <div class="steering" role="group" aria-label="Steer many runs">
      <span class="quiet">
        {chosen.length > 0 ? `${count(chosen.length)} chosen:` : 'All that fit:'}
      </span>
      {COMMANDS.map((command) => (
        <button key={command} type="button" onClick={() => void act(command)}>
          {command}
        </button>
      ))}
      <span role="status">{told}</span>
      <ProblemNotice problem={problem} />
    </div>
  )
}
