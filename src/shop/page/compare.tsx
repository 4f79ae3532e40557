import {
  Answer,
  go,
  ProblemNotice,
  type Route,
  type Run,
  useAction,
  useMay,
  useQuery,
} from 'dogear/page'
import { client, type Snapshot } from './client.ts'
import { CompareSetup } from './parts/compare-setup.tsx'
import { ComparePanel } from './parts/compare-panel.tsx'
import { PACES, type Pair, PAIRS, pairOf } from './pairs.ts'

const TEACHING = [
  {
    title: 'In steps',
    words:
      'You name the steps and move the cursor yourself. What a step returns is stored, and given back when a resumed run skips it. The cursor names the next item.',
  },
  {
    title: 'As an iteration',
    words:
      'You say what to walk and what to do with one item; the engine owns loop and cursor. There is nothing to get wrong, and no place for a second thought. The cursor names the last item done.',
  },
] as const

/** The same job in both styles: started together, watched, interrupted and killed, with its author's code. */
export function CompareView({ route }: { route: Route }) {
  const may = useMay()
  const pair = pairOf(route.parts[1])
  const ids = (route.query.get('runs') ?? '').split(',').filter(Boolean)
  const shop = useQuery('snapshot', () => client.snapshot(), 2_000)
  const action = useAction(shop.again)
  const start = (snapshot: Snapshot, pace: string) =>
    action.act(async () => {
      const runs = await startBoth(pair, snapshot, pace)
      go(`/compare/${pair.id}?runs=${runs.map(({ id }) => id).join(',')}`)
    })
  return (
    <>
      <div class="head">
        <h1>Side by side</h1>
        <PairChoice chosen={pair} />
      </div>
      {may('operator') ? (
        <Answer of={shop}>
          {(snapshot) => (
            <CompareSetup
              pair={pair}
              shop={snapshot}
              action={action}
              onStart={(pace) => start(snapshot, pace)}
            />
          )}
        </Answer>
      ) : null}
      <ProblemNotice problem={action.problem} />
      <div class="two">
        {pair.jobs.map((job, index) => (
          <ComparePanel
            key={`${job} ${ids[index] ?? ''}`}
            job={job}
            id={ids[index]}
            title={TEACHING[index]?.title ?? ''}
            words={TEACHING[index]?.words ?? ''}
          />
        ))}
      </div>
    </>
  )
}

function startBoth(pair: Pair, shop: Snapshot, pace: string): Promise<Run[]> {
  const commit = PACES.find(({ id }) => id === pace)?.commit
  const params = pair.params(shop)
  return Promise.all(
    pair.jobs.map((job, index) =>
      client.start(job, {
        ...(params[index] && { params: params[index] }),
        ...(commit && { commit }),
        labels: { view: 'side-by-side' },
      }),
    ),
  )
}

function PairChoice({ chosen }: { chosen: Pair }) {
  return (
    <nav class="chips" aria-label="Which pair">
      {PAIRS.map(({ id, words }) => (
        <button
          key={id}
          type="button"
          aria-pressed={`${id === chosen.id}`}
          onClick={() => go(`/compare/${id}`)}
        >
          {words}
        </button>
      ))}
    </nav>
  )
}
