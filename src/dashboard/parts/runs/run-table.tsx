import type { Run } from '../../state/api.ts'
import type { Choosing } from '../../state/choosing.ts'
import { pace } from '../../figures/rate-series.ts'
import { useRates } from '../../state/rates.ts'
import { count, duration } from '../../words/words.ts'
import { Cursor, ProgressBar, StatusBadge, When } from '../status.tsx'
import { ZoneLabel } from '../zone.tsx'
import { href } from '../../state/base.ts'

/** Runs as rows. With `choosing` each can be ticked. */
export function RunTable({
  runs,
  choosing,
}: {
  runs: readonly Run[]
  choosing: Choosing | undefined
}) {
  const rateOf = useRates(runs)
  return (
    <table class="runs">
      <thead>
        <tr>
          {choosing ? (
            <th>
              <Tick words="Choose all on this page" runs={runs} choosing={choosing} />
            </th>
          ) : null}
          <th>Run</th>
          <th>Status</th>
          <th>Progress</th>
          <th class="wide-only">Where</th>
          <th class="wide-only figure">Slices</th>
          <th class="wide-only">
            Created <ZoneLabel />
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} itemsPerSecond={rateOf(run)} choosing={choosing} />
        ))}
      </tbody>
    </table>
  )
}

function Row({
  run,
  itemsPerSecond,
  choosing,
}: {
  run: Run
  itemsPerSecond: number | undefined
  choosing: Choosing | undefined
}) {
  return (
    <tr>
      {choosing ? (
        <td>
          <Tick
            words={`Choose run ${run.id.slice(0, 8)} of ${run.job}`}
            runs={[run]}
            choosing={choosing}
          />
        </td>
      ) : null}
      <td>
        <Name run={run} />
      </td>
      <td>
        <StatusBadge run={run} />
        {run.error ? (
          <div class="small quiet error-name">{run.error.code ?? run.error.name}</div>
        ) : null}
      </td>
      <td>
        <ProgressBar run={run} />
        <Pace run={run} itemsPerSecond={itemsPerSecond} />
      </td>
      <td class="wide-only small">
        {run.step} <Cursor value={run.cursor} />
      </td>
      <td class="wide-only figure">{count(run.slices)}</td>
      <td class="wide-only small">
        <When at={run.createdAt} />
      </td>
    </tr>
  )
}

function Tick({
  words,
  runs,
  choosing: { chosen, choose },
}: {
  words: string
  runs: readonly Run[]
  choosing: Choosing
}) {
  const ids = runs.map(({ id }) => id)
  return (
    <input
      type="checkbox"
      aria-label={words}
      checked={ids.every((id) => chosen.has(id))}
      onChange={(event: Event) => choose(ids, (event.target as HTMLInputElement).checked)}
    />
  )
}

/** Of which job it is, with its id and labels. */
function Name({ run: { id, job, labels } }: { run: Run }) {
  return (
    <>
      <a href={href(`/runs/${id}`)} class="strong">
        {job}
      </a>
      <div class="small quiet">
        <span class="mono">{id.slice(0, 8)}</span>
        {Object.entries(labels ?? {}).map(([name, value]) => (
          <span key={name} class="badge plain">
            {name}:{value}
          </span>
        ))}
      </div>
    </>
  )
}

function Pace({ run, itemsPerSecond }: { run: Run; itemsPerSecond: number | undefined }) {
  const { perSecond, leftMs } = pace(run.progress, itemsPerSecond)
  if (perSecond === undefined) return null
  return (
    <div class="small quiet figure rate">
      {count(perSecond)}/s{leftMs === undefined ? '' : `, ${duration(leftMs)} left`}
    </div>
  )
}
