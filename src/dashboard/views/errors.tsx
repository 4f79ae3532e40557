import { client, type ErrorGroup, type ErrorGroupPage } from '../state/api.ts'
import { GroupList } from '../parts/errors/group-list.tsx'
import { Answer, Empty } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { useQuery } from '../state/query.ts'
import { go, type Route } from '../state/route.ts'
import { count } from '../words/words.ts'

const EVERY_MS = 3_000
const PAGE = 25

const STATES = ['open', 'dismissed', 'muted', 'resolved'] as const
type State = ErrorGroup['state']

/** What runs have failed with, equal errors as one. */
export function ErrorsView({ route: { query } }: { route: Route }) {
  const state = STATES.find((one) => one === query.get('state')) ?? 'open'
  const [job = '', cursor = ''] = ['job', 'cursor'].map((name) => query.get(name) ?? '')
  const errors = useQuery(
    `errors?${query}`,
    () => client.errors({ state, limit: PAGE, ...(job && { job }), ...(cursor && { cursor }) }),
    EVERY_MS,
  )
  const look = (to: State, ofJob: string, next = '') =>
    go(
      `/errors?${new URLSearchParams({ ...(to !== 'open' && { state: to }), ...(ofJob && { job: ofJob }), ...(next && { cursor: next }) })}`,
    )
  return (
    <>
      <h1>Errors</h1>
      <section class="sheet flush" aria-label="Groups of errors">
        <div class="head">
          <States state={state} totals={errors.data?.totals} onPick={(to) => look(to, job)} />
          <Jobs job={job} onPick={(ofJob) => look(state, ofJob)} />
        </div>
        <Answer of={errors}>
          {({ groups, nextCursor }) =>
            groups.length === 0 ? (
              <Empty>
                {state === 'open' ? 'No error is open. All is well.' : 'There are none.'}
              </Empty>
            ) : (
              <>
                <GroupList groups={groups} onDone={errors.again} />
                <Pages
                  back={cursor === '' ? undefined : () => history.back()}
                  further={nextCursor === null ? undefined : () => look(state, job, nextCursor)}
                />
              </>
            )
          }
        </Answer>
      </section>
    </>
  )
}

function States({
  state,
  totals,
  onPick,
}: {
  state: State
  totals: ErrorGroupPage['totals'] | undefined
  onPick: (state: State) => void
}) {
  return (
    <div class="chips" role="group" aria-label="Which errors">
      {STATES.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={`${one === state}`}
          onClick={() => onPick(one)}
        >
          {one} {totals === undefined ? '' : count(totals[one])}
        </button>
      ))}
    </div>
  )
}

function Jobs({ job, onPick }: { job: string; onPick: (job: string) => void }) {
  const jobs = useQuery('jobs', () => client.jobs())
  const names = (jobs.data?.jobs ?? []).map(({ name }) => name)
  return (
    <label class="row small">
      <span class="quiet">Job</span>
      <select onChange={(event: Event) => onPick((event.target as HTMLSelectElement).value)}>
        <option value="">any</option>
        {names.map((name) => (
          <option key={name} value={name} selected={name === job}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
