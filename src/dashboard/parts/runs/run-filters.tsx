import { useState } from 'hono/jsx/dom'
import { STATUSES } from '../../../engine/run.ts'
import { client } from '../../state/api.ts'
import { useQuery } from '../../state/query.ts'
import { useZone } from '../../state/zone.ts'
import { fieldOf, instantOf, type Zone, zoneName } from '../../words/times.ts'
import { isFiltered, type FilterForm } from '../../forms/run-filter.ts'
import { href } from '../../state/base.ts'

const SINCE = { '': 'any time', '1h': 'last hour', '24h': 'last day', '7d': 'last week' }

interface FilterProps {
  filter: FilterForm
  onChange: (changes: Partial<FilterForm>) => void
}

/** The filter of the runs that are shown. What is chosen counts at once; what is typed, with Enter or the button. */
export function RunFilters({ filter, onChange }: FilterProps) {
  const [opened, setMore] = useState(false)
  const more = opened || needsMore(filter)
  const jobs = useQuery('jobs', () => client.jobs()).data?.jobs.map(({ name }) => name) ?? []
  const zone = useZone()
  const find = (event: Event) => {
    event.preventDefault()
    onChange(typedIn(event.currentTarget as HTMLFormElement, zone))
  }
  return (
    <form class="filters" role="search" onSubmit={find}>
      <label class="field wide">
        <span>Search</span>
        <input
          name="q"
          type="search"
          value={filter.q}
          placeholder="part of a job, label or error, or an id"
          list="known-jobs"
          autocomplete="off"
        />
        <datalist id="known-jobs">
          {jobs.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      <Choices filter={filter} onChange={onChange} jobs={jobs} more={more} />
      {more ? <MoreFilters filter={filter} zone={zone} /> : null}
      <button type="submit">Find</button>
      {needsMore(filter) ? null : (
        <button
          type="button"
          class="link small"
          aria-expanded={`${more}`}
          onClick={() => setMore(!more)}
        >
          {more ? 'Fewer filters' : 'More filters'}
        </button>
      )}
      {isFiltered(filter) ? (
        <a class="small" href={href('/runs')}>
          Clear
        </a>
      ) : null}
    </form>
  )
}

/** True for a filter that says something that only the further fields can show. */
function needsMore({ error, group, label, schedule, since, until }: FilterForm): boolean {
  return (
    error !== '' ||
    group !== '' ||
    label !== '' ||
    schedule !== '' ||
    until !== '' ||
    !(since in SINCE)
  )
}

/** Times as instants, which mean the same to whoever is sent the address. */
function typedIn(element: HTMLFormElement, zone: Zone): Partial<FilterForm> {
  const form = new FormData(element)
  const typed = (['q', 'label', 'schedule', 'error', 'group', 'since', 'until'] as const).flatMap(
    (name) => {
      const value = form.get(name)
      if (typeof value !== 'string') return []
      const isTime = name === 'since' || name === 'until'
      return [[name, isTime ? instantOf(value, zone) : value.trim()]]
    },
  )
  return Object.fromEntries(typed) as Partial<FilterForm>
}

function Choices({
  filter,
  onChange,
  jobs,
  more,
}: FilterProps & { jobs: readonly string[]; more: boolean }) {
  const pick = (name: keyof FilterForm) => (event: Event) =>
    onChange({ [name]: (event.target as HTMLSelectElement).value })
  return (
    <>
      <Choice name="Status" value={filter.status} onPick={pick('status')}>
        {[['', 'any'], ...STATUSES.map((status) => [status, status])]}
      </Choice>
      <Choice name="Job" value={filter.job} onPick={pick('job')}>
        {[['', 'any'], ...jobs.map((name) => [name, name])]}
      </Choice>
      {more ? null : (
        <Choice name="Created" value={filter.since} onPick={pick('since')}>
          {Object.entries(SINCE)}
        </Choice>
      )}
      <Choice name="Order" value={filter.sort} onPick={pick('sort')}>
        {[
          ['', 'newest first'],
          ['oldest', 'oldest first'],
        ]}
      </Choice>
    </>
  )
}

function MoreFilters({ filter, zone }: { filter: FilterForm; zone: Zone }) {
  return (
    <>
      <Text name="label" words="Label" value={filter.label} placeholder="name:value" />
      <Text name="schedule" words="Schedule" value={filter.schedule} placeholder="name" />
      <Text name="error" words="Error" value={filter.error} placeholder="code or name" />
      <Text name="group" words="Error group" value={filter.group} placeholder="id of the group" />
      <Text
        name="since"
        words={`Created from, ${zoneName(zone)}`}
        value={fieldOf(filter.since, zone)}
        type="datetime-local"
      />
      <Text
        name="until"
        words={`until, ${zoneName(zone)}`}
        value={fieldOf(filter.until, zone)}
        type="datetime-local"
      />
    </>
  )
}

function Choice({
  name,
  value,
  onPick,
  children,
}: {
  name: string
  value: string
  onPick: (event: Event) => void
  children: string[][]
}) {
  return (
    <label class="field">
      <span>{name}</span>
      <select onChange={onPick}>
        {children.map(([key = '', words]) => (
          <option key={key} value={key} selected={key === value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  )
}

function Text(props: {
  name: string
  words: string
  value: string
  placeholder?: string
  type?: string
}) {
  const { words, ...input } = props
  return (
    <label class="field">
      <span>{words}</span>
      <input {...input} />
    </label>
  )
}
