import { useState } from 'hono/jsx/dom'
import { isEnded } from '../../../engine/run.ts'
import { useAction } from '../../state/action.ts'
import { client, type Commit, type Run } from '../../state/api.ts'
import { usePaged } from '../../state/paged.ts'
import { useQuery } from '../../state/query.ts'
import { go } from '../../state/route.ts'
import { useMay } from '../../state/session.tsx'
import { count, cursorWords } from '../../words/words.ts'
import { LoadMore } from '../load-more.tsx'
import { Answer, Empty, ProblemNotice } from '../notice.tsx'
import { askForParams } from './params-question.ts'
import { When } from '../status.tsx'
import { ZoneLabel } from '../zone.tsx'

const PAGE = 50
const EVERY_MS = 2_000

/** The commits, the newest first; from each a new run can go on. Asked for once somebody opens the list. */
export function Ledger({ run }: { run: Run }) {
  const [open, setOpen] = useState(false)
  return (
    <section class="sheet flush" aria-label="Ledger">
      <details
        onToggle={(event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}
      >
        <summary>
          <h2>Ledger</h2>{' '}
          <span class="quiet small">
            {count(run.commits)} {run.commits === 1 ? 'commit' : 'commits'}
            {run.pace && `, now of ${count(run.pace.items)}; the way takes ${run.pace.wayMs} ms`}:
            from where to where, by which fence
          </span>
        </summary>
        {open ? <Commits run={run} /> : null}
      </details>
    </section>
  )
}

function Commits({ run }: { run: Run }) {
  const { id, commits: total, status } = run
  const forking = useForking(run)
  const page = async (cursor?: string) => {
    const { commits, nextCursor } = await client.ledger(id, {
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    })
    return { items: commits, nextCursor }
  }
  const first = useQuery(`ledger ${id}`, () => page(), isEnded(status) ? undefined : EVERY_MS)
  const paged = usePaged(first.data, page)
  return (
    <>
      <ProblemNotice problem={forking.problem} />
      <Answer of={first}>
        {() =>
          paged.items.length === 0 ? (
            <Empty>Nothing has been committed.</Empty>
          ) : (
            <CommitTable commits={paged.items} forking={forking} />
          )
        }
      </Answer>
      <LoadMore of={paged} total={total} what="commits" />
    </>
  )
}
type Forking = ReturnType<typeof useForking>

/** Asks, forks, and goes to the new run. */
function useForking(run: Run) {
  const { act, busy, problem } = useAction()
  const fork = async ({ seq, toCursor }: Commit) => {
    const changes = await askForParams(run, {
      title: `Fork from commit ${seq}?`,
      text: `A new run of ${run.job} goes on from where this one had come to with that commit${toCursor === null ? '' : `, cursor ${cursorWords(toCursor)}`}. This run stays as it is; what it did after that commit may be met again.`,
      action: 'Fork',
    })
    if (changes) act(async () => go(`/runs/${(await client.fork(run.id, { seq, ...changes })).id}`))
  }
  return { fork, busy, problem }
}

function CommitTable({ commits, forking }: { commits: readonly Commit[]; forking: Forking }) {
  return (
    <div class="scroll tall" tabIndex={0}>
      <table class="small">
        <thead>
          <tr>
            <th class="figure">Seq</th>
            <th>Step</th>
            <th>From</th>
            <th>To</th>
            <th class="figure">Items</th>
            <th class="figure">Fence</th>
            <th>
              When <ZoneLabel />
            </th>
            <th>
              <span class="unseen">Fork</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {commits.map((commit) => (
            <Row key={commit.seq} commit={commit} forking={forking} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ commit, forking: { fork, busy } }: { commit: Commit; forking: Forking }) {
  const may = useMay()
  return (
    <tr>
      <td class="figure">{commit.seq}</td>
      <td>{commit.step}</td>
      <td class="mono">{cursorWords(commit.fromCursor)}</td>
      <td class="mono">{cursorWords(commit.toCursor)}</td>
      <td class="figure">{count(commit.items)}</td>
      <td class="figure">{commit.fence}</td>
      <td>
        <When at={commit.at} />
      </td>
      <td>
        {commit.forkable && may('operator') ? (
          <button type="button" class="small" disabled={busy} onClick={() => void fork(commit)}>
            Fork<span class="unseen"> from commit {commit.seq}</span>
          </button>
        ) : null}
      </td>
    </tr>
  )
}
